/**
 * Changes of state, out of a queue that tells of every write: which job went from which state to which, each once. For
 * whoever counts jobs; the worker knows nothing of it.
 */
import type { Job, JobState } from "./job.ts";
import type { JobQueue } from "./queue.ts";

/** Told of a job that is in another state than before; `from` is undefined for a new one. */
export type JobChangeListener = (job: Job, from: JobState | undefined) => void;

/** Calls back after each change of state until the signal aborts. Jobs that are there already are no change. */
export function listenToChanges(
  queue: Pick<JobQueue, "listen">,
  onChange: JobChangeListener,
  signal: AbortSignal,
): void {
  queue.listen((job, before) => {
    // A settled job may be written again (a message of its result has changed): it was told of before.
    if (before === undefined && job.state !== "queued") return;
    if (before?.state !== job.state) onChange(job, before?.state);
  }, signal);
}

/**
 * Milliseconds that the job ran in its backend, where this change is the end of a run that was seen from its beginning:
 * undefined for one that began before `since` (an earlier process), and for a result that the backend had cached.
 */
export function runMsOf(job: Job, from: JobState | undefined, since: number): number | undefined {
  const { state, startedAt, renderedAt } = job;
  if (from !== "running" || state !== "delivering") return undefined;
  if (startedAt === undefined || renderedAt === undefined || startedAt < since) return undefined;
  return renderedAt - startedAt;
}

/**
 * Milliseconds that the job waited from its request until its backend began with it, or gave a cached result. Undefined
 * where this change is something else, and for a job that begins a second time.
 */
export function waitMsOf(job: Job, from: JobState | undefined): number | undefined {
  if (from !== "submitted" || job.crashes > 0) return undefined;
  if (job.state === "running") return begun(job.startedAt);
  return job.state === "delivering" ? begun(job.renderedAt) : undefined;

  function begun(at: number | undefined): number | undefined {
    return at === undefined ? undefined : at - job.createdAt;
  }
}
