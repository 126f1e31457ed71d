/**
 * Finds a message that may have been sent: a send has no idempotency key, so after a kill or a cut connection nobody knows
 * whether it took effect. Ids of messages only grow, so what was sent after a known id has a higher one; and the keyboard
 * of a job's messages names the job. Asking Telegram to make the messages that follow what that very message is tells:
 * "message is not modified" proves that it is there, every other answer that it is not.
 *
 * A question that is cut off may have changed another message into an answer to the next one. So questions are chosen that
 * as few messages as possible can be changed by: a result is asked for by its caption, which text messages do not have.
 *
 * Ids are counted per supergroup, and for all private chats of the bot together; both counts are kept.
 */
import { type Api, GrammyError, type Transformer } from "grammy";
import type { InlineKeyboardMarkup, Update } from "grammy/types";
import type { Job, SendMark } from "../job.ts";
import type { JobQueue } from "../queue.ts";
import { untilTaken } from "./until_taken.ts";

export interface SentMessages {
  /** Notes the ids of what the bot sends. */
  readonly transformer: Transformer;
  /** Notes the ids of what it receives. */
  note(update: Update): void;
  /** Notes the ids that a stored job tells of: a new process has seen none. */
  learn(job: Job): void;
  /** Where a message that is sent to the chat from now on can be looked for; `after` is a message that is there already. */
  mark(chatId: number, after: number): SendMark;
  /**
   * The id of the chat's message that was sent after `mark`, if it was sent; undefined where it was not found. Makes some
   * dozen calls, each until Telegram takes it. Rejects only when the signal aborts.
   */
  find(
    api: Api,
    chatId: number,
    mark: SendMark,
    sought: Sought,
  ): Promise<number | undefined>;
}

/** A message to be found. */
export interface Sought {
  /** What no other message has. */
  readonly keyboard: InlineKeyboardMarkup;
  /** What a picture has beside it; undefined for a text message. */
  readonly caption?: string;
  /** True for a message that is known to be another one: asking about it would take its buttons away. */
  readonly isOther: (messageId: number) => Promise<boolean>;
  /** Ends the wait for a Telegram that is away. */
  readonly signal: AbortSignal;
}

/** How many ids after each mark are asked about: what one bot has under way at a time, with room. */
const maxTries = 32;

export function createSentMessages(): SentMessages {
  const highest = new Map<number, number>();
  let highestPrivate = 0;
  const known = new Set<string>();

  function see(chatId: number, messageId: number): void {
    highest.set(chatId, Math.max(highest.get(chatId) ?? 0, messageId));
    if (chatId > 0) highestPrivate = Math.max(highestPrivate, messageId);
    known.add(`${chatId}:${messageId}`);
    // The oldest is no neighbour of anything that could still be looked for.
    if (known.size > 10_000) known.delete(known.values().next().value!);
  }

  return {
    transformer: async (prev, method, payload, signal) => {
      const answer = await prev(method, payload, signal);
      const result: unknown = answer.ok ? answer.result : undefined;
      if (/^send/.test(method) && isSent(result)) see(result.chat.id, result.message_id);
      return answer;
    },

    note({ message }) {
      if (message) see(message.chat.id, message.message_id);
    },

    learn({ origin: { chatId, messageId }, statusMessageId, statusMark, sendMark }) {
      see(chatId, messageId);
      if (statusMessageId !== undefined) see(chatId, statusMessageId);
      for (const mark of [statusMark, sendMark]) {
        if (!mark) continue;
        highest.set(chatId, Math.max(highest.get(chatId) ?? 0, mark.chat));
        highestPrivate = Math.max(highestPrivate, mark.privates);
      }
    },

    mark: (chatId, after) => ({
      chat: Math.max(highest.get(chatId) ?? 0, after),
      privates: highestPrivate,
    }),

    async find(api, chatId, mark, { keyboard, caption, isOther, signal }) {
      const reply_markup = keyboard;
      const ask = (id: number) =>
        caption === undefined
          ? api.editMessageReplyMarkup(chatId, id, { reply_markup })
          : api.editMessageCaption(chatId, id, { caption, reply_markup });
      const patience = { what: `a question about a message of ${chatId}`, signal };
      const starts = chatId > 0 ? new Set([mark.chat, mark.privates]) : new Set([mark.chat]);
      const ids = [...starts].filter((start) => start > 0).flatMap((start) =>
        Array.from({ length: maxTries }, (_, i) => start + 1 + i)
      );
      for (const id of new Set(ids)) {
        if (known.has(`${chatId}:${id}`) || await isOther(id)) continue;
        try {
          const edited = await untilTaken(() => ask(id), patience);
          // `true` stands for "not modified"; a message is another one of ours, which must not keep these buttons.
          if (edited === true) return id;
          await untilTaken(() => api.editMessageReplyMarkup(chatId, id), patience);
        } catch (error) {
          if (!(error instanceof GrammyError)) throw error;
          // 400 is about this message; else the chat is closed to the bot, and so it is to what is sent.
          if (error.error_code !== 400) return undefined;
        }
      }
      return undefined;
    },
  };
}

/** Tells the messages of a chat that the jobs' records name: status messages, and results. For `Sought.isOther`. */
export function othersIn(
  queue: Pick<JobQueue, "unsettled" | "byResult">,
  chatId: number,
): (messageId: number) => Promise<boolean> {
  const statuses = new Set(
    queue.unsettled().flatMap(({ origin, statusMessageId }) =>
      origin.chatId === chatId && statusMessageId !== undefined ? [statusMessageId] : []
    ),
  );
  return async (messageId) =>
    statuses.has(messageId) || await queue.byResult(chatId, messageId) !== undefined;
}

function isSent(result: unknown): result is { message_id: number; chat: { id: number } } {
  return typeof result === "object" && result !== null && "message_id" in result &&
    "chat" in result && typeof result.message_id === "number";
}
