/**
 * Why a job ended without a result. Owns which error is which of the few reasons that a user reads, and which of those the
 * owner is alerted of. Knows no sentence.
 */
import {
  InvalidParametersError,
  messageOf,
  PromptLostError,
  TemplateGoneError,
  WorkflowInterruptedError,
  WorkflowRefusedError,
  WorkflowTimeoutError,
} from "../lib/mod.ts";
import type { FailReason, Job, KeptReason } from "./job.ts";
import type { JobQueue } from "./queue.ts";
import { listenToChanges } from "./transitions.ts";

/** The user cancelled the job: not a failure. */
export class CancelledError extends Error {}

/** Telegram does not take the result: it is kept for its user. */
export class UndeliverableError extends Error {
  constructor(readonly kept: KeptReason) {
    super(`Cannot deliver: refused because of its ${kept}; the result is kept`);
  }
}

/** The reason that a user reads for the error that ended their job. */
export function failReasonOf(error: unknown): FailReason {
  if (error instanceof WorkflowTimeoutError) return "timeout";
  if (error instanceof WorkflowInterruptedError) return "interrupted";
  if (error instanceof PromptLostError) return "crashed";
  if (error instanceof InvalidParametersError) return "picture_gone";
  if (error instanceof TemplateGoneError) return "template_gone";
  if (error instanceof UndeliverableError) return "undeliverable";
  if (/out of memory|OutOfMemory|Allocation on device/i.test(messageOf(error))) {
    return "out_of_memory";
  }
  return error instanceof WorkflowRefusedError ? "refused" : "execution";
}

/** Reasons that only the owner can do something about. */
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
