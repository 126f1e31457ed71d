/**
 * Waits and signals. Owns how several signals become one: Deno 2.6 collects the result of `AbortSignal.any` as garbage while
 * it still has listeners, and they never hear the abort. Here the sources keep the joined signal alive.
 */

/** A signal that aborts with the first of several others; disposing removes its listeners from them. */
export interface JoinedSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** The result aborts when one of the signals does, with its reason. */
export function joinSignals(...signals: readonly AbortSignal[]): JoinedSignal {
  const controller = new AbortController();
  const released = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener("abort", () => controller.abort(signal.reason), {
      once: true,
      signal: released.signal,
    });
  }
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => released.abort(),
  };
}

/** A signal that aborts with another one, or after a time. */
export interface LimitedSignal extends JoinedSignal {
  /** Resolves when it aborts. */
  readonly over: Promise<void>;
}

/** Adds a time limit to a signal; none where `limitMs` is undefined. Disposing ends listener and timer. */
export function limitSignal(signal: AbortSignal, limitMs?: number): LimitedSignal {
  const late = new AbortController();
  const timer = limitMs === undefined ? undefined : setTimeout(() => late.abort(), limitMs);
  const joined = joinSignals(signal, late.signal);
  const over = Promise.withResolvers<void>();
  joined.signal.addEventListener("abort", () => over.resolve(), { once: true });
  if (joined.signal.aborted) over.resolve();
  return {
    signal: joined.signal,
    over: over.promise,
    [Symbol.dispose]() {
      clearTimeout(timer);
      joined[Symbol.dispose]();
    },
  };
}

/** Settles as the promise does, or rejects with the signal's reason when that aborts first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Resolves after `ms`, rejects with the signal's reason when it aborts before. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
