/**
 * JobStore in Deno KV. A job is stored at `["live", id]` until it is settled, then at `["job", id]`, so that a start reads the live
 * ones only. `["last_seq"]` is the greatest place in the order of arrival. Indexes, each with the job's id or its time of creation: `["by_user", userId, id]`, `["by_time", userId, createdAt, id]`,
 * for a delivered job `["result", chatId, messageId]` and `["last", userId, chatId]`, and `["kept", userId, id]` while a result is kept
 * for its user. A job that ends goes to the history's outbox in the same commit. No query about a user grows with their history. Does not know what a state means.
 */
import { getLogger } from "@logtape/logtape";
import {
  type FinishedJob,
  isKept,
  Job,
  type JobStore,
  movedJob,
  resultChatOf,
} from "../jobs/mod.ts";
import {
  type Change,
  commit,
  commitInParts,
  fits,
  fitTogether,
  type Key,
  remove,
  set,
} from "./commit.ts";
import { historyKey } from "./history_outbox.ts";
import { type KeyValueStore } from "./key_value.ts";

const log = getLogger(["bot", "kv"]);

/** Bytes by which a record may grow: history, message ids, failure. */
const growthBytes = 12 * 1024;
/** Jobs that are read at a time. */
const batchSize = 500;

/** Key of the index of a user's jobs by time. */
export const byTimeKey = (userId: number, createdAt: number, id: string) =>
  ["by_time", userId, createdAt, id] as const;

/** Key of the greatest place in the order of arrival. */
export const lastSeqKey = ["last_seq"] as const;

/** Notes it for jobs of older versions, which did not. */
export async function noteLastSeq(kv: KeyValueStore): Promise<void> {
  const noted = await readLastSeq(kv);
  let last = noted;
  for (const prefix of [["live"], ["job"]]) {
    for await (const { value } of kv.list({ prefix }, { batchSize })) {
      const { data } = Job.pick({ seq: true }).safeParse(value);
      last = Math.max(last, data?.seq ?? 0);
    }
  }
  if (last > noted) await commit(kv, [set(lastSeqKey, last)]);
}

async function readLastSeq(kv: KeyValueStore): Promise<number> {
  const { value } = await kv.get(lastSeqKey);
  return typeof value === "number" ? value : 0;
}

/**
 * The jobs in an open state file. `finished` gives what the history is to keep of a job; undefined where it keeps nothing, as by
 * default.
 */
export function createKvJobStore(
  kv: KeyValueStore,
  finished: (job: Job) => FinishedJob | undefined = () => undefined,
): JobStore {
  const get = (id: string) => getJob(kv, id);

  /** The job whose id is stored at a key. */
  async function named(key: Deno.KvKey): Promise<Job | undefined> {
    const { value } = await kv.get(key);
    return typeof value === "string" ? await get(value) : undefined;
  }

  let known: number | undefined;
  async function lastSeq(): Promise<number> {
    return known ??= await readLastSeq(kv);
  }

  function changesOf(job: Job): readonly Change[] {
    const { userId } = job.origin;
    const changes = [
      set(["by_user", userId, job.id], job.createdAt),
      set(byTimeKey(userId, job.createdAt, job.id), true),
    ];
    if (job.settled) changes.push(remove(["live", job.id]), set(["job", job.id], job));
    else changes.push(set(["live", job.id], job));
    const over = finished(job);
    if (over) changes.push(set(historyKey(userId, job.id), over));
    // Most results were never kept.
    if (isKept(job)) changes.push(set(["kept", userId, job.id], job.id));
    else if (job.kept !== undefined) changes.push(remove(["kept", userId, job.id]));
    if (job.delivered) {
      const chatId = resultChatOf(job);
      for (const id of messagesOf(job)) changes.push(set(["result", chatId, id], job.id));
      if (!job.settled || job.kept !== undefined) {
        changes.push(set(["last", userId, chatId], job.id));
      }
    }
    return changes;
  }

  async function put(...jobs: readonly Job[]): Promise<void> {
    const seq = Math.max(...jobs.map((job) => job.seq));
    const isLast = seq > await lastSeq();
    await commit(kv, [
      ...isLast ? [set(lastSeqKey, seq)] : [],
      ...jobs.flatMap(changesOf),
    ]);
    if (isLast) known = seq;
  }

  return {
    put,
    lastSeq,
    takes: (...jobs) =>
      jobs.every((job) => fits(job, growthBytes)) && fitTogether(jobs.flatMap(changesOf)),
    get,
    async unsettled() {
      const jobs: Job[] = [];
      for await (const entry of kv.list({ prefix: ["live"] }, { batchSize })) {
        const job = parsed(entry);
        if (job) jobs.push(job);
      }
      return jobs;
    },
    byResult: (chatId, messageId) => named(["result", chatId, messageId]),
    async kept(userId) {
      const jobs: Job[] = [];
      for await (const { value } of kv.list({ prefix: ["kept", userId] })) {
        const job = typeof value === "string" ? await get(value) : undefined;
        if (job) jobs.push(job);
      }
      return jobs;
    },
    lastDelivered: ({ userId, chatId }) => named(["last", userId, chatId]),
    async countSince(userId, since, max) {
      const start = ["by_time", userId, since];
      let count = 0;
      for await (const _ of kv.list({ prefix: ["by_time", userId], start }, { limit: max })) {
        count++;
      }
      return count;
    },
    async moveChat(from, to) {
      const ids = new Set<string>();
      for await (const { key } of kv.list({ prefix: ["by_user", from] })) ids.add(String(key[2]));
      for await (const { value } of kv.list({ prefix: ["kept"] })) ids.add(String(value));
      for (const id of ids) {
        const job = await get(id);
        if (!job) continue;
        const { userId, chatId } = job.origin;
        const isTheirs = userId === from || chatId === from;
        // The queue has written those that are not settled.
        const stale = [
          remove(["by_user", from, id]),
          remove(byTimeKey(from, job.createdAt, id)),
          remove(["kept", from, id]),
          remove(historyKey(from, id)),
        ];
        if (userId !== from) await commit(kv, stale);
        if (!job.settled || !isTheirs) continue;
        await put(movedJob(job, from, to));
        if (userId === from) await commit(kv, stale);
      }
    },
    async settled(userId, lastSeq) {
      const jobs: Job[] = [];
      for await (const { key } of kv.list({ prefix: ["by_user", userId] }, { batchSize })) {
        const job = await get(String(key[2]));
        if (job?.settled && job.seq <= lastSeq) jobs.push(job);
      }
      return jobs;
    },
    forget: (userId, max, lastSeq) =>
      forgetJobs(kv, userId, { max, isGone: (job) => job.settled && job.seq <= lastSeq }),
  };
}

/** Deletes a user's jobs that `isGone` picks, with their places in the indexes; see JobStore. */
export async function forgetJobs(
  kv: KeyValueStore,
  userId: number,
  { max, isGone }: { readonly max: number; readonly isGone: (job: Job) => boolean },
): Promise<{ readonly gone: readonly Job[]; readonly isAll: boolean }> {
  const gone: Job[] = [];
  const groups: Change[][] = [];
  for await (const { key, value } of kv.list({ prefix: ["by_user", userId] }, { batchSize })) {
    if (groups.length >= max) break;
    const id = String(key[2]);
    const job = await getJob(kv, id);
    if (job && !isGone(job)) continue;
    const changes = [
      remove(["by_user", userId, id]),
      remove(["live", id]),
      remove(["job", id]),
      remove(["kept", userId, id]),
      remove(historyKey(userId, id)),
    ];
    if (typeof value === "number") changes.push(remove(byTimeKey(userId, value, id)));
    if (job) {
      gone.push(job);
      const chatId = resultChatOf(job);
      const last: Key = ["last", userId, chatId];
      if ((await kv.get(last)).value === job.id) changes.push(remove(last));
      for (const each of messagesOf(job)) changes.push(remove(["result", chatId, each]));
    }
    groups.push(changes);
  }
  await commitInParts(kv, groups);
  return { gone, isAll: groups.length < max };
}

async function getJob(kv: KeyValueStore, id: string): Promise<Job | undefined> {
  const [live, ended] = await kv.getMany([["live", id], ["job", id]]);
  return parsed(live) ?? parsed(ended);
}

/** The messages that hold its result; none before it is delivered. */
function messagesOf({ delivered }: Job): readonly number[] {
  return delivered ? [delivered.messageId, ...(delivered.album ?? []).map(({ id }) => id)] : [];
}

function parsed(entry: Deno.KvEntryMaybe<unknown>): Job | undefined {
  if (entry.value === null) return undefined;
  const result = Job.safeParse(entry.value);
  if (result.success) return result.data;
  log.error("Cannot read job {jobId}: its record has an unknown shape", {
    jobId: String(entry.key.at(-1)),
    problem: result.error.message,
    outage: `job ${String(entry.key.at(-1))}`,
  });
  return undefined;
}
