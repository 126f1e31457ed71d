/**
 * Job records in Deno KV. A job lies under `["live", id]` until it is settled, then under `["job", id]`: a start reads
 * the live ones alone, however many there have been. Beside it: `["by_user", userId, id]`, and for a delivered one
 * `["result", chatId, messageId]` and `["last", userId, chatId]`, each with the job's id;
 * under `by_user` lies when it was made.
 */
import { getLogger } from "@logtape/logtape";
import { Job } from "../job.ts";
import type { JobStore } from "../job_store.ts";

const log = getLogger(["bot", "kv"]);

/** The jobs in an open state file. */
export function createKvJobStore(kv: Deno.Kv): JobStore {
  async function get(id: string): Promise<Job | undefined> {
    const [live, ended] = await kv.getMany([["live", id], ["job", id]]);
    return parsed(live) ?? parsed(ended);
  }

  /** The job whose id stands under a key. */
  async function named(key: Deno.KvKey): Promise<Job | undefined> {
    const { value } = await kv.get(key);
    return typeof value === "string" ? await get(value) : undefined;
  }

  return {
    async put(job) {
      const { userId, chatId } = job.origin;
      const commit = kv.atomic().set(["by_user", userId, job.id], job.createdAt);
      if (job.settled) commit.delete(["live", job.id]).set(["job", job.id], job);
      else commit.set(["live", job.id], job);
      if (job.delivered) {
        commit.set(["result", chatId, job.delivered.messageId], job.id);
        if (!job.settled) commit.set(["last", userId, chatId], job.id);
      }
      await commit.commit();
    },
    get,
    async unsettled() {
      const jobs: Job[] = [];
      for await (const entry of kv.list({ prefix: ["live"] }, { batchSize: 500 })) {
        const job = parsed(entry);
        if (job) jobs.push(job);
      }
      return jobs;
    },
    byResult: (chatId, messageId) => named(["result", chatId, messageId]),
    lastDelivered: ({ userId, chatId }) => named(["last", userId, chatId]),
    async createdSince(userId, since) {
      const times: number[] = [];
      for await (const { value } of kv.list({ prefix: ["by_user", userId] })) {
        if (typeof value === "number" && value >= since) times.push(value);
      }
      return times;
    },
    async forget(userId) {
      const gone: Job[] = [];
      for await (const { key } of kv.list({ prefix: ["by_user", userId] })) {
        const job = await get(String(key[2]));
        if (job && !job.settled) continue;
        const commit = kv.atomic().delete(key).delete(["job", String(key[2])]);
        if (job) {
          gone.push(job);
          const { chatId } = job.origin;
          const last = await kv.get(["last", userId, chatId]);
          if (last.value === job.id) commit.delete(last.key);
          if (job.delivered) commit.delete(["result", chatId, job.delivered.messageId]);
        }
        await commit.commit();
      }
      return gone;
    },
  };
}

function parsed(entry: Deno.KvEntryMaybe<unknown>): Job | undefined {
  if (entry.value === null) return undefined;
  const result = Job.safeParse(entry.value);
  if (result.success) return result.data;
  log.error("Cannot read job {jobId}: its record has an unknown shape", {
    jobId: String(entry.key.at(-1)),
    problem: result.error.message,
  });
  return undefined;
}
