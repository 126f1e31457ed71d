/**
 * The result's way to its user: as a photo or as a file, as a reply to what they sent, once. Owns its caption, and what is
 * tried where Telegram refuses a form or a place, or does not answer.
 *
 *   the place that asked: a photo, then a file, or the other way round
 *     ├──place, user, no form taken──▶ the user's private chat, where a group asked ──the same──▶ kept
 *     └──credentials, passing──▶ the same again, until it is taken
 *
 * A group's new id and a topic that is gone are telegram/api/addresses.ts's.
 */
import { getLogger } from "@logtape/logtape";
import { type Api, GrammyError, InputFile } from "grammy";
import type { Message } from "grammy/types";
import {
  documentProblem,
  extensionOf,
  photoProblem,
  stillOf,
  withoutMetadata,
} from "../../images/mod.ts";
import { type Delivered, type Job, type KeptReason, type SendMark } from "../../jobs/mod.ts";
import { type Delivery } from "../../worker/mod.ts";
import { isTransient, refusalOf } from "../api/mod.ts";
import { resultCaption, resultKeyboard } from "./job_keyboards.ts";
import type { SendOnce } from "./send_once.ts";

const log = getLogger(["bot", "telegram", "status"]);

type Form = "photo" | "file";

/** Where a result may go. */
export interface Place {
  readonly chatId: number;
  readonly threadId?: number | undefined;
  /** The message that it replies to. */
  readonly replyTo?: number | undefined;
}

export interface DeliveryDeps {
  /** Tries each call once, and at once. */
  readonly once: Api;
  readonly sendOnce: SendOnce;
  /** Whether the file keeps the graph that ComfyUI wrote into it. */
  readonly keepMetadata: () => boolean;
}

/**
 * Sends the result to the first of `places` that takes it, and looks for it first wherever it may have been sent without an
 * answer. By default these are where it was asked for, and its user's private chat. Says why it is to be kept where none
 * takes it, and takes back what it has noted. Rejects only when `signal` aborts.
 */
export async function deliver(
  { once, sendOnce, keepMetadata }: DeliveryDeps,
  job: Job,
  result: Uint8Array<ArrayBuffer>,
  note: (mark: SendMark | undefined) => Promise<unknown>,
  places: readonly Place[] = placesOf(job),
): Promise<Delivery> {
  const bytes = keepMetadata() ? result : withoutMetadata(result);
  let sendMark = job.sendMark;
  let reason: KeptReason = "place";
  for (const place of places) {
    const forms = [...formsFor(job, bytes)];
    for (let form = forms.shift(); form; form = forms.shift()) {
      const { chatId } = place;
      const as = form;
      try {
        const delivered = await sendOnce<Delivered>({
          job: { ...job, sendMark },
          kind: "result",
          chatId,
          note,
          send: async () => deliveredOf(await send(once, job, bytes, as, place), job),
          found: (messageId, chatId) => ({ messageId, ...elsewhere(chatId, job) }),
        });
        return { type: "delivered", delivered };
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal || isTransient(error)) throw error;
        log.warn("Telegram refuses the {form} of job {jobId} in {chatId}: {error}", {
          form,
          jobId: job.id,
          chatId,
          error: error instanceof GrammyError ? error.description : "",
        });
        // What is refused was looked for, and is not there.
        sendMark = undefined;
        const { kind } = refusal;
        if (kind === "form" || kind === "other") reason = "form";
        else {
          reason = kind === "person" ? "person" : "place";
          break;
        }
      }
    }
  }
  // There is nothing to be looked for when it is fetched: whatever follows the mark by then is another's.
  await note(undefined);
  return { type: "kept", reason };
}

/** Where the result of a job goes: where it was asked for, else to its user alone. */
function placesOf({ origin }: Job): readonly Place[] {
  const { chatId, threadId, messageId, userId, isPrivate } = origin;
  const asked = { chatId, threadId, replyTo: messageId || undefined };
  // A group or a channel as the sender has no private chat.
  return isPrivate || userId < 0 ? [asked] : [asked, { chatId: userId }];
}

/** The forms to try, the wanted one first; one that Telegram would refuse goes last. What moves or is no picture is a file. */
function formsFor(job: Job, bytes: Uint8Array): readonly Form[] {
  const still = stillOf(bytes);
  if (!still) return ["file"];
  // A photo is a JPEG for every client.
  const losesAsPhoto = still.hasAlpha || still.bitDepth > 8;
  const wanted = job.delivery === "auto"
    ? losesAsPhoto || job.pictures.some((picture) => picture.asFile) ? "file" : "photo"
    : job.delivery;
  const refused = wanted === "photo"
    ? !!photoProblem(still)
    : !!documentProblem({ bytes: bytes.length });
  const other: Form = wanted === "photo" ? "file" : "photo";
  return refused ? [other, wanted] : [wanted, other];
}

async function send(
  api: Api,
  job: Job,
  bytes: Uint8Array,
  form: Form,
  { chatId, threadId, replyTo }: Place,
): Promise<Message> {
  const file = new InputFile(bytes, `image-edit-${job.id}.${extensionOf(bytes)}`);
  const options = {
    caption: resultCaption(job),
    reply_markup: resultKeyboard(job),
    ...(replyTo === undefined
      ? {}
      : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
    ...(threadId === undefined ? {} : { message_thread_id: threadId }),
  };
  return form === "photo"
    ? await api.sendPhoto(chatId, file, options)
    : await api.sendDocument(chatId, file, {
      ...options,
      disable_content_type_detection: true,
    });
}

function deliveredOf(message: Message, job: Job): Delivered {
  const photo = message.photo?.at(-1);
  return {
    messageId: message.message_id,
    ...elsewhere(message.chat.id, job),
    ...(photo ? { photoFileId: photo.file_id } : {}),
    ...(message.document ? { documentFileId: message.document.file_id } : {}),
  };
}

function elsewhere(chatId: number, { origin }: Job): { readonly chatId?: number } {
  return chatId === origin.chatId ? {} : { chatId };
}
