/**
 * Inbox in Deno KV: `["inbox", update_id]` holds an unhandled update as JSON in UTF-8, with how many processes ended before they
 * handled it, how many began it as a suspect, whether the last of these handled nothing else meanwhile, and which message tells of
 * it; `["inbox_last"]` is the last id that was stored. Does not know what an update means.
 */
import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import { type Inbox, type StoredUpdate } from "../jobs/mod.ts";
import { messageOf } from "../lib/mod.ts";
import { type Change, commit, commitInParts, fits, remove, set } from "./commit.ts";
import { type KeyValueStore } from "./key_value.ts";

const log = getLogger(["bot", "kv"]);

const Kept = z.object({
  json: z.instanceof(Uint8Array),
  left: z.number(),
  begun: z.number().default(0),
  alone: z.boolean().default(false),
  notice: z.number().optional(),
});
type Kept = z.infer<typeof Kept>;

/** Bytes by which the rest of a record may grow. */
const growthBytes = 48;
/** Ids this far below the last one are replays; lower ones mean that Telegram restarted its numbering. */
const replayWindow = 10_000;
/** An update that so many processes left unhandled is a suspect. */
const suspectLeft = 2;

/** Takes an update out of the inbox, in the commit of what its handler has done last. */
export function removeUpdate(updateId: number): Change {
  return remove(keyOf(updateId));
}

/** The inbox in an open state file. `parse` reads an update back. */
export function createKvInbox<U extends StoredUpdate>(
  kv: KeyValueStore,
  parse: (json: string) => U,
): Inbox<U> {
  let last: number | undefined;
  const taken = new Map<number, Kept>();

  const written = (updateId: number, kept: Kept): Change => set(keyOf(updateId), kept);

  const read = ({ json }: Kept) => parse(new TextDecoder().decode(json));

  /** Updates the records of some that were left; those that are handled meanwhile stay deleted. */
  async function change(updateIds: readonly number[], to: (kept: Kept) => Kept): Promise<void> {
    await commitInParts(
      kv,
      updateIds.flatMap((updateId) => {
        const kept = taken.get(updateId);
        return kept ? [[written(updateId, to(kept))]] : [];
      }),
    );
  }

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
            alone: false,
          } satisfies Kept;
          if (fits(kept, growthBytes)) {
            return [[written(update.update_id, kept), set(["inbox_last"], update.update_id)]];
          }
          log.warn("Update {updateId} is too large to store: it is handled without being stored", {
            updateId: update.update_id,
            bytes: kept.json.length,
          });
          return [];
        }),
      );
      last = fresh.at(-1)?.update_id ?? last;
      return fresh;
    },
    async done(...updateIds) {
      for (const updateId of updateIds) taken.delete(updateId);
      await commit(kv, updateIds.map(removeUpdate));
    },
    async left(onPoison) {
      const counted: [updateId: number, kept: Kept][] = [];
      for await (const entry of kv.list({ prefix: ["inbox"] })) {
        const updateId = Number(entry.key[1]);
        const kept = Kept.safeParse(entry.value).data;
        if (!kept || kept.alone) {
          const telling = onPoison(updateId, kept && read(kept));
          if (telling === undefined) await kv.delete(entry.key);
          else {
            telling.then(() => kv.delete(entry.key)).catch((error) =>
              log.warn("Cannot remove update {updateId}: {error}", {
                updateId,
                error: messageOf(error),
              })
            );
          }
          continue;
        }
        counted.push([updateId, { ...kept, left: kept.left + 1 }]);
      }
      await commitInParts(kv, counted.map((each) => [written(...each)]));
      for (const [updateId, kept] of counted) taken.set(updateId, kept);
      return counted.map(([, kept]) => read(kept));
    },
    async setNotice(updateId, notice) {
      const entry = await kv.get(keyOf(updateId));
      const kept = Kept.safeParse(entry.value).data;
      if (!kept) return;
      if (taken.has(updateId)) taken.set(updateId, { ...kept, notice });
      await commit(kv, [written(updateId, { ...kept, notice })], [entry]);
    },
    noticeOf: (updateId) => taken.get(updateId)?.notice,
    async drop(isDropped) {
      for await (const { key, value } of kv.list({ prefix: ["inbox"] })) {
        const kept = Kept.safeParse(value).data;
        if (!kept || !isDropped(read(kept))) continue;
        taken.delete(Number(key[1]));
        await kv.delete(key);
      }
    },
    isSuspect(updateId) {
      const kept = taken.get(updateId);
      return kept !== undefined && (kept.left >= suspectLeft || kept.begun > 0);
    },
    begin: (updateIds, { alone }) =>
      change(updateIds, (kept) => ({ ...kept, begun: kept.begun + 1, alone })),
    spare: (updateIds) =>
      change(updateIds, (kept) => ({ ...kept, left: 0, begun: 0, alone: false })),
  };
}

function keyOf(updateId: number): readonly [string, number] {
  return ["inbox", updateId];
}
