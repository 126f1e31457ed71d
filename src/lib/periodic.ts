/** Work that is done now and then as long as the program runs. Owns that one round that fails does not end the others. */
import { getLogger } from "@logtape/logtape";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "./errors.ts";

const log = getLogger(["bot", "app"]);

export interface PeriodicOptions {
  /** What is done, to stand after "Cannot". */
  readonly what: string;
  /** Pause between two rounds. */
  readonly everyMs: number;
  /** Pause before the first one: a start has more urgent things to do. Default 0. */
  readonly firstMs?: number;
}

/** Does it after `firstMs` and after each pause, until the signal aborts. What a round throws is logged; does not reject. */
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
        log.warn("Cannot {what}: {error}", { what, error: messageOf(error) });
      }
    }
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
}
