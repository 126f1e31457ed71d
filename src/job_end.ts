/**
 * A job's end without a result: it was given up, or it failed. Owns what its record says then; its person hears of it
 * from the messenger.
 */
import { getLogger } from "@logtape/logtape";
import { messageOf } from "./errors.ts";
import { CancelledError, failReasonOf } from "./fail_reason.ts";
import type { Job } from "./job.ts";
import type { Messenger } from "./messenger.ts";
import type { JobQueue } from "./queue.ts";

const log = getLogger(["bot", "worker"]);

export interface JobEndDeps {
  readonly queue: JobQueue;
  readonly messenger: Pick<Messenger, "ended">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Writes that `error` ended the job, `cancelled` for a CancelledError, else `failed`; then has its person told. */
export async function endJob(
  { queue, messenger, now }: JobEndDeps,
  job: Job,
  error: unknown,
): Promise<void> {
  if (error instanceof CancelledError) {
    log.info("Job {jobId} was cancelled", { jobId: job.id });
    messenger.ended(await queue.update(job.id, { state: "cancelled", endedAt: now() }));
    return;
  }
  log.error("Job {jobId} failed: {error}", { jobId: job.id, error: messageOf(error) });
  messenger.ended(
    await queue.update(job.id, {
      state: "failed",
      endedAt: now(),
      error: messageOf(error),
      failure: failReasonOf(error),
    }),
  );
}
