/** How many jobs there have been, in Deno KV: one record under `["totals"]`. */
import { Totals, type TotalsStore } from "../monitoring/lifetime_totals.ts";
import { commit, set } from "./commit.ts";

/** The totals in an open state file. */
export function createKvTotalsStore(kv: Deno.Kv): TotalsStore {
  return {
    async load() {
      return Totals.safeParse((await kv.get(["totals"])).value).data;
    },
    async save(totals) {
      await commit(kv, [set(["totals"], totals)]);
    },
  };
}
