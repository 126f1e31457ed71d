/**
 * Finds a job's message that may have been sent: a send has no idempotency key, so after a kill or a cut connection nothing
 * knows whether it took effect. The keyboard of a job's messages names the job. The messages after a known id are edited to
 * what the sought message is: "message is not modified" proves that it has been sent.
 *
 * Any other answer has changed another message. So messages that are known to be others are left out
 * (api/message_ids.ts, other_messages.ts), and a result is sought by its caption, which texts do not have. A message that was
 * changed all the same is recognised by what it replies to, or by its recorded look, and is restored.
 */
import { type Api, GrammyError } from "grammy";
import type { Message } from "grammy/types";
import { textIn } from "../../i18n/mod.ts";
import { isEnd, type Job, type JobQueue, type SendMark } from "../../jobs/mod.ts";
import { countsWithPrivates, type MessageIds, retryUntilDelivered, writerOf } from "../api/mod.ts";
import type { Look, OtherMessages } from "./other_messages.ts";
import {
  albumCaption,
  albumKeyboard,
  cancelKeyboard,
  resultCaption,
  resultKeyboard,
} from "./job_keyboards.ts";

/**
 * The messages of a job: the picture with the buttons, and the state with the one that gives it up; of several pictures albums,
 * each told by the caption of its first one, and the message with the buttons after them.
 */
export type MessageKind = "result" | "status" | "buttons" | AlbumCaption;

export interface AlbumCaption {
  readonly caption: string;
}

export interface FindMessageDeps {
  /** Tries each call once. */
  readonly asking: Api;
  readonly sent: MessageIds;
  readonly others: Pick<OtherMessages, "ready" | "lookOf">;
  readonly queue: Pick<JobQueue, "live" | "unsettled" | "kept" | "byResult">;
  /** Ends the wait for a Telegram that is away. */
  readonly signal: AbortSignal;
}

/**
 * The id of the job's message, if it was sent after `mark`; undefined where it was not found. Makes some dozen calls, each
 * until Telegram takes it. Rejects only when the signal aborts.
 */
export type FindMessage = (
  job: Job,
  kind: MessageKind,
  mark: SendMark,
) => Promise<number | undefined>;

/** Where a message is asked about. */
interface Spot {
  readonly chatId: number;
  readonly id: number;
}

/** How many ids after the mark are asked about at most: what one bot has under way at a time, with room. */
const maxTries = 32;

export function createFindMessage(
  { asking, sent, others, queue, signal }: FindMessageDeps,
): FindMessage {
  /** Makes the message what that of the job is, or that without its buttons. `true` where it was so already. */
  function dress(
    { chatId, id }: Spot,
    job: Job,
    { kind, bare = false }: { readonly kind: MessageKind; readonly bare?: boolean },
  ): Promise<true | Message> {
    if (typeof kind === "object") {
      return asking.editMessageCaption(chatId, id, bare ? {} : { caption: kind.caption });
    }
    const buttons = kind === "status"
      ? cancelKeyboard(job)
      : kind === "buttons"
      ? albumKeyboard(job)
      : resultKeyboard(job);
    const markup = bare ? {} : { reply_markup: buttons };
    return kind === "result"
      ? asking.editMessageCaption(chatId, id, { caption: resultCaption(job), ...markup })
      : asking.editMessageReplyMarkup(chatId, id, markup);
  }

  /** What Telegram says to `dress`; an answer that says "it was so" is none where a try before it got no answer. */
  async function ask(spot: Spot, job: Job, kind: MessageKind): Promise<true | Message> {
    let isDoubtful = false;
    return await retryUntilDelivered(async () => {
      if (isDoubtful) await dress(spot, job, { kind, bare: true });
      try {
        return await dress(spot, job, { kind });
      } catch (error) {
        isDoubtful ||= !(error instanceof GrammyError) || error.error_code >= 500;
        throw error;
      }
    }, { what: `a question about a message of ${spot.chatId}`, signal });
  }

  /**
   * The job that the changed message is of: one whose record tells of it, since it was sent only now, or by what it replies
   * to; undefined where none is, or several may be. What stands of a job at an end has no buttons, but for the one that is
   * sought.
   */
  async function ownerOf(message: Message, sought: Job) {
    const { chat, message_id, photo, document, reply_to_message } = message;
    const isPicture = photo !== undefined || document !== undefined;
    const kindOf = (job: Job): MessageKind => {
      if (!isPicture) return "status";
      const isAlbum = job.moreFiles ?? (job.batch && message.media_group_id);
      return isAlbum ? { caption: albumCaption(job) } : "result";
    };
    const noted = isPicture
      ? await queue.byResult(chat.id, message_id)
      : queue.live().find(({ origin, statusMessageId }) =>
        origin.chatId === chat.id && statusMessageId === message_id
      );
    if (noted) return { job: noted, kind: kindOf(noted) };
    const writer = reply_to_message && writerOf(reply_to_message);
    // One that its user fetches has ended long ago, and a kill in the middle leaves it so.
    const fetched = writer === undefined ? [] : await queue.kept(writer);
    const jobs = [...queue.unsettled(), ...fetched.filter(({ settled }) => settled)].filter((job) =>
      job.origin.chatId === chat.id && job.origin.messageId === reply_to_message?.message_id &&
      (isPicture
        ? job.sendMark !== undefined && !job.delivered
        : job.statusMark !== undefined && job.statusMessageId === undefined &&
          (!isEnd(job.state) || job.id === sought.id))
    );
    return jobs.length === 1 ? { job: jobs[0]!, kind: kindOf(jobs[0]!) } : undefined;
  }

  /** Asks about one id; true where the job's message has it. */
  async function isAt(spot: Spot, job: Job, kind: MessageKind): Promise<boolean> {
    const answer = await ask(spot, job, kind);
    if (answer === true) return true;
    if (kind === "buttons" && answer.reply_to_message?.message_id === firstOf(job)) return true;
    const owner = await ownerOf(answer, job);
    if (owner?.job.id === job.id && typeof owner.kind === typeof kind) {
      if (typeof kind === "object" || owner.kind === kind) return true;
    }
    const noted = owner ? undefined : others.lookOf(answer);
    const look = noted ?? await lookBesideResult(answer);
    await retryUntilDelivered<unknown>(
      () => owner ? dress(spot, owner.job, owner) : restore(spot, look, kind),
      { what: `that a message of ${spot.chatId} has its own look`, signal },
    );
    if (noted) sent.see(spot.chatId, spot.id);
    return false;
  }

  /** Gives a message that is no job's back what the question for such a message has taken. */
  function restore({ chatId, id }: Spot, { caption, keyboard }: Look, kind: MessageKind) {
    const markup = keyboard ? { reply_markup: keyboard } : {};
    return kind === "status" || kind === "buttons"
      ? asking.editMessageReplyMarkup(chatId, id, markup)
      : asking.editMessageCaption(chatId, id, { ...(caption ? { caption } : {}), ...markup });
  }

  /** "Before · after" and the file reply to a result; former versions have noted no look of theirs. */
  async function lookBesideResult({ chat, photo, reply_to_message }: Message): Promise<Look> {
    const job = reply_to_message && await queue.byResult(chat.id, reply_to_message.message_id);
    return job && photo ? { caption: textIn(job.origin.language).compared } : {};
  }

  return async (job, kind, mark) => {
    const chatId = mark.chatId ?? job.origin.chatId;
    await others.ready;
    const ofJobs = new Set(
      [...queue.unsettled(), job].flatMap(({ origin, statusMessageId, album }) => [
        ...origin.chatId === chatId ? [origin.messageId, statusMessageId] : [],
        ...album?.chatId === chatId ? album.items.map(({ id }) => id) : [],
      ]),
    );
    // Both are in one row there, and the message is the last of it.
    const start = countsWithPrivates(chatId) ? Math.max(mark.chat, mark.privates) : mark.chat;
    if (start === 0) return undefined;
    for (let id = start + 1; id <= start + maxTries; id++) {
      if (sent.isKnown(chatId, id) || ofJobs.has(id)) continue;
      if (await queue.byResult(chatId, id) !== undefined) continue;
      try {
        if (!await isAt({ chatId, id }, job, kind)) continue;
        sent.see(chatId, id);
        return id;
      } catch (error) {
        if (!(error instanceof GrammyError)) throw error;
        // 400 is about this message; else the chat is closed to the bot, and so it is to what is sent.
        if (error.error_code !== 400) return undefined;
      }
    }
    return undefined;
  };
}

/** The message that the one with an album's buttons replies to. */
function firstOf({ album }: Job): number | undefined {
  return album?.items[0]?.id;
}
