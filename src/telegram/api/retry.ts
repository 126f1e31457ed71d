/**
 * What happens when Telegram does not take a call: which calls are worth repeating, how often, how far apart.
 * After a 429 it waits as long as Telegram asks. Where Telegram is down or the network is cut, a result should go out within
 * half a minute of its return.
 */
import { HttpError, type Transformer } from "grammy";
import { backoff, joinSignals, messageOf, retry, wait } from "../../lib/mod.ts";
import { refusalIn, type RefusedAnswer } from "./refusal.ts";

import { getLogger } from "@logtape/logtape";
import { GrammyError } from "grammy";
import { refusalOf } from "./refusal.ts";

export interface RetryTransformerOptions {
  /** Ends every wait; the call then fails with what Telegram said last. */
  readonly signal: AbortSignal;
  /** First pause in milliseconds; it doubles up to `maxPauseMs`. */
  readonly firstPauseMs?: number;
  readonly maxPauseMs?: number;
}

/** Repeats calls after answers of 500 and above, while Telegram does not take the token, and after network errors. */
export function retryTransformer(options: RetryTransformerOptions): Transformer {
  const { signal: stop, firstPauseMs = 500, maxPauseMs = 30_000 } = options;
  return async (prev, method, payload, signal) => {
    let left = triesFor(method);
    const delaysMs = backoff(firstPauseMs, maxPauseMs);
    for (;;) {
      const last = --left <= 0 || stop.aborted || signal?.aborted;
      try {
        const answer = await prev(method, payload, signal);
        if (last || answer.ok || !isWorthRepeating(answer)) return answer;
      } catch (error) {
        if (last || !(error instanceof HttpError)) throw error;
      }
      using either = joinSignals(stop, ...signal ? [signal as unknown as AbortSignal] : []);
      await wait(delaysMs.next().value, either.signal).catch(() => {});
    }
  };
}

/** Waits as long as Telegram asks for after a 429, as often as it does; the call's own signal and `stop` end the wait. */
export function floodTransformer(stop: AbortSignal): Transformer {
  return async (prev, method, payload, signal) => {
    for (;;) {
      const answer = await prev(method, payload, signal);
      const seconds = answer.ok ? undefined : answer.parameters?.retry_after;
      if (seconds === undefined) return answer;
      using either = joinSignals(stop, ...signal ? [signal as unknown as AbortSignal] : []);
      if (either.signal.aborted) return answer;
      await wait(seconds * 1000, either.signal).catch(() => {});
      if (either.signal.aborted) return answer;
    }
  };
}

/** A flood is waited out by floodTransformer. */
function isWorthRepeating(answer: RefusedAnswer): boolean {
  return answer.error_code >= 500 || refusalIn(answer).kind === "credentials";
}

/**
 * How often a call is made. Answers to users and what a request needs are not given up for an outage; progress and the
 * rest are made once. Results are telegram/status/delivery.ts's.
 */
function triesFor(method: string): number {
  switch (method) {
    case "sendMessage":
    case "editMessageText":
    case "deleteMessage":
    case "getFile":
      return longRetries;
    default:
      return 1;
  }
}

const log = getLogger(["bot", "telegram", "api"]);

export interface RetryUntilDeliveredOptions {
  /** What Telegram does not take, for the log: `the result of job 5k`. */
  readonly what: string;
  /** Ends the pauses. */
  readonly signal: AbortSignal;
  /** How often it is done at most, where it is not to be for ever. */
  readonly maxTries?: number;
}

/** With pauses of half a minute at most these are about ten minutes: one chat's trouble must not hold it for ever. */
export const longRetries = 25;

/** Telegram did not give what it should, other than in a call of the Bot API. */
export class DownloadError extends Error {}

/** Pauses between two tries, in milliseconds: the first, and the longest. */
const firstPauseMs = 500;

const maxPauseMs = 30_000;

/**
 * Does it again and again while Telegram is in trouble; a try without an answer may have taken effect. Rejects with
 * Telegram's refusal, with the last trouble after `maxTries`, and with an abort error once `signal` has aborted.
 */
export async function retryUntilDelivered<T>(
  act: () => Promise<T>,
  { what, signal, maxTries = Infinity }: RetryUntilDeliveredOptions,
): Promise<T> {
  return await retry(act, {
    delaysMs: backoff(firstPauseMs, maxPauseMs).take(maxTries - 1),
    isTransient,
    signal,
    minDelayMs: retryAfterMs,
    onRetry(error) {
      log.warn("A call to Telegram failed, retrying {what}: {error}", {
        what,
        error: messageOf(error),
        outage: "Telegram",
      });
    },
  });
}

/**
 * Telegram is down or has no time, or does not take the token for now, or the connection broke before or after the call took
 * effect.
 */
export function isTransient(error: unknown): boolean {
  const kind = refusalOf(error)?.kind;
  return error instanceof HttpError || error instanceof DownloadError || kind === "passing" ||
    kind === "credentials";
}

/** The pause that Telegram asks for with a refusal, in milliseconds; 0 where it does not. */
export function retryAfterMs(error: unknown): number {
  return error instanceof GrammyError ? (error.parameters.retry_after ?? 0) * 1000 : 0;
}
