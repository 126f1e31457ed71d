/**
 * Updates in Deno KV that are not dealt with yet: `["inbox", update_id]` holds the update as JSON in UTF-8, how many
 * processes have left it and how many began it alone in vain; `["inbox_last"]` the last id that was kept.
 */
import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import type { Inbox, StoredUpdate } from "../inbox.ts";
import { type Change, commitInParts, fits, set } from "./commit.ts";

const log = getLogger(["bot", "kv"]);

const Kept = z.object({
  json: z.instanceof(Uint8Array),
  left: z.number(),
  begun: z.number().default(0),
});
type Kept = z.infer<typeof Kept>;

/** What the two numbers beside an update may grow by. */
const countersBytes = 16;
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

  const written = (updateId: number, kept: Kept): Change => set(key(updateId), kept);

  return {
    async keep(updates) {
      last ??= z.number().catch(-Infinity).parse((await kv.get(["inbox_last"])).value);
      const before = last;
      const fresh = updates.filter(({ update_id: id }) =>
        id > before || id < before - replayWindow
      );
      await commitInParts(
        kv,
        fresh.flatMap((update) => {
          const kept = {
            json: new TextEncoder().encode(JSON.stringify(update)),
            left: 0,
            begun: 0,
          };
          if (fits(kept, countersBytes)) {
            return [[written(update.update_id, kept), set(["inbox_last"], update.update_id)]];
          }
          log.warn("Update {updateId} is too large to be kept: it is handled without", {
            updateId: update.update_id,
            bytes: kept.json.length,
          });
          return [];
        }),
      );
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
      await commitInParts(kv, counted.map((each) => [written(...each)]));
      for (const [updateId, kept] of counted) {
        if (kept.left >= suspectLeft) suspects.set(updateId, kept);
      }
      return counted.map(([, { json }]) => parse(new TextDecoder().decode(json)));
    },
    isSuspect: (updateId) => suspects.has(updateId),
    async begin(updateIds) {
      await commitInParts(
        kv,
        updateIds.flatMap((updateId) => {
          const kept = suspects.get(updateId);
          return kept ? [[written(updateId, { ...kept, begun: kept.begun + 1 })]] : [];
        }),
      );
    },
  };
}
