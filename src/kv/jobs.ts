/**
 * Job records in Deno KV. A job lies under `["live", id]` until it is settled, then under `["job", id]`: a start reads
 * the live ones alone, however many there have been.
 */
import { getLogger } from "@logtape/logtape";
import { Job } from "../job.ts";
import type { JobStore } from "../queue.ts";

const log = getLogger(["bot", "kv"]);

/** The jobs in an open state file. */
export function createKvJobStore(kv: Deno.Kv): JobStore {
  return {
    async put(job) {
      const commit = job.settled
        ? kv.atomic().delete(["live", job.id]).set(["job", job.id], job)
        : kv.atomic().set(["live", job.id], job);
      await commit.commit();
    },
    async get(id) {
      const [live, ended] = await kv.getMany([["live", id], ["job", id]]);
      return parsed(live) ?? parsed(ended);
    },
    async unsettled() {
      const jobs: Job[] = [];
      for await (const entry of kv.list({ prefix: ["live"] }, { batchSize: 500 })) {
        const job = parsed(entry);
        if (job) jobs.push(job);
      }
      return jobs;
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
