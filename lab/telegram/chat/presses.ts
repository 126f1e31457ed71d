/**
 * Presses of buttons: each waits for the bot's `answerCallbackQuery`, for so long as Telegram does.
 * It does not know messages or keyboards.
 *
 *     open ──answer──> answered      (a second answer is refused)
 *          ──ttlMs───> unanswered    (a late answer is refused: "query is too old …")
 */

import type { User } from "grammy/types";
import type { Press } from "../event_types.ts";
import { badRequest } from "../refusal.ts";

/** An ephemeral message may follow a press for so long. */
const FOLLOW_MS = 15_000;

interface Pending {
  readonly chatId: number;
  readonly from: User;
  readonly at: number;
  /** Ends the wait; undefined when it has ended. */
  settle: ((press: Press) => void) | undefined;
}

export class Presses {
  readonly #presses = new Map<string, Pending>();
  readonly #ttlMs: number;
  readonly #now: () => number;
  #lastId: bigint;

  constructor(options: { readonly ttlMs: number; readonly now: () => number; firstId: bigint }) {
    this.#ttlMs = options.ttlMs;
    this.#now = options.now;
    this.#lastId = options.firstId;
  }

  /** Begins a press; the promise never rejects. */
  open(chatId: number, from: User): { readonly queryId: string; readonly answer: Promise<Press> } {
    const at = this.#now();
    for (const [id, press] of this.#presses) {
      if (press.settle !== undefined || press.at > at - FOLLOW_MS) break;
      this.#presses.delete(id);
    }
    const queryId = String(this.#lastId += 1n);
    const answer = new Promise<Press>((resolve) => {
      const unanswered = () =>
        settle({ queryId, answered: false, show_alert: false, ms: this.#now() - at });
      const timer = setTimeout(unanswered, this.#ttlMs);
      const settle = (press: Press) => {
        clearTimeout(timer);
        pending.settle = undefined;
        resolve(press);
      };
      const pending: Pending = { chatId, from, at, settle };
      this.#presses.set(queryId, pending);
    });
    return { queryId, answer };
  }

  /** Answers a press; throws a Refusal when it is unknown, answered or too old. */
  answer(
    queryId: string,
    answer: { text?: string; show_alert: boolean; url?: string },
  ): { readonly chatId: number; readonly press: Press } {
    const pending = this.#presses.get(queryId);
    const ms = this.#now() - (pending?.at ?? 0);
    if (pending?.settle === undefined || ms > this.#ttlMs) throw badRequest("QUERY_ID_INVALID");
    const press: Press = { queryId, answered: true, ...answer, ms };
    pending.settle(press);
    return { chatId: pending.chatId, press };
  }

  /** Whether a press by this person in this chat is fresh enough to be followed by an ephemeral message. */
  mayFollow(queryId: string, chatId: number, userId: number): boolean {
    const press = this.#presses.get(queryId);
    return press?.chatId === chatId && press.from.id === userId &&
      this.#now() - press.at <= FOLLOW_MS;
  }

  /** Ends every wait. */
  stop(): void {
    for (const [queryId, { settle, at }] of this.#presses) {
      settle?.({ queryId, answered: false, show_alert: false, ms: this.#now() - at });
    }
  }
}
