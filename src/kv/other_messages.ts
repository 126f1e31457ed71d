/**
 * Messages of the bot's that are no job's, in Deno KV: `["sent", chat_id, slot]`, gone by themselves after two days. A search
 * for a job's message begins at the next start; one that comes later than that is rare.
 */
import { OtherMessage, type OtherMessageStore } from "../jobs/mod.ts";
import { commit, remove, set } from "./commit.ts";

const keptMs = 48 * 3_600_000;

/** The store in an open state file. */
export function createKvOtherMessageStore(kv: Deno.Kv): OtherMessageStore {
  return {
    async all() {
      const found = [];
      for await (const { key, value } of kv.list({ prefix: ["sent"] })) {
        const { data } = OtherMessage.safeParse(value);
        if (data) found.push({ slot: Number(key.at(-1)), message: data });
      }
      return found;
    },
    async put(slot, message) {
      await commit(kv, [set(["sent", message.chatId, slot], message, { expireIn: keptMs })]);
    },
    async remove(chatId, slot) {
      await commit(kv, [remove(["sent", chatId, slot])]);
    },
  };
}
