/**
 * Status messages: the state of a job as a message that is edited, with a button that cancels the job; where a preview is
 * shown, the message is a photo and the text is its caption. Owns the content of each message. Its id is in the job's
 * record, so that a restarted bot goes on with the same one.
 */
import { getLogger } from "@logtape/logtape";
import { type Api, GrammyError, InputFile, InputMediaBuilder } from "grammy";
import { isEnd, type Job, type JobQueue } from "../../jobs/mod.ts";
import { messageOf, retryOnDiskError } from "../../lib/mod.ts";
import { type PictureBytes } from "../../worker/mod.ts";
import { apiSignal, isTransient } from "../api/mod.ts";
import type { FindMessage } from "./find_message.ts";
import { cancelKeyboard } from "./job_keyboards.ts";
import type { SendOnce } from "./send_once.ts";

const log = getLogger(["bot", "telegram", "status"]);

/** What is shown of a job. */
export interface Status {
  readonly text: string;
  /** The picture as it forms. */
  readonly picture?: PictureBytes | undefined;
}

/** One way to show a job's state in its chat: the port that the status message and the message draft both are. */
export interface StatusView {
  /**
   * Shows it in place of what the view has shown of the job before; costs no call where that is the same. False where
   * Telegram does not take it in this form, now and for the rest of the process. Rejects where the call fails, or when
   * the signal aborts; it may have taken effect all the same.
   */
  show(job: Job, status: Status, signal: AbortSignal): Promise<boolean>;
  /** Takes it away; never throws. */
  remove(job: Job): Promise<void>;
}

export interface StatusMessages extends StatusView {
  /** The job ended without a result: the words stay in the chat, in the status message's place or as a new one. */
  end(job: Job, text: string): Promise<void>;
  /** Stores that the user knows of the job's end, when the disk takes it. */
  settle(job: Job, signal: AbortSignal): Promise<void>;
}

/** Pause before that is stored again. */
const settleMs = 2_000;

/** What stands in a message. */
interface Face {
  readonly chatId: number;
  /** Undefined for a message of a former process. */
  text: string | undefined;
  /** The message's id, from when it is sent: a full disk may keep it from the record, and it must not be sent again. */
  id: number | undefined;
  /** Undefined where it is unknown: a picture for it was sent and got no answer. */
  isPhoto: boolean | undefined;
  /** The user has deleted it, or the bot may not write there: it is left alone. */
  isGone: boolean;
}

/** True for Telegram's no to what was asked, which repeating would not change. */
function isRefusal(error: unknown): error is GrammyError {
  return error instanceof GrammyError && !isTransient(error);
}

/** The ways out on which a message is sent that must not come twice. */
export interface StatusSending {
  /** Tries each call once, and at once. */
  readonly once: Api;
  readonly sendOnce: SendOnce;
  /** In the chat's turn. */
  readonly find: FindMessage;
}

export interface StatusMessagesDeps {
  readonly api: Api;
  readonly sending: StatusSending;
  readonly queue: Pick<JobQueue, "get" | "update" | "unsettled" | "byResult">;
}

/** Makes the view; what stands in the messages of a former process is found out when they are edited. */
export function createStatusMessages(deps: StatusMessagesDeps): StatusMessages {
  const { api, queue, sending: { once, sendOnce, find } } = deps;
  const faces = new Map<string, Face>();
  const sending = new Map<string, Promise<void>>();

  function faceOf(job: Job): Face {
    const { chatId } = job.origin;
    const known = faces.get(job.id);
    // A group that has another id has left the message in the old one.
    const face = known?.chatId === chatId ? known : {
      chatId,
      text: undefined,
      id: undefined,
      isPhoto: false,
      isGone: false,
    };
    faces.set(job.id, face);
    return face;
  }

  /** The id of the job's message, when one that is being sent is there. */
  async function idOf(job: Job): Promise<number | undefined> {
    await sending.get(job.id)?.catch(() => {});
    const now = await queue.get(job.id) ?? job;
    return now.statusMessageId ?? faceOf(now).id ??
      (now.statusMark && await find(now, "status", now.statusMark));
  }

  async function send(way: Api, job: Job, text: string): Promise<number> {
    const { chatId, messageId, threadId } = job.origin;
    const message = await way.sendMessage(chatId, text, {
      ...(messageId === 0
        ? {}
        : { reply_parameters: { message_id: messageId, allow_sending_without_reply: true } }),
      ...(threadId === undefined ? {} : { message_thread_id: threadId }),
      // The result rings, the way to it does not.
      ...(isEnd(job.state)
        ? {}
        : { reply_markup: cancelKeyboard(job), disable_notification: true }),
    });
    return message.message_id;
  }

  /** Begins a job's message. It is not aborted: its id must get into the record. */
  async function begin(job: Job, face: Face, text: string): Promise<void> {
    const begun = sendOnce({
      job,
      kind: "status",
      note: (statusMark) => queue.update(job.id, { statusMark }),
      send: () => send(once, job, text),
      found: (messageId) => messageId,
    }).then(async (statusMessageId) => {
      Object.assign(face, { text, id: statusMessageId, isPhoto: false });
      await queue.update(job.id, { statusMessageId });
    }).catch(async (error) => {
      if (!isRefusal(error)) throw error;
      face.isGone = true;
      // There is nothing to be looked for: whatever follows the mark by then is another's.
      await queue.update(job.id, { statusMark: undefined });
    });
    sending.set(job.id, begun);
    try {
      await begun;
    } finally {
      sending.delete(job.id);
    }
  }

  async function editText(job: Job, id: number, text: string, signal?: AbortSignal): Promise<void> {
    const markup = isEnd(job.state) ? {} : { reply_markup: cancelKeyboard(job) };
    await api.editMessageText(job.origin.chatId, id, text, markup, signal && apiSignal(signal));
  }

  /** Changes the words, as text or as the caption of a photo. */
  async function edit(
    job: Job,
    face: Face,
    { id, text }: { readonly id: number; readonly text: string },
    signal: AbortSignal,
  ): Promise<void> {
    if (!face.isPhoto) {
      try {
        await editText(job, id, text, signal);
      } catch (error) {
        if (!isRefusal(error) || !/no text in the message/i.test(error.description)) throw error;
        // A former process has made a photo of it.
        face.isPhoto = true;
      }
    }
    if (face.isPhoto) {
      const markup = { reply_markup: cancelKeyboard(job) };
      await api.editMessageCaption(
        job.origin.chatId,
        id,
        { caption: text, ...markup },
        apiSignal(signal),
      );
    }
    face.text = text;
  }

  /** Makes the message a photo, or changes the photo. False where Telegram refuses that. */
  async function turnIntoPhoto(
    job: Job,
    face: Face,
    { id, text, picture: { bytes, mime } }: {
      readonly id: number;
      readonly text: string;
      readonly picture: PictureBytes;
    },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { chatId } = job.origin;
    const file = new InputFile(bytes, `preview.${mime === "image/png" ? "png" : "jpg"}`);
    const media = InputMediaBuilder.photo(file, { caption: text });
    const before = face.isPhoto;
    face.isPhoto = before || undefined;
    try {
      await api.editMessageMedia(
        chatId,
        id,
        media,
        { reply_markup: cancelKeyboard(job) },
        apiSignal(signal),
      );
    } catch (error) {
      if (!isRefusal(error)) throw error;
      face.isPhoto = before;
      if (/message to edit not found/i.test(error.description)) throw error;
      log.info("Telegram does not accept previews ({description}): text only from now on", {
        description: error.description,
      });
      return false;
    }
    Object.assign(face, { text, isPhoto: true });
    return true;
  }

  async function discard(job: Job, id: number): Promise<void> {
    try {
      await api.deleteMessage(job.origin.chatId, id);
    } catch (error) {
      if (isTransient(error)) throw error;
      log.info("Cannot delete the status message of job {jobId}: {error}", {
        jobId: job.id,
        error: messageOf(error),
      });
    }
  }

  return {
    async show(job, { text, picture }, signal) {
      const face = faceOf(job);
      if (face.isGone) return true;
      signal.throwIfAborted();
      const id = job.statusMessageId ?? face.id;
      if (id === undefined) {
        await begin(job, face, text);
        return true;
      }
      if (job.statusMessageId === undefined) await queue.update(job.id, { statusMessageId: id });
      try {
        const isTaken = picture && await turnIntoPhoto(job, face, { id, text, picture }, signal);
        if (!isTaken && face.text !== text) await edit(job, face, { id, text }, signal);
        return isTaken ?? true;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        face.isGone = true;
        return true;
      }
    },

    async remove(job) {
      const id = await idOf(job);
      if (id !== undefined) await discard(job, id);
      faces.delete(job.id);
    },

    async end(job, text) {
      const id = await idOf(job);
      if (id !== undefined && faceOf(job).isPhoto === false) {
        try {
          await editText(job, id, text);
          faces.delete(job.id);
          return;
        } catch (error) {
          // A former process has made a photo of it, or the user has deleted it.
          if (!isRefusal(error)) throw error;
        }
      }
      // Half a picture is no result: it does not stay.
      if (id !== undefined) await discard(job, id);
      await send(api, job, text).catch((error) => {
        if (!isRefusal(error)) throw error;
      });
      faces.delete(job.id);
    },

    async settle(job, signal) {
      await retryOnDiskError(() => queue.update(job.id, { settled: true }), {
        what: `that the end of job ${job.id} is told`,
        retryMs: settleMs,
        signal,
      });
    },
  };
}
