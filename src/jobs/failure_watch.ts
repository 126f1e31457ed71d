/**
 * Failures of jobs that are the owner's business: something is wrong with ComfyUI, with how it is set up, or with the way to
 * a person. Owns which those are; who is told, and how often, is the listener's.
 */
import type { FailReason, Job } from "./job.ts";
import { listenToChanges } from "./transitions.ts";
import type { JobQueue } from "./queue.ts";

/** What a chat user cannot help. */
const ownersReasons = [
  "refused",
  "out_of_memory",
  "crashed",
  "timeout",
  "execution",
  "undeliverable",
] as const satisfies readonly FailReason[];

export type OwnersReason = typeof ownersReasons[number];

/** One failed job. */
export interface JobFailure {
  readonly reason: OwnersReason;
  /** Failures with the same one are the same trouble. */
  readonly cause: string;
  /** In English, as it is in the log. */
  readonly error: string;
}

/** What failed, where the job did and it is the owner's business. */
export function failureOf({ state, failure, error = "", backend }: Job): JobFailure | undefined {
  const reason = ownersReasons.find((known) => known === failure);
  if (state !== "failed" || reason === undefined) return undefined;
  const place = reason === "undeliverable" ? "" : `:${backend ?? ""}`;
  return { reason, cause: `job:${reason}${place}`, error };
}

/** Calls back for each such failure until the signal aborts. */
export function watchFailures(
  queue: Pick<JobQueue, "listen">,
  onFailure: (failure: JobFailure) => void,
  signal: AbortSignal,
): void {
  listenToChanges(queue, (job) => {
    const failure = failureOf(job);
    if (failure) onFailure(failure);
  }, signal);
}
