/**
 * Changes of state, out of a queue that reports every write, and what such a change is counted as. Owns the rules of every
 * figure about jobs: Prometheus, metrics.json and the daily statistics add up what these functions say. Knows no metric.
 *
 * `since` is the start of this process, in milliseconds since 1970: what began before was not observed, and part of its time
 * may have passed between the two processes.
 */
import type { Job, JobState } from "./job.ts";
import type { JobQueue } from "./queue.ts";

/** Called with a job whose state has changed; `from` is undefined for a new one. */
export type JobChangeListener = (job: Job, from: JobState | undefined) => void;

/** Calls back after each change of state, until the signal aborts. Jobs that exist already are not reported. */
export function listenToChanges(
  queue: Pick<JobQueue, "listen">,
  onChange: JobChangeListener,
  signal: AbortSignal,
): void {
  queue.listen((job, before) => {
    // A settled job may be written again (a message of its result has changed): it was reported before.
    if (before === undefined && job.state !== "queued") return;
    if (before?.state !== job.state) onChange(job, before?.state);
  }, signal);
}

/** How a job ended; undefined while it has not. */
export function outcomeOf({ state }: Job): "done" | "failed" | "cancelled" | undefined {
  return state === "done" || state === "failed" || state === "cancelled" ? state : undefined;
}

/**
 * Milliseconds from start to rendered, where this change ends a run; undefined for a run that began before `since`, and for a
 * cached result.
 */
export function runMsOf(job: Job, from: JobState | undefined, since: number): number | undefined {
  const { state, startedAt, renderedAt } = job;
  if (from !== "running" || state !== "delivering") return undefined;
  if (startedAt === undefined || renderedAt === undefined || startedAt < since) return undefined;
  return renderedAt - startedAt;
}

/**
 * Milliseconds from enqueue to start, or to a cached result. Undefined where this change is something else, and for a job
 * that starts a second time.
 */
export function waitMsOf(job: Job, from: JobState | undefined): number | undefined {
  if (from !== "submitted" || job.crashes > 0) return undefined;
  if (job.state === "running") return startedAfter(job.startedAt);
  return job.state === "delivering" ? startedAfter(job.renderedAt) : undefined;

  function startedAfter(at: number | undefined): number | undefined {
    return at === undefined ? undefined : at - job.createdAt;
  }
}

/** Milliseconds from rendered to delivered; undefined where the job is not done, or was rendered before `since`. */
export function deliveryMsOf(
  { state, renderedAt, endedAt }: Job,
  since: number,
): number | undefined {
  if (state !== "done" || renderedAt === undefined || endedAt === undefined) return undefined;
  return renderedAt < since ? undefined : endedAt - renderedAt;
}

/**
 * Wait and run of a job that has ended, in milliseconds, where only ends are counted. Both undefined for a job that ran more
 * than once or started before `since`; the run of a cached result is undefined.
 */
export function spansOf(
  { createdAt, startedAt, renderedAt, crashes }: Job,
  since: number,
): { readonly waitMs: number | undefined; readonly runMs: number | undefined } {
  const beganAt = startedAt ?? renderedAt;
  if (beganAt === undefined || beganAt < since || crashes > 0) {
    return { waitMs: undefined, runMs: undefined };
  }
  return {
    waitMs: beganAt - createdAt,
    runMs: startedAt === undefined || renderedAt === undefined ? undefined : renderedAt - startedAt,
  };
}
