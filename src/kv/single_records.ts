/**
 * Stores of a single record, of one a day or of one a user: service mode, estimates, lifetime totals, daily statistics, told problems,
 * templates that can run, the bot's profile, how long machines take to wake, wishes to be forgotten, copies in ComfyUI. Owns their keys. Does not know the shape of a record: that belongs to the room of the
 * port.
 */
import {
  Estimates,
  type EstimateStore,
  ServiceModeRecord,
  type ServiceModeStore,
} from "../jobs/mod.ts";
import {
  type DailyStatsStore,
  DayStats,
  LifetimeTotals,
  type LifetimeTotalsStore,
  ToldProblems,
  type ToldProblemsStore,
} from "../monitoring/mod.ts";
import {
  BotProfile,
  type BotProfileStore,
  ErasureRequest,
  type ErasureStore,
} from "../users/mod.ts";
import {
  type CopyStore,
  PromptCopies,
  RunnableTemplates,
  type RunnableTemplatesStore,
} from "../worker/mod.ts";
import { WakeTimes, type WakeTimesStore } from "../wake/mod.ts";
import { commit, remove, set } from "./commit.ts";
import { type KeyValueStore } from "./key_value.ts";

/** The service mode in an open state file. */
export function createKvServiceModeStore(kv: KeyValueStore): ServiceModeStore {
  return {
    async load() {
      return ServiceModeRecord.safeParse((await kv.get(["control"])).value).data;
    },
    async save(record) {
      await commit(kv, [set(["control"], record)]);
    },
  };
}

/** The estimates in an open state file. */
export function createKvEstimateStore(kv: KeyValueStore): EstimateStore {
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
export function createKvLifetimeTotalsStore(kv: KeyValueStore): LifetimeTotalsStore {
  return {
    async load() {
      return LifetimeTotals.safeParse((await kv.get(["totals"])).value).data;
    },
    async save(totals) {
      await commit(kv, [set(["totals"], totals)]);
    },
  };
}

/** What the admins were told of, in an open state file. */
export function createKvToldProblemsStore(kv: KeyValueStore): ToldProblemsStore {
  return {
    async load() {
      return ToldProblems.safeParse((await kv.get(["told_problems"])).value).data;
    },
    async save(told) {
      await commit(kv, [set(["told_problems"], told)]);
    },
  };
}

/** Which templates can run, in an open state file. */
export function createKvRunnableTemplatesStore(kv: KeyValueStore): RunnableTemplatesStore {
  return {
    async load() {
      return RunnableTemplates.safeParse((await kv.get(["runnable_templates"])).value).data;
    },
    async save(record) {
      await commit(kv, [set(["runnable_templates"], record)]);
    },
  };
}

/** What the bot has set of its profile, in an open state file. */
export function createKvBotProfileStore(kv: KeyValueStore): BotProfileStore {
  return {
    async load() {
      return BotProfile.safeParse((await kv.get(["bot_profile"])).value).data;
    },
    async save(profile) {
      await commit(kv, [set(["bot_profile"], profile)]);
    },
  };
}

/** How long machines take to wake, in an open state file. */
export function createKvWakeTimesStore(kv: KeyValueStore): WakeTimesStore {
  return {
    async load() {
      return WakeTimes.safeParse((await kv.get(["wake_times"])).value).data;
    },
    async save(times) {
      await commit(kv, [set(["wake_times"], times)]);
    },
  };
}

/** The days in an open state file. */
export function createKvDailyStatsStore(kv: KeyValueStore): DailyStatsStore {
  return {
    async get(day) {
      return DayStats.safeParse((await kv.get(["tally", day])).value).data;
    },
    async put(stats) {
      await commit(kv, [set(["tally", stats.day], stats)]);
    },
    async since(day) {
      const days: DayStats[] = [];
      for await (const { value } of kv.list({ prefix: ["tally"], start: ["tally", day] })) {
        const { data } = DayStats.safeParse(value);
        if (data) days.push(data);
      }
      return days;
    },
  };
}

/** The wishes to be forgotten in an open state file. */
export function createKvErasureStore(kv: KeyValueStore): ErasureStore {
  return {
    async list() {
      const requests: ErasureRequest[] = [];
      for await (const { value } of kv.list({ prefix: ["forget"] })) {
        const { data } = ErasureRequest.safeParse(value);
        if (data) requests.push(data);
      }
      return requests;
    },
    async put(request) {
      await commit(kv, [set(["forget", request.userId], request)]);
    },
    async remove({ userId }) {
      await commit(kv, [remove(["forget", userId])]);
    },
  };
}

/** What is to be removed from backends, in an open state file. */
export function createKvCopyStore(kv: KeyValueStore): CopyStore {
  return {
    async list() {
      const all: PromptCopies[] = [];
      for await (const { value } of kv.list({ prefix: ["copies"] })) {
        const { data } = PromptCopies.safeParse(value);
        if (data) all.push(data);
      }
      return all;
    },
    async put(copies) {
      await commit(kv, [set(["copies", copies.promptId], copies)]);
    },
    async remove({ promptId }) {
      await commit(kv, [remove(["copies", promptId])]);
    },
  };
}
