/** Work that repeats as long as the program runs. Owns that a run that fails does not end the others. */
import { getLogger } from "@logtape/logtape";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "./errors.ts";

const log = getLogger(["bot", "app"]);

export interface PeriodicOptions {
  /** What is done: completes "Cannot …" in the log. */
  readonly what: string;
  /** Pause between two runs. */
  readonly everyMs: number;
  /** Pause before the first one: a start has more urgent things to do. Default 0. */
  readonly firstMs?: number;
}

/** Runs `act` after `firstMs` and again after each pause, until the signal aborts. Errors of `act` are logged; does not reject. */
export async function runPeriodically(
  act: () => Promise<void>,
  { what, everyMs, firstMs = 0 }: PeriodicOptions,
  signal: AbortSignal,
): Promise<void> {
  if (firstMs > 0) await pause(firstMs, undefined, { signal }).catch(() => {});
  while (!signal.aborted) {
    try {
      await act();
    } catch (error) {
      if (!signal.aborted) {
        log.warn("Cannot {what}: {error}", { what, error: messageOf(error), outage: what });
      }
    }
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
}
