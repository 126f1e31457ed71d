/**
 * The result's way to its person: as a photo or as a file, as a reply to what they sent, once. Owns its caption and what is
 * tried where Telegram refuses one of the two forms, or does not answer.
 */
import { getLogger } from "@logtape/logtape";
import { type Api, GrammyError, InputFile } from "grammy";
import type { Message } from "grammy/types";
import { documentProblem, inspectImage, photoProblem, stripPngText } from "../image.ts";
import type { Delivered, Job, SendMark } from "../job.ts";
import { resultCaption } from "./job_message.ts";
import { resultKeyboard } from "./result_buttons.ts";
import type { SendSingle } from "./single_send.ts";
import { isPassing } from "./until_taken.ts";

const log = getLogger(["bot", "telegram"]);

type Form = "photo" | "file";

export interface DeliveryDeps {
  /** Tries each call once, and at once. */
  readonly once: Api;
  readonly sendSingle: SendSingle;
  /** Whether the file keeps the graph that ComfyUI wrote into it. */
  readonly keepMetadata: () => boolean;
}

/**
 * Sends the result, and looks for it first wherever it may have been sent without an answer. Undefined where Telegram
 * will never take it: the person has blocked the bot, the chat is gone. Rejects only when `signal` aborts.
 */
export async function deliver(
  { once, sendSingle, keepMetadata }: DeliveryDeps,
  job: Job,
  result: Uint8Array<ArrayBuffer>,
  note: (mark: SendMark) => Promise<unknown>,
): Promise<Delivered | undefined> {
  const bytes = keepMetadata() ? result : stripPngText(result);
  for (const form of formsFor(job, bytes)) {
    try {
      return await sendSingle<Delivered>({
        job,
        kind: "result",
        note,
        send: async () => deliveredOf(await send(once, job, bytes, form)),
        found: (messageId) => ({ messageId }),
      });
    } catch (error) {
      if (!(error instanceof GrammyError) || isPassing(error)) throw error;
      log.warn("Telegram refuses the {form} of job {jobId}: {error}", {
        form,
        jobId: job.id,
        error: error.description,
      });
      if (error.error_code !== 400 && error.error_code !== 413) return undefined;
      // What is refused was looked for, and is not there.
      job = { ...job, sendMark: undefined };
    }
  }
  return undefined;
}

/** The forms to try, the wanted one first; one that Telegram would refuse goes last. */
function formsFor(job: Job, bytes: Uint8Array): readonly Form[] {
  const wanted = job.delivery === "auto"
    ? job.pictures.some((picture) => picture.asFile) ? "file" : "photo"
    : job.delivery;
  const refused = wanted === "photo"
    ? !fitsPhoto(bytes)
    : !!documentProblem({ bytes: bytes.length });
  const other: Form = wanted === "photo" ? "file" : "photo";
  return refused ? [other, wanted] : [wanted, other];
}

function fitsPhoto(bytes: Uint8Array): boolean {
  const inspected = inspectImage(bytes, {
    maxBytes: Infinity,
    allowedFormats: ["jpeg", "png", "webp"],
  });
  // What is not understood here may still be a photo for Telegram.
  return !inspected.ok || !photoProblem(inspected.image);
}

async function send(
  api: Api,
  job: Job,
  bytes: Uint8Array,
  form: Form,
): Promise<Message> {
  const { chatId, messageId, threadId } = job.origin;
  const file = new InputFile(bytes, `image-edit-${job.id}.png`);
  const options = {
    caption: resultCaption(job),
    reply_markup: resultKeyboard(job),
    reply_parameters: { message_id: messageId, allow_sending_without_reply: true },
    ...(threadId === undefined ? {} : { message_thread_id: threadId }),
  };
  return form === "photo"
    ? await api.sendPhoto(chatId, file, options)
    : await api.sendDocument(chatId, file, {
      ...options,
      disable_content_type_detection: true,
    });
}

function deliveredOf(message: Message): Delivered {
  const photo = message.photo?.at(-1);
  return {
    messageId: message.message_id,
    ...(photo ? { photoFileId: photo.file_id } : {}),
    ...(message.document ? { documentFileId: message.document.file_id } : {}),
  };
}
