/**
 * Updates in Deno KV that are not dealt with yet: `["inbox", update_id]` holds the update as JSON in UTF-8, how many
 * processes have left it and how many began it alone in vain; `["inbox_last"]` the last id that was kept.
 */
import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import type { Inbox, StoredUpdate } from "../inbox.ts";

const log = getLogger(["bot", "kv"]);

const Kept = z.object({
  json: z.instanceof(Uint8Array),
  left: z.number(),
  begun: z.number().default(0),
});
type Kept = z.infer<typeof Kept>;

/** Deno KV takes 64 KiB a value and 800 KiB a commit; both with room for keys. */
const maxValueBytes = 60_000;
const maxCommitBytes = 700_000;
/** Ids this far below the last one are replays; lower ones mean that Telegram began to count anew. */
const replayWindow = 10_000;
/** What so many processes have left is a suspect. */
const suspectLeft = 3;
/** A suspect that was begun so often in vain is not tried again. */
const maxBegun = 10;

/** The inbox in an open state file. `parse` reads an update back. */
export function createKvInbox<U extends StoredUpdate>(
  kv: Deno.Kv,
  parse: (json: string) => U,
): Inbox<U> {
  const key = (updateId: number) => ["inbox", updateId];
  let last: number | undefined;
  const suspects = new Map<number, Kept>();

  /** In as few commits as they fit into: a start after a kill has no time for one each. */
  async function rewrite(records: Iterable<readonly [updateId: number, kept: Kept]>) {
    let commit = kv.atomic();
    let bytes = 0;
    for (const [updateId, kept] of records) {
      if (bytes + kept.json.length > maxCommitBytes) {
        await commit.commit();
        commit = kv.atomic();
        bytes = 0;
      }
      bytes += kept.json.length;
      commit.set(key(updateId), kept);
    }
    await commit.commit();
  }

  return {
    async keep(updates) {
      last ??= z.number().catch(-Infinity).parse((await kv.get(["inbox_last"])).value);
      const before = last;
      const fresh = updates.filter(({ update_id: id }) =>
        id > before || id < before - replayWindow
      );
      let commit = kv.atomic();
      let bytes = 0;
      for (const update of fresh) {
        const json = new TextEncoder().encode(JSON.stringify(update));
        if (json.length > maxValueBytes) {
          log.warn("Update {updateId} is too large to be kept: it is handled without", {
            updateId: update.update_id,
            bytes: json.length,
          });
          continue;
        }
        if (bytes + json.length > maxCommitBytes) {
          await commit.commit();
          commit = kv.atomic();
          bytes = 0;
        }
        bytes += json.length;
        commit.set(key(update.update_id), { json, left: 0, begun: 0 } satisfies Kept).set([
          "inbox_last",
        ], update.update_id);
      }
      if (fresh.length > 0) await commit.commit();
      last = fresh.at(-1)?.update_id ?? last;
      return fresh;
    },
    async done(updateId) {
      await kv.delete(key(updateId));
    },
    async left(onPoison) {
      const counted: [updateId: number, kept: Kept][] = [];
      for await (const entry of kv.list({ prefix: ["inbox"] })) {
        const updateId = Number(entry.key[1]);
        const kept = Kept.safeParse(entry.value).data;
        if (!kept || kept.begun >= maxBegun) {
          onPoison(updateId);
          await kv.delete(entry.key);
          continue;
        }
        counted.push([updateId, { ...kept, left: kept.left + 1 }]);
      }
      await rewrite(counted);
      for (const [updateId, kept] of counted) {
        if (kept.left >= suspectLeft) suspects.set(updateId, kept);
      }
      return counted.map(([, { json }]) => parse(new TextDecoder().decode(json)));
    },
    isSuspect: (updateId) => suspects.has(updateId),
    async begin(updateIds) {
      await rewrite(updateIds.flatMap((updateId) => {
        const kept = suspects.get(updateId);
        return kept ? [[updateId, { ...kept, begun: kept.begun + 1 }] as const] : [];
      }));
    },
  };
}
