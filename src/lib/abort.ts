/**
 * Waits and signals. Owns how several signals become one: Deno 2.6 collects the result of `AbortSignal.any` as garbage while
 * it still has listeners, and they never hear the abort. Here the sources keep the joined signal alive. Owns how promises are
 * raced: `Promise.race` leaves a reaction on each of them, which one that stays pending keeps, with what the race came to.
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

/** The races that each promise is in, by their ends: it has one reaction for all of them. */
const races = new WeakMap<Promise<unknown>, Set<PromiseWithResolvers<unknown>>>();

function racesOf(promise: Promise<unknown>): Set<PromiseWithResolvers<unknown>> {
  const known = races.get(promise);
  if (known) return known;
  const begun = new Set<PromiseWithResolvers<unknown>>();
  const settle = (end: (race: PromiseWithResolvers<unknown>) => void) => {
    races.delete(promise);
    begun.forEach(end);
  };
  promise.then(
    (value) => settle(({ resolve }) => resolve(value)),
    (reason) => settle(({ reject }) => reject(reason)),
  );
  races.set(promise, begun);
  return begun;
}

/** Settles as the first of the promises does, and leaves nothing behind on those that stay pending. */
export async function race<P extends readonly Promise<unknown>[]>(
  promises: P,
): Promise<Awaited<P[number]>> {
  const first = Promise.withResolvers<Awaited<P[number]>>();
  const end = first as PromiseWithResolvers<unknown>;
  for (const promise of promises) racesOf(promise).add(end);
  try {
    return await first.promise;
  } finally {
    for (const promise of promises) races.get(promise)?.delete(end);
  }
}

/** Settles as the promise does, or rejects with the signal's reason when that aborts first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await race([promise, aborted.promise]);
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

/**
 * Time is counted in slices: a process that was suspended (a laptop's lid, a frozen machine) must not take its own sleep for the
 * slowness of others. However long it slept, one slice is over.
 */
const slices = 10;

/** Acts after so long a time in which the process ran; not where it is disposed of before. */
export function afterAwake(ms: number, act: () => void): Disposable {
  let left = slices;
  const timer = setInterval(() => {
    if (--left > 0) return;
    clearInterval(timer);
    act();
  }, ms / slices);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
