/**
 * Stores of a single record, of one a day or of one a user: service mode, estimates, lifetime totals, daily statistics, told problems,
 * templates that can run, the bot's profile, how long machines take to wake, wishes to be forgotten, copies in ComfyUI. Owns their
 * keys, and that a record of another shape is none. Does not know the shape: that belongs to the room of the port.
 */
import type { z } from "zod";
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
  return recordAt(kv, "control", ServiceModeRecord);
}

/** The estimates in an open state file. */
export function createKvEstimateStore(kv: KeyValueStore): EstimateStore {
  return recordAt(kv, "estimates", Estimates);
}

/** The totals in an open state file. */
export function createKvLifetimeTotalsStore(kv: KeyValueStore): LifetimeTotalsStore {
  return recordAt(kv, "totals", LifetimeTotals);
}

/** What the admins were told of, in an open state file. */
export function createKvToldProblemsStore(kv: KeyValueStore): ToldProblemsStore {
  return recordAt(kv, "told_problems", ToldProblems);
}

/** Which templates can run, in an open state file. */
export function createKvRunnableTemplatesStore(kv: KeyValueStore): RunnableTemplatesStore {
  return recordAt(kv, "runnable_templates", RunnableTemplates);
}

/** What the bot has set of its profile, in an open state file. */
export function createKvBotProfileStore(kv: KeyValueStore): BotProfileStore {
  return recordAt(kv, "bot_profile", BotProfile);
}

/** How long machines take to wake, in an open state file. */
export function createKvWakeTimesStore(kv: KeyValueStore): WakeTimesStore {
  return recordAt(kv, "wake_times", WakeTimes);
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
    since: (day) => recordsIn(kv, { prefix: ["tally"], start: ["tally", day] }, DayStats),
  };
}

/** The wishes to be forgotten in an open state file. */
export function createKvErasureStore(kv: KeyValueStore): ErasureStore {
  return {
    list: () => recordsIn(kv, { prefix: ["forget"] }, ErasureRequest),
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
    list: () => recordsIn(kv, { prefix: ["copies"] }, PromptCopies),
    async put(copies) {
      await commit(kv, [set(["copies", copies.promptId], copies)]);
    },
    async remove({ promptId }) {
      await commit(kv, [remove(["copies", promptId])]);
    },
  };
}

/** The one record of a key; undefined where there is none. */
function recordAt<T>(kv: KeyValueStore, key: string, schema: z.ZodType<T>) {
  return {
    load: async () => schema.safeParse((await kv.get([key])).value).data,
    async save(record: T): Promise<void> {
      await commit(kv, [set([key], record)]);
    },
  };
}

/** All records of a list, in the order of their keys. */
export async function recordsIn<T>(
  kv: KeyValueStore,
  selector: Parameters<KeyValueStore["list"]>[0],
  schema: z.ZodType<T>,
): Promise<readonly T[]> {
  const records: T[] = [];
  for await (const { value } of kv.list(selector)) {
    const { data, success } = schema.safeParse(value);
    if (success) records.push(data);
  }
  return records;
}
