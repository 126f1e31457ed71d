/** How the bot works, in Deno KV: one record under `["control"]`. */
import { ControlRecord, type ControlStore } from "../jobs/service_mode.ts";
import { commit, set } from "./commit.ts";

/** The control record in an open state file. */
export function createKvControlStore(kv: Deno.Kv): ControlStore {
  return {
    async load() {
      return ControlRecord.safeParse((await kv.get(["control"])).value).data;
    },
    async save(record) {
      await commit(kv, [set(["control"], record)]);
    },
  };
}
