/**
 * Sends a message that must not come twice, though a send has no idempotency key and may end without an answer: it is noted
 * where the message can be looked for right before it goes out, and looked for before it is sent again, by this process or
 * the next. Owns that order; sent_messages.ts owns how a message is found.
 */
import type { Api } from "grammy";
import { GrammyError } from "grammy";
import type { SendMark } from "../job.ts";
import type { Pacer } from "./pacer.ts";
import type { SentMessages, Sought } from "./sent_messages.ts";
import { untilTaken } from "./until_taken.ts";

export interface SingleSendDeps {
  readonly sent: SentMessages;
  /** For the questions whether a message is there. */
  readonly asking: Api;
  readonly pacer: Pick<Pacer, "room">;
  /** Ends the wait for a Telegram that is away. */
  readonly signal: AbortSignal;
}

/** One message, whichever of the tries sends it. */
export interface Single<T> {
  /** For the log: `the result of job 5k`. */
  readonly what: string;
  readonly chatId: number;
  /** A message of the chat that is there already. */
  readonly after: number;
  /** Results go first where there is not room for all. */
  readonly isResult: boolean;
  /** What a former process has noted: it may have sent the message. */
  readonly mark: SendMark | undefined;
  readonly sought: () => Omit<Sought, "signal">;
  /** Keeps the mark for the next process; the message goes out when it is kept. */
  readonly note: (mark: SendMark) => Promise<unknown>;
  /** Sends it, by a call that waits for nothing and is not repeated. */
  readonly send: () => Promise<T>;
  /** What stands for a message that was found. */
  readonly found: (messageId: number) => T;
}

/**
 * Sends it as often as it takes. Rejects with Telegram's refusal, with what `note` rejects with, and with an abort error once
 * the signal has aborted.
 */
export type SendSingle = <T>(single: Single<T>) => Promise<T>;

export function createSendSingle({ sent, asking, pacer, signal }: SingleSendDeps): SendSingle {
  return async ({ what, chatId, after, isResult, mark, sought, note, send, found }) => {
    let uncertain = mark;
    return await untilTaken(async () => {
      if (uncertain) {
        const id = await sent.find(asking, chatId, uncertain, { ...sought(), signal });
        if (id !== undefined) return found(id);
        uncertain = undefined;
      }
      // Whatever goes out meanwhile takes ids: the mark is made after the wait.
      await pacer.room(chatId, { isResult });
      const fresh = sent.mark(chatId, after);
      await note(fresh);
      try {
        return await send();
      } catch (error) {
        // Telegram's own no is certain; a gateway's 502 and a broken connection are not.
        if (!(error instanceof GrammyError) || error.error_code >= 500) uncertain = fresh;
        throw error;
      }
    }, { what, signal });
  };
}
