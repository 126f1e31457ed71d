/** What became of the jobs of each day, in Deno KV: a record a day, under `["tally", "2026-11-22"]`. */
import { DayTally, type TallyStore } from "../monitoring/daily_stats.ts";
import { commit, set } from "./commit.ts";

/** The days in an open state file. */
export function createKvTallyStore(kv: Deno.Kv): TallyStore {
  return {
    async get(day) {
      return DayTally.safeParse((await kv.get(["tally", day])).value).data;
    },
    async put(tally) {
      await commit(kv, [set(["tally", tally.day], tally)]);
    },
    async since(day) {
      const tallies: DayTally[] = [];
      for await (const { value } of kv.list({ prefix: ["tally"], start: ["tally", day] })) {
        const { data } = DayTally.safeParse(value);
        if (data) tallies.push(data);
      }
      return tallies;
    },
  };
}
