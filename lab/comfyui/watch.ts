/**
 * Waiting for a condition without sleeping: it is asked again whenever something happened. Knows nothing of what happened.
 */
import { patienceMs } from "../until.ts";

/** How long to wait, and for what. */
export interface WatchOptions {
  /** Completes "Cannot see <what>: …". */
  readonly what: string;
  /** Default: patienceMs of lab/until.ts. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What a condition gives while it does not hold. */
export type Nothing = undefined | null | false | 0 | "";

/** Conditions that are waited for. */
export class Watch {
  readonly #waiters = new Set<() => void>();
  #ended = false;

  /** Something happened: every condition is asked again, after the code that runs now. */
  notify(): void {
    for (const wake of [...this.#waiters]) queueMicrotask(wake);
  }

  /** Nothing will happen any more: conditions that are waited for reject. */
  end(): void {
    this.#ended = true;
    this.notify();
  }

  /** See SimulatedComfyUI.until. */
  until<T>(
    value: () => T | Promise<T>,
    options: WatchOptions,
  ): Promise<Exclude<T, Nothing>> {
    const { what, timeoutMs = patienceMs, signal } = options;
    const { promise, resolve, reject } = Promise.withResolvers<Exclude<T, Nothing>>();
    let asking = false;
    let again = false;
    const ask = async () => {
      again = true;
      if (asking) return;
      asking = true;
      try {
        while (again) {
          again = false;
          const seen = await value();
          if (isThere(seen)) return resolve(seen);
        }
        if (this.#ended) reject(new Error(`Cannot see ${what}: the simulator has stopped`));
      } catch (error) {
        reject(error);
      } finally {
        asking = false;
      }
    };
    const timer = setTimeout(
      () =>
        reject(new Error(`Cannot see ${what}: it did not happen (wanted within ${timeoutMs} ms)`)),
      timeoutMs,
    );
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const wake = () => void ask();
    this.#waiters.add(wake);
    wake();
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#waiters.delete(wake);
    });
  }
}

function isThere<T>(value: T): value is Exclude<T, Nothing> {
  return Boolean(value);
}
