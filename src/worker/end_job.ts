/**
 * A job's end without a result: it was cancelled, or it failed. Owns what its record says then; the messenger tells
 * its user.
 */
import { getLogger } from "@logtape/logtape";
import { cut } from "../i18n/mod.ts";
import {
  CancelledError,
  failReasonOf,
  type Job,
  type JobPatch,
  type JobQueue,
  UndeliverableError,
} from "../jobs/mod.ts";
import {
  createRedactor,
  messageOf,
  retryOnDiskError,
  type RetryOnDiskErrorOptions,
} from "../lib/mod.ts";
import type { Messenger } from "./messenger.ts";

const log = getLogger(["bot", "worker"]);
const redact = createRedactor();
/** Characters of an error that are kept: what others say has no end of its own. */
const maxErrorWords = 2_000;

export interface EndJobDeps {
  readonly queue: JobQueue;
  readonly messenger: Pick<Messenger, "ended">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Writes that `error` ended the job, `cancelled` for a CancelledError, else `failed`; then logs it and has its user told.
 * Retries while the disk is in trouble.
 */
export async function endJob(
  { queue, messenger, now }: EndJobDeps,
  job: Job,
  error: unknown,
  retryOptions: Omit<RetryOnDiskErrorOptions, "what">,
): Promise<void> {
  const write = (patch: JobPatch) =>
    retryOnDiskError(() => queue.update(job.id, patch), {
      what: `the end of job ${job.id}`,
      ...retryOptions,
    });
  if (error instanceof CancelledError) {
    const cancelled = await write({ state: "cancelled", endedAt: now() });
    log.info("Job {jobId} was cancelled", { jobId: job.id });
    return messenger.ended(cancelled);
  }
  // ComfyUI's words may hold anything; the record is shown to admins.
  const words = cut(redact(withoutWords(messageOf(error), job)), maxErrorWords);
  const failed = await write({
    state: "failed",
    endedAt: now(),
    error: words,
    failure: failReasonOf(error),
    ...(error instanceof UndeliverableError ? { kept: error.kept } : {}),
  });
  log.error("Job {jobId} failed: {error}", { jobId: job.id, error: words });
  messenger.ended(failed);
}

/** What the user has written is replaced by `…`: a node may repeat it, and the log outlives the job. */
function withoutWords(error: string, { promptText, params }: Job): string {
  const written = [promptText, ...Object.values(params)].filter((value) =>
    typeof value === "string" && value !== "" && (value === promptText || /\s/.test(value))
  );
  return written.reduce<string>((text, words) => text.replaceAll(String(words), "…"), error);
}
