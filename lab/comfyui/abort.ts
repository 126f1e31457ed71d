/**
 * Waiting for the first of several signals. Not with `AbortSignal.any`: Deno 2.6 forgets such a signal's listeners when it collects
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
