/**
 * Stores of a single record, or of one a day: service mode, estimates, lifetime totals, daily statistics.
 * Owns their keys; the records' shapes are those of the rooms that the ports come from.
 */
import { Estimates, type EstimateStore } from "../jobs/estimator.ts";
import { ControlRecord, type ControlStore } from "../jobs/service_mode.ts";
import { DayTally, type TallyStore } from "../monitoring/daily_stats.ts";
import { Totals, type TotalsStore } from "../monitoring/lifetime_totals.ts";
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
