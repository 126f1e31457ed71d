/**
 * Jobs of a backend that is not configured any more: no worker would resume them. Owns where they go; to be called before the
 * workers run.
 */
import { getLogger } from "@logtape/logtape";
import { type Job, type JobQueue } from "../jobs/mod.ts";

const log = getLogger(["bot", "worker"]);

/**
 * Puts each such job back to its old place in the queue; one that is rendered already is left to the first of `backends` to
 * be delivered. `backends` holds the configured names, one at least.
 */
export async function adoptOrphans(
  queue: Pick<JobQueue, "live" | "update">,
  backends: readonly string[],
): Promise<void> {
  for (const job of queue.live().filter((job) => isOrphan(job, backends))) {
    log.info("Job {jobId} was in {backend}, which is no longer configured", {
      jobId: job.id,
      backend: job.backend,
    });
    await queue.update(
      job.id,
      job.state === "delivering" ? { backend: backends[0] } : { state: "queued" },
    );
  }
}

function isOrphan({ state, backend }: Job, backends: readonly string[]): boolean {
  return state !== "queued" && (backend === undefined || !backends.includes(backend));
}
