/**
 * Delivers a result to its user, once: as a photo or as a file, several as albums (album.ts), as a reply to the request. Owns
 * what is tried when Telegram refuses a form or a chat, or does not answer.
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
import { type Drawing } from "../../images/drawing/mod.ts";
import { extensionOf, stillOf, withoutMetadata } from "../../images/mod.ts";
import { type Delivered, type Job, type KeptReason, resultFilesOf } from "../../jobs/mod.ts";
import { InvalidParametersError } from "../../lib/mod.ts";
import { type Delivery, type NoteSending, type ReadResult } from "../../worker/mod.ts";
import { isTransient, type Refusal, refusalOf } from "../api/mod.ts";
import { fileIdsIn, partsOf, sendAlbum } from "./album.ts";
import { resultCaption, resultKeyboard } from "./job_keyboards.ts";
import { type Form, formsFor, isTooLarge, type Place } from "./result_form.ts";
import type { SendOnce } from "./send_once.ts";

const log = getLogger(["bot", "telegram", "status"]);

type Bytes = Uint8Array<ArrayBuffer>;

export interface DeliveryDeps {
  /** Tries each call once, and at once. */
  readonly once: Api;
  readonly sendOnce: SendOnce;
  /** Whether the file keeps the graph that ComfyUI wrote into it. */
  readonly keepMetadata: () => boolean;
  /** A picture as a smaller one, and one that can be seen through as it is shown; see Drawing. */
  readonly drawing: Pick<Drawing, "shrink" | "chequered">;
  /** Notes what it sends, so that a search for a result leaves that out. */
  readonly api: Api;
}

/** A result, as it is asked for by the worker and by who fetches one that was kept. */
export interface ResultToSend {
  readonly job: Job;
  /** Its first file. */
  readonly result: Bytes;
  readonly note: NoteSending;
  /** Reads the further ones. */
  readonly read: ReadResult;
}

/**
 * Sends the result to the first of `places` that takes it, and looks for it first wherever it may have been sent without an
 * answer. By default these are where it was asked for, and its user's private chat. Says why it is to be kept where none
 * takes it, and takes back what it has noted. Rejects only when `signal` aborts.
 */
export async function deliver(
  deps: DeliveryDeps,
  { job, result, note, read }: ResultToSend,
  places: readonly Place[] = placesOf(job),
): Promise<Delivery> {
  const files = await prepare(deps, job, result, read);
  if (files.isShrunk && !job.isShrunk) await note({ isShrunk: true });
  job = files.isShrunk ? { ...job, isShrunk: true } : job;
  let reason: KeptReason = "place";
  for (const place of places) {
    try {
      const delivered = files.album
        ? await sendAlbum({ ...deps, load: files.load, note }, job, files.album, place, sendAs)
        : await sendOne(deps, { job, result: files.first, note, read }, place);
      return { type: "delivered", delivered };
    } catch (error) {
      const kind = kindOfRefusal(error);
      reason = kind === "form" || kind === "other"
        ? "form"
        : kind === "person"
        ? "person"
        : "place";
      // What is refused was looked for, and is not there.
      job = { ...job, sendMark: undefined };
    }
  }
  // There is nothing to be looked for when it is fetched: whatever follows the mark by then is another's.
  await note({ sendMark: undefined, album: undefined, isPreviewed: undefined });
  return { type: "kept", reason };

  /** Tries the form, then a file, as long as it is the form that Telegram refuses. */
  async function sendAs<T>(form: Form, send: (form: Form) => Promise<T>): Promise<T> {
    return await firstTaken(job, form === "photo" ? ["photo", "file"] : ["file"], send);
  }
}

/** What goes out of a result: one file, or albums whose files are loaded when it is their turn. */
interface Prepared {
  readonly first: Bytes;
  readonly album: ReturnType<typeof partsOf> | undefined;
  readonly load: (file: string) => Promise<Bytes>;
  /** True where a picture is smaller than it was. */
  readonly isShrunk: boolean;
}

async function prepare(
  { keepMetadata, drawing }: DeliveryDeps,
  job: Job,
  result: Bytes,
  read: ReadResult,
): Promise<Prepared> {
  let isShrunk = false;

  async function ready(bytes: Bytes): Promise<Bytes> {
    const own = keepMetadata() ? bytes : withoutMetadata(bytes);
    if (!isTooLarge(own)) return own;
    // The Worker takes the bytes that it is given.
    const smaller = await drawing.shrink(() => Promise.resolve(own.slice()));
    isShrunk ||= smaller !== undefined;
    return smaller ?? own;
  }

  async function load(file: string): Promise<Bytes> {
    const bytes = await read(file);
    if (!bytes) throw new InvalidParametersError(`Cannot send ${file}: it is gone`);
    return await ready(bytes);
  }

  const first = await ready(result);
  const [, ...more] = resultFilesOf(job);
  const files = [{
    file: job.resultFile ?? "",
    form: formsFor(job, first)[0]!,
    size: first.length,
  }];
  for (const file of more) {
    const bytes = await read(file);
    if (!bytes) continue;
    const own = await ready(bytes);
    files.push({ file, form: formsFor(job, own)[0]!, size: own.length });
  }
  return { first, album: files.length > 1 ? partsOf(files) : undefined, load, isShrunk };
}

/**
 * Shows a file that can be seen through on a ground of squares: a client shows nothing of that. At most once, and before the file, so
 * that it is not in the way of a search for it. Where Telegram refuses it, the file goes without.
 */
async function showOnGround(
  { api, drawing }: DeliveryDeps,
  { job, result, note }: ResultToSend,
  { chatId, threadId }: Place,
): Promise<void> {
  const isFirst = !job.isPreviewed && job.sendMark === undefined;
  if (!isFirst || formsFor(job, result)[0] !== "file" || !stillOf(result)?.hasAlpha) return;
  const shown = await drawing.chequered(() => Promise.resolve(result.slice()));
  if (!shown) return;
  await note({ isPreviewed: true });
  try {
    await api.sendPhoto(chatId, new InputFile(shown, "preview.jpg"), {
      ...(threadId === undefined ? {} : { message_thread_id: threadId }),
    });
  } catch (error) {
    kindOfRefusal(error);
  }
}

/** A result of one file, with its buttons. */
async function sendOne(
  deps: DeliveryDeps,
  toSend: ResultToSend,
  place: Place,
): Promise<Delivered> {
  const { once, sendOnce } = deps;
  const { job, result, note } = toSend;
  await showOnGround(deps, toSend, place);
  let { sendMark } = job;
  return await firstTaken(job, formsFor(job, result), (form) => {
    const asked = { ...job, sendMark };
    // It is looked for once.
    sendMark = undefined;
    return sendOnce<Delivered>({
      job: asked,
      kind: "result",
      chatId: place.chatId,
      note: (mark) => note({ sendMark: mark }),
      send: async () => deliveredOf(await send(once, job, result, form, place), job),
      found: (messageId, chatId) => ({ messageId, ...elsewhere(chatId, job) }),
    });
  });
}

/** What the first form gives that Telegram does not refuse; rejects with its last refusal. */
async function firstTaken<T>(
  job: Job,
  forms: readonly Form[],
  send: (form: Form) => Promise<T>,
): Promise<T> {
  for (const [i, form] of forms.entries()) {
    try {
      return await send(form);
    } catch (error) {
      const kind = kindOfRefusal(error);
      log.warn("Telegram refuses the {form} of job {jobId}: {error}", {
        form,
        jobId: job.id,
        error: error instanceof GrammyError ? error.description : "",
      });
      if (i === forms.length - 1 || kind !== "form" && kind !== "other") throw error;
    }
  }
  throw new Error("Cannot send: there is no form to try");
}

/** What Telegram refuses for good; any other error is thrown on. */
function kindOfRefusal(error: unknown): Refusal["kind"] {
  const refusal = refusalOf(error);
  if (!refusal || isTransient(error)) throw error;
  return refusal.kind;
}

/** Where the result of a job goes: where it was asked for, else to its user alone. */
function placesOf({ origin }: Job): readonly Place[] {
  const { chatId, threadId, messageId, userId, isPrivate } = origin;
  const asked = { chatId, threadId, replyTo: messageId || undefined };
  // A group or a channel as the sender has no private chat.
  return isPrivate || userId < 0 ? [asked] : [asked, { chatId: userId }];
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
  return {
    messageId: message.message_id,
    ...elsewhere(message.chat.id, job),
    ...fileIdsIn(message),
  };
}

function elsewhere(chatId: number, { origin }: Job): { readonly chatId?: number } {
  return chatId === origin.chatId ? {} : { chatId };
}
