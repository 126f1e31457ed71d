/** AccessStore in Deno KV: `["guest", id]` for users and groups. Does not know who may do what. */
import { type AccessStore, Guest } from "../users/mod.ts";
import { commit, set } from "./commit.ts";
import { type KeyValueStore } from "./key_value.ts";
import { recordsIn } from "./single_records.ts";

/** The guests in an open state file. */
export function createKvAccessStore(kv: KeyValueStore): AccessStore {
  return {
    async get(id) {
      return Guest.safeParse((await kv.get(["guest", id])).value).data;
    },
    async put(guest) {
      await commit(kv, [set(["guest", guest.id], guest)]);
    },
    async remove(id) {
      await kv.delete(["guest", id]);
    },
    list: () => recordsIn(kv, { prefix: ["guest"] }, Guest),
  };
}
