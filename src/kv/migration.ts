/**
 * What an older version's records lack, added at a start. Every step may be made again: a kill in the middle leaves a state
 * that the older version reads as before, and the next start begins anew.
 */
import { type Change, commitInParts, set } from "./commit.ts";
import { byTimeKey } from "./jobs.ts";

/** Records that are read at a time. */
const batchSize = 500;

/** Has the jobs of everybody found by when they were made: those of older versions are not. */
export async function indexJobsByTime(kv: Deno.Kv): Promise<void> {
  await commitInParts(kv, missing());

  async function* missing(): AsyncIterable<readonly Change[]> {
    for await (const { key, value } of kv.list({ prefix: ["by_user"] }, { batchSize })) {
      const [, userId, id] = key;
      if (typeof value !== "number") continue;
      yield [set(byTimeKey(Number(userId), value, String(id)), true)];
    }
  }
}
