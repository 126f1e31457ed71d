/**
 * A backend that cannot be reached: owns that it is known to be away, and asking until it answers again. One asks for all
 * who wait, so that nobody's giving up leaves the others waiting for ever.
 */
import { getLogger } from "@logtape/logtape";
import { retry, steady, unlessAborted, wait } from "../lib/mod.ts";
import type { Backend } from "./backend.ts";

const log = getLogger(["bot", "worker"]);

export interface ConnectivityDeps {
  readonly backend: Pick<Backend, "name" | "health">;
  /** How long to wait before asking again. */
  readonly retryMs: () => number;
  /** Called when the backend is found away; not again until it was back. */
  readonly onAway: () => void;
  /** Called when it answers again. */
  readonly onBack?: () => void;
}

export interface Connectivity {
  /** True from `found` until the backend answers. */
  readonly isDown: boolean;
  /** Somebody could not reach the backend: it is asked from now on, until it answers or the signal aborts. */
  markDown(signal: AbortSignal): void;
  /** Resolves when the backend answers again, at once where it is not away; rejects with the signal's reason. */
  whenUp(signal: AbortSignal): Promise<void>;
}

/** Makes the watch over one backend; it counts as there until it is found away. */
export function createConnectivity(
  { backend, retryMs, onAway, onBack }: ConnectivityDeps,
): Connectivity {
  let back: PromiseWithResolvers<void> | undefined;

  /** Asks until it answers; rejects with the signal's reason. */
  async function poll(signal: AbortSignal): Promise<void> {
    await wait(retryMs(), signal);
    await retry(() => backend.health({ signal }), {
      delaysMs: steady(retryMs),
      isTransient: () => true,
      signal,
    });
    log.info("{backend} is back", { backend: backend.name });
    back?.resolve();
    back = undefined;
    onBack?.();
  }

  return {
    get isDown() {
      return back !== undefined;
    },
    markDown(signal) {
      if (back) return;
      back = Promise.withResolvers();
      onAway();
      poll(signal).catch((error) => {
        if (!signal.aborted) throw error;
      });
    },
    async whenUp(signal) {
      await unlessAborted(back?.promise ?? Promise.resolve(), signal);
    },
  };
}
