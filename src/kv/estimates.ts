/** What was learned of running times, in Deno KV: one record under `["estimates"]`. */
import { Estimates, type EstimateStore } from "../jobs/estimator.ts";
import { commit, set } from "./commit.ts";

/** The estimates in an open state file. */
export function createKvEstimateStore(kv: Deno.Kv): EstimateStore {
  return {
    async load() {
      return Estimates.safeParse((await kv.get(["estimates"])).value).data;
    },
    async save(estimates) {
      await commit(kv, [set(["estimates"], estimates)]);
    },
  };
}
