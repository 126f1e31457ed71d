/**
 * Several signals as one. Not with `AbortSignal.any`: Deno 2.6 forgets such a signal's listeners when it collects
 * garbage, and the wait then never ends.
 */

/** Resolves once one of them is aborted. */
export function firstAborted(...signals: readonly AbortSignal[]): Promise<void> {
  if (signals.some((signal) => signal.aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    const onAbort = () => {
      for (const signal of signals) signal.removeEventListener("abort", onAbort);
      resolve();
    };
    for (const signal of signals) signal.addEventListener("abort", onAbort);
  });
}

/** A signal that aborts with the first of others, for its reason; disposing lets the others go. */
export function joinSignals(
  ...signals: readonly AbortSignal[]
): Disposable & { readonly signal: AbortSignal } {
  const joined = new AbortController();
  const released = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) joined.abort(signal.reason);
    const onAbort = () => joined.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true, signal: released.signal });
  }
  return { signal: joined.signal, [Symbol.dispose]: () => released.abort() };
}
