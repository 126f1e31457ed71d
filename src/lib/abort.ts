/**
 * One signal out of several. `AbortSignal.any` would be the platform's way; Deno 2.6 collects such a signal as garbage while
 * somebody still listens to it, and then nobody hears the abort. Here the sources hold what they abort.
 */

/** A signal that aborts with the first of others; disposing lets the others go. */
export interface JoinedSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** Joins the signals: the result aborts when one of them does, with its reason. */
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

/** A signal that aborts with another, or when its time is over. */
export interface LimitedSignal extends JoinedSignal {
  /** Resolves when it aborts. */
  readonly over: Promise<void>;
}

/** Adds an end to a signal that may never abort, where `limitMs` is given; disposing lets go of signal and time. */
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

/** What the promise gives, or the signal's reason as a rejection where that aborts first. */
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
