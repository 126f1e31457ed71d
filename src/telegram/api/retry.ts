/**
 * What happens when Telegram does not take a call: which calls are worth repeating, how often, how far apart.
 * 429 is @grammyjs/auto-retry's; this is for a Telegram that is down or a network that is cut, where that plugin's pauses
 * grow to an hour: a result should go out within half a minute of Telegram's return.
 */
import { setTimeout as pause } from "node:timers/promises";
import { HttpError, type Transformer } from "grammy";
import { joinSignals } from "../../lib/abort.ts";
import { refusalIn, type RefusedAnswer } from "./refusal.ts";
import { patientTries } from "./until_taken.ts";

export interface PersistenceOptions {
  /** Ends every wait; the call then fails with what Telegram said last. */
  readonly signal: AbortSignal;
  /** First pause in milliseconds; it doubles up to `maxPauseMs`. */
  readonly firstPauseMs?: number;
  readonly maxPauseMs?: number;
}

/** Repeats calls after answers of 500 and above, while Telegram does not take the token, and after network errors. */
export function createPersistence(options: PersistenceOptions): Transformer {
  const { signal: stop, firstPauseMs = 500, maxPauseMs = 30_000 } = options;
  return async (prev, method, payload, signal) => {
    let left = triesFor(method);
    let pauseMs = firstPauseMs;
    for (;;) {
      const last = --left <= 0 || stop.aborted || signal?.aborted;
      try {
        const answer = await prev(method, payload, signal);
        if (last || answer.ok || !isWorthRepeating(answer)) return answer;
      } catch (error) {
        if (last || !(error instanceof HttpError)) throw error;
      }
      using either = joinSignals(stop, ...signal ? [signal as unknown as AbortSignal] : []);
      await pause(pauseMs, undefined, either).catch(() => {});
      pauseMs = Math.min(maxPauseMs, pauseMs * 2);
    }
  };
}

/** A flood is waited out elsewhere. */
function isWorthRepeating(answer: RefusedAnswer): boolean {
  return answer.error_code >= 500 || refusalIn(answer).kind === "credentials";
}

/**
 * How often a call is made. Answers to people and what a request needs are not given up for an outage; progress and the
 * rest are made once. Results are telegram/status/delivery.ts's.
 */
function triesFor(method: string): number {
  switch (method) {
    case "sendMessage":
    case "editMessageText":
    case "deleteMessage":
    case "getFile":
      return patientTries;
    default:
      return 1;
  }
}
