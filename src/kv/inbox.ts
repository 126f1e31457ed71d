/**
 * Updates in Deno KV that are not dealt with yet: `["inbox", update_id]` holds the update as JSON in UTF-8 and how often a
 * process has left it; `["inbox_last"]` the last id that was kept.
 */
import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import type { Inbox, StoredUpdate } from "../inbox.ts";

const log = getLogger(["bot", "kv"]);

const Kept = z.object({ json: z.instanceof(Uint8Array), left: z.number() });

/** Deno KV takes 64 KiB a value and 800 KiB a commit; both with room for keys. */
const maxValueBytes = 60_000;
const maxCommitBytes = 700_000;
/** Ids this far below the last one are replays; lower ones mean that Telegram began to count anew. */
const replayWindow = 10_000;
/** An update that so many processes have left undone is not tried again; `left` is how many had when it was given out. */
const maxLeft = 10;

/** The inbox in an open state file. `parse` reads an update back. */
export function createKvInbox<U extends StoredUpdate>(
  kv: Deno.Kv,
  parse: (json: string) => U,
): Inbox<U> {
  const key = (updateId: number) => ["inbox", updateId];
  let last: number | undefined;

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
        commit.set(key(update.update_id), { json, left: 0 }).set(["inbox_last"], update.update_id);
      }
      if (fresh.length > 0) await commit.commit();
      last = fresh.at(-1)?.update_id ?? last;
      return fresh;
    },
    async done(updateId) {
      await kv.delete(key(updateId));
    },
    async left(onPoison) {
      const updates: U[] = [];
      for await (const entry of kv.list({ prefix: ["inbox"] })) {
        const kept = Kept.safeParse(entry.value).data;
        const left = (kept?.left ?? 0) + 1;
        if (!kept || left >= maxLeft) {
          onPoison(Number(entry.key[1]));
          await kv.delete(entry.key);
          continue;
        }
        await kv.set(entry.key, { ...kept, left });
        updates.push(parse(new TextDecoder().decode(kept.json)));
      }
      return updates;
    },
  };
}
