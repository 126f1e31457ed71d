/**
 * What must reach a person is sent until Telegram takes it: it may be down for hours, or the connection may break before or
 * after a call took effect. Owns what counts as passing trouble and how far apart the tries are.
 */
import { setTimeout as pause } from "node:timers/promises";
import { getLogger } from "@logtape/logtape";
import { GrammyError, HttpError } from "grammy";
import { messageOf } from "../../lib/errors.ts";
import { refusalOf } from "./refusal.ts";

const log = getLogger(["bot", "telegram"]);

export interface UntilTakenOptions {
  /** What Telegram does not take, for the log: `the result of job 5k`. */
  readonly what: string;
  /** Ends the pauses. */
  readonly signal: AbortSignal;
  /** How often it is done at most, where it is not to be for ever. */
  readonly maxTries?: number;
}

/** With pauses of half a minute at most these are about ten minutes: one chat's trouble must not hold it for ever. */
export const patientTries = 25;

/** Telegram did not give what it should, other than in a call of the Bot API. */
export class DownloadTrouble extends Error {}

/** Pauses between two tries, in milliseconds: the first, and the longest. */
const firstPauseMs = 500;
const maxPauseMs = 30_000;

/**
 * Does it again and again while Telegram is in trouble; a try without an answer may have taken effect. Rejects with
 * Telegram's refusal, with the last trouble after `maxTries`, and with an abort error once `signal` has aborted.
 */
export async function untilTaken<T>(
  act: () => Promise<T>,
  { what, signal, maxTries = Infinity }: UntilTakenOptions,
): Promise<T> {
  let pauseMs = firstPauseMs;
  for (let tried = 0;; tried++) {
    try {
      return await act();
    } catch (error) {
      if (!isPassing(error) || tried + 1 >= maxTries) throw error;
      log.warn("Trouble with Telegram, {what} is tried again: {error}", {
        what,
        error: messageOf(error),
      });
      await pause(Math.max(pauseMs, retryAfterMs(error)), undefined, { signal });
      pauseMs = Math.min(maxPauseMs, 2 * pauseMs);
    }
  }
}

/**
 * Telegram is down or has no time, or does not take the token for now, or the connection broke before or after the call took
 * effect.
 */
export function isPassing(error: unknown): boolean {
  const kind = refusalOf(error)?.kind;
  return error instanceof HttpError || error instanceof DownloadTrouble || kind === "passing" ||
    kind === "credentials";
}

function retryAfterMs(error: unknown): number {
  return error instanceof GrammyError ? (error.parameters.retry_after ?? 0) * 1000 : 0;
}
