/**
 * What the disk does not take is tried again until it does: a full disk stops no job and loses none. Owns how often, and that
 * the log says it once. Whoever waits so has nothing to give up: the thing to write is in memory, and in ComfyUI.
 */
import { getLogger } from "@logtape/logtape";
import { setTimeout as pause } from "node:timers/promises";
import { isDiskError, messageOf } from "./errors.ts";

const log = getLogger(["bot", "disk"]);

export interface RetryOnDiskErrorOptions {
  /** What is to be written, for the log: `the result of job 5k`. */
  readonly what: string;
  /** Pause between two tries. */
  readonly retryMs: number;
  /** Ends the waiting: what the disk said last is thrown then. The first try is made even where it has aborted. */
  readonly signal: AbortSignal;
}

/** Does it, again and again while the disk is in trouble; throws at once what has another cause. */
export async function retryOnDiskError<T>(
  act: () => Promise<T>,
  { what, retryMs, signal }: RetryOnDiskErrorOptions,
): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      const done = await act();
      if (tries > 1) log.info("Written at last: {what}", { what });
      return done;
    } catch (error) {
      if (!isDiskError(error) || signal.aborted) throw error;
      if (tries === 1) {
        log.error("Cannot write {what}: {error}; it waits until the disk takes it", {
          what,
          error: messageOf(error),
        });
      }
      await pause(retryMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) throw error;
    }
  }
}
