/** Waiting for a condition: asked again and again, as fast as the event loop turns. */

/** Resolves with the first value that is neither undefined nor false; rejects when none comes in time. */
export async function until<T>(
  what: string,
  value: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 20_000 }: { readonly timeoutMs?: number } = {},
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const seen = await value();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > end) {
      throw new Error(`Cannot see ${what}: it did not come in ${timeoutMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
