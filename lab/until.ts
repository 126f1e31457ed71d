/** Waiting for a condition: asked again and again, the less often the longer it takes, so that what it waits for has the processor. */

/** How long a condition is waited for that does not come: what comes costs no more, and a machine may be busy. */
export const patienceMs = 60_000;

/** Longest pause between two questions. */
const maxPauseMs = 20;

/** Resolves with the first value that is neither undefined nor false; rejects when none comes in time. */
export async function until<T>(
  what: string,
  value: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = patienceMs }: { readonly timeoutMs?: number } = {},
): Promise<T> {
  const begin = performance.now();
  for (;;) {
    const seen = await value();
    if (seen !== undefined && seen !== false) return seen;
    const waitedMs = performance.now() - begin;
    if (waitedMs > timeoutMs) {
      throw new Error(`Cannot see ${what}: it did not come in ${timeoutMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(waitedMs / 10, maxPauseMs)));
  }
}
