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
