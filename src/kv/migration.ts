/**
 * Migration of older records at a start. Every step can be repeated: after a kill in the middle an older version still reads the state,
 * and the next start begins again.
 */
import { type Change, commitInParts, set } from "./commit.ts";
import { byTimeKey } from "./jobs.ts";

/** Records that are read at a time. */
const batchSize = 500;

/** Adds the jobs of older versions to the index by time. */
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
