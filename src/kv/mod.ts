/**
 * Deno KV behind the store ports of the other rooms, and the state file: opening, locking, backup, damage.
 * Owns keys, record versions on disk and atomic commits. Does not know what the records are for.
 */
export { createKvAccessStore } from "./access.ts";
export { backUp, backUpDaily, restore } from "./backup.ts";
export { createKvHistoryOutbox } from "./history_outbox.ts";
export { createKvInbox } from "./inbox.ts";
export { createKvJobStore } from "./jobs.ts";
export { createKvOtherMessageStore } from "./other_messages.ts";
export type {
  AtomicWrite,
  FoundEntry,
  KeyValueEntry,
  KeyValueStore,
  RecordCheck,
  RecordKey,
} from "./key_value.ts";
export { openForReading, openState, takeOver } from "./open.ts";
export { type PurgeOptions, purgeUser } from "./purge.ts";
export { createKvSettings } from "./settings.ts";
export {
  createKvBotProfileStore,
  createKvCopyStore,
  createKvDailyStatsStore,
  createKvErasureStore,
  createKvEstimateStore,
  createKvLifetimeTotalsStore,
  createKvRunnableTemplatesStore,
  createKvServiceModeStore,
  createKvToldProblemsStore,
  createKvWakeTimesStore,
} from "./single_records.ts";
