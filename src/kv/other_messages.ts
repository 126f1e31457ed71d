/**
 * Messages of the bot's that are no job's, in Deno KV: `["sent", chat_id, slot]`. Owns that they are forgotten after two days; /forget (settings.ts) deletes those of a private chat. A
 * search for a job's message begins at the next start; one that comes later than that is rare. Deno KV's own `expireIn` is not used:
 * on a full disk it ends the process.
 */
import { z } from "zod";
import { OtherMessage, type OtherMessageStore } from "../jobs/mod.ts";
import { commit, remove, set } from "./commit.ts";
import { type KeyValueStore } from "./key_value.ts";

const keptMs = 48 * 3_600_000;

/** Milliseconds since 1970. */
const Dated = z.object({ storedAt: z.number() });

/** The store in an open state file. */
export function createKvOtherMessageStore(
  kv: KeyValueStore,
  now: () => number = Date.now,
): OtherMessageStore {
  return {
    async all() {
      const found = [];
      for await (const { key, value } of kv.list({ prefix: ["sent"] })) {
        const { data: message } = OtherMessage.safeParse(value);
        const { data: dated } = Dated.safeParse(value);
        const isKept = dated !== undefined && dated.storedAt > now() - keptMs;
        if (message && isKept) found.push({ slot: Number(key.at(-1)), message });
        else await kv.delete(key);
      }
      return found;
    },
    async put(slot, message) {
      await commit(kv, [set(["sent", message.chatId, slot], { ...message, storedAt: now() })]);
    },
    async remove(chatId, slot) {
      await commit(kv, [remove(["sent", chatId, slot])]);
    },
  };
}
