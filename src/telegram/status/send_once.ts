/**
 * Sends a job's message once, though a send has no idempotency key and may end without an answer: right before it is sent, the
 * place where a search would begin is recorded, and before it is sent again, it is searched for there, by this process or
 * the next. Owns that order; find_message.ts owns how a message is found.
 *
 * In one chat a search and the sending of a result exclude each other, from wherever they begin: the outbox, a press, a
 * user's return. A result that is being sent has no record yet, so a search could take its message for another one and spoil it.
 * The results of a batch wait for their room before that: many messages are not to stand in the way of a single one.
 */
import { GrammyError } from "grammy";
import { type Job, type SendMark } from "../../jobs/mod.ts";
import { type Serialize } from "../../lib/mod.ts";
import { type MessageIds, type RateLimiter, retryUntilDelivered } from "../api/mod.ts";
import type { FindMessage, MessageKind } from "./find_message.ts";

export interface SendOnceDeps {
  readonly sent: Pick<MessageIds, "mark">;
  readonly find: FindMessage;
  /** One for all that search in the chats or send results there; its keys are the chats. */
  readonly chatTurns: Serialize;
  readonly rateLimiter: Pick<RateLimiter, "room">;
  /** Ends the wait for a Telegram that is away. */
  readonly signal: AbortSignal;
}

/** One message, whichever of the tries sends it. */
export interface OnceMessage<T> {
  /** Where its record has a mark, a former process may have sent the message. */
  readonly job: Job;
  readonly kind: MessageKind;
  /** Where it goes; default where the job was asked for. */
  readonly chatId?: number;
  /** How many messages it is for Telegram's limits. Default 1. */
  readonly count?: number;
  /** Keeps the mark for the next process; the message goes out when it is kept. */
  readonly note: (mark: SendMark) => Promise<unknown>;
  /** Sends it, by a call that waits for nothing and is not repeated. */
  readonly send: () => Promise<T>;
  /** What stands for a message that was found, in that chat. */
  readonly found: (messageId: number, chatId: number) => T;
}

/**
 * Sends it as often as it takes. Rejects with Telegram's refusal, with what `note` rejects with, and with an abort error once
 * the signal has aborted.
 */
export type SendOnce = <T>(single: OnceMessage<T>) => Promise<T>;

/** Searches when no result is on its way to the chat, as sendOnce does. */
export function findInTurn(
  { find, chatTurns }: Pick<SendOnceDeps, "find" | "chatTurns">,
): FindMessage {
  return (job, kind, mark) =>
    chatTurns(String(mark.chatId ?? job.origin.chatId), () => find(job, kind, mark));
}

export function createSendOnce(
  { sent, find, chatTurns, rateLimiter, signal }: SendOnceDeps,
): SendOnce {
  return async ({ job, kind, chatId = job.origin.chatId, count = 1, note, send, found }) => {
    const { origin } = job;
    const isResult = kind !== "status";
    const isOfBatch = isResult && job.batch !== undefined;
    const rank = isOfBatch && kind !== "buttons" ? "batch" : isResult ? "result" : "answer";
    const room = () => rateLimiter.room(chatId, rank, count);
    const inTurn = <T>(chat: number, act: () => Promise<T>) => chatTurns(String(chat), act);

    const former = isResult ? job.sendMark : job.statusMark;
    if (former) {
      const formerChat = former.chatId ?? origin.chatId;
      const id = await inTurn(formerChat, () => find(job, kind, former));
      if (id !== undefined) return found(id, formerChat);
    }

    let hasRoom = isOfBatch;
    if (isOfBatch) await room();
    let uncertain: SendMark | undefined;
    const sendOrFind = () =>
      retryUntilDelivered(async () => {
        if (uncertain) {
          const mark = uncertain;
          const look = () => find(job, kind, mark);
          const id = await (isResult ? look() : inTurn(chatId, look));
          if (id !== undefined) return found(id, chatId);
          uncertain = undefined;
        }
        // Whatever goes out meanwhile takes ids: the mark is made after the wait.
        if (!hasRoom) await room();
        hasRoom = false;
        const isElsewhere = chatId !== origin.chatId;
        const fresh = {
          ...sent.mark(chatId, isElsewhere ? 0 : origin.messageId),
          ...(isElsewhere ? { chatId } : {}),
        };
        await note(fresh);
        try {
          return await send();
        } catch (error) {
          // Telegram's own no is certain; a gateway's 502 and a broken connection are not.
          if (!(error instanceof GrammyError) || error.error_code >= 500) uncertain = fresh;
          throw error;
        }
      }, { what: `the ${isResult ? "result" : "status"} of job ${job.id}`, signal });
    return await (isResult ? inTurn(chatId, sendOrFind) : sendOrFind());
  };
}
