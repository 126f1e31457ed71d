/**
 * Whether a backend can be reached: the one owner of that fact, which the worker passes on as `reachable`. Owns polling a
 * backend that is down; all who wait share one poll, so that a job that is cancelled does not end it for the others.
 */
import { getLogger } from "@logtape/logtape";
import { retry, steady, unlessAborted, wait } from "../lib/mod.ts";
import type { Backend } from "./backend.ts";

const log = getLogger(["bot", "worker"]);

export interface ConnectivityDeps {
  readonly backend: Pick<Backend, "name" | "health">;
  /** Pause between two polls, in milliseconds. */
  readonly retryMs: () => number;
  /** Called when the backend goes down; not again until it was up. */
  readonly onDown: () => void;
  /** Called when it answers again. */
  readonly onUp?: () => void;
}

export interface Connectivity {
  /** True from `markDown` until the backend answers. */
  readonly isDown: boolean;
  /** The backend could not be reached: polls it until it answers or the signal aborts. */
  markDown(signal: AbortSignal): void;
  /** Resolves when the backend answers again, at once where it is not down; rejects with the signal's reason. */
  whenUp(signal: AbortSignal): Promise<void>;
}

/** Counts the backend as up at first. */
export function createConnectivity(
  { backend, retryMs, onDown, onUp }: ConnectivityDeps,
): Connectivity {
  let back: PromiseWithResolvers<void> | undefined;

  /** Polls until it answers; rejects with the signal's reason. */
  async function poll(signal: AbortSignal): Promise<void> {
    await wait(retryMs(), signal);
    await retry(() => backend.health({ signal }), {
      delaysMs: steady(retryMs),
      isTransient: () => true,
      signal,
    });
    log.info("{backend} answers again", { backend: backend.name });
    back?.resolve();
    back = undefined;
    onUp?.();
  }

  return {
    get isDown() {
      return back !== undefined;
    },
    markDown(signal) {
      if (back) return;
      back = Promise.withResolvers();
      onDown();
      poll(signal).catch((error) => {
        if (!signal.aborted) throw error;
      });
    },
    async whenUp(signal) {
      await unlessAborted(back?.promise ?? Promise.resolve(), signal);
    },
  };
}
