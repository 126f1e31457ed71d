/**
 * The text of a job's state for its user, with its explicit parameters. Knows no message: its callers decide where and how
 * often it is shown.
 */
import { cut, type Text, textIn } from "../../i18n/mod.ts";
import { isEnd, type Job, type JobEvent, type JobQueue, progressOf } from "../../jobs/mod.ts";
import { type QueuePosition } from "../../worker/mod.ts";
import { type ChatDeps } from "../api/mod.ts";

export interface StatusTextDeps extends Pick<ChatDeps, "reachable" | "waking"> {
  readonly queue: Pick<JobQueue, "paused">;
}

/** Most characters of the parameters that are shown with a job. */
const maxGiven = 200;

/** A wait that is not worth a number. */
const soonMs = 3_000;

/** What its words are made of, beside the job. */
export interface Standing {
  /** The last event that came of it. */
  readonly event?: JobEvent | undefined;
  /** Where it stands while it has not begun. */
  readonly at?: QueuePosition | undefined;
}

export interface StatusText {
  /** The words for the job as it is now. */
  of(job: Job, standing: Standing): string;
  /** True where the job waits, nothing is to begin before it, and what runs is not worth a number. */
  isNext(job: Job, at: QueuePosition | undefined): boolean;
  /** True where the backend that the job needs is away, or its machine sleeps. */
  isStalled(job: Job): boolean;
}

export function createStatusText({ queue, reachable, waking }: StatusTextDeps): StatusText {
  /** One that ComfyUI has already is not held back by a pause, and needs no number while it is the next there. */
  function isNext({ state }: Job, at: QueuePosition | undefined): boolean {
    if (at?.position !== 1) return false;
    return state === "submitted" || !queue.paused && (at.waitMs ?? 0) < soonMs;
  }

  function isStalled(job: Job): boolean {
    const { backend, state } = job;
    return waking(job) !== undefined || !reachable(state === "queued" ? undefined : backend);
  }

  function waiting(job: Job, at: QueuePosition | undefined): string {
    const text = textIn(job.origin.language).queue;
    if (!at || isNext(job, at)) return text.next;
    const { position, waitMs } = at;
    if (job.state === "queued" && queue.paused) return text.paused({ position });
    return text.waiting({ position, waitMs: waitMs && calm(waitMs) });
  }

  function running(job: Job, event: JobEvent | undefined): string {
    const text = textIn(job.origin.language).queue;
    if (event?.type !== "progress" || event.fraction === 0) return text.starting;
    return text.progress({
      bar: bar(event.fraction),
      percent: Math.round(event.fraction * 100),
      step: event.step,
      leftMs: event.leftMs,
    });
  }

  function stateOf(job: Job, { event, at }: Standing): string {
    const text = textIn(job.origin.language);
    if (isEnd(job.state)) {
      return job.state === "cancelled"
        ? text.queue.cancelled
        : job.kept === "form"
        ? text.kept.tooLarge
        : text.failed(job.failure ?? "execution");
    }
    if (event?.type === "storage_away") return text.queue.storageAway;
    if (job.state === "delivering") return text.queue.sending;
    if (job.cancelRequestedAt !== undefined) return text.cancel.requested;
    const wake = waking(job);
    if (wake) return text.queue.waking({ leftMs: shownMs(wake) });
    if (isStalled(job)) return text.queue.stalled;
    // Where the disk did not take it that the job runs, its events tell.
    const hasBegun = job.state === "running" || event?.type === "progress";
    return hasBegun ? running(job, event) : waiting(job, at);
  }

  return {
    isNext,
    isStalled,
    of(job, standing) {
      const state = stateOf(job, standing);
      const given = job.given.map((name) => `${name}=${job.params[name]}`).join(" · ");
      return given === "" || isEnd(job.state) ? state : `${state}\n${cut(given, maxGiven)}`;
    },
  };
}

/** A bar of ten blocks: `▓▓▓▓▓░░░░░`. */
export function bar(fraction: number): string {
  const full = Math.round(fraction * 10);
  return "▓".repeat(full) + "░".repeat(10 - full);
}

/** An expected time that does not flicker: in steps of 5 s, beyond two minutes of 30 s. */
export function calm(ms: number): number {
  const step = ms < 120_000 ? 5_000 : 30_000;
  return Math.ceil(ms / step) * step;
}

/** Nothing can be said of one that is overdue. */
function shownMs({ leftMs }: { readonly leftMs: number }): number | undefined {
  return leftMs > 0 ? calm(leftMs) : undefined;
}

/** Most characters of a job's words in a list or on a button. */
export const wordsInList = 40;

/** The job as it is now, in a line. */
export async function jobLine(
  text: Text,
  job: Job,
  { queue, positions, reachable, waking }: Pick<
    ChatDeps,
    "queue" | "positions" | "reachable" | "waking"
  >,
): Promise<string> {
  const words = cut(job.promptText, wordsInList);
  if (job.batch) return text.batch.status({ words, ...progressOf(queue, job) });
  if (job.state === "delivering") return text.status.sending({ words });
  const wake = waking(job);
  if (wake) return text.status.waking({ words, leftMs: shownMs(wake) });
  const isQueued = job.state === "queued";
  if (!reachable(isQueued ? undefined : job.backend)) return text.status.stalled({ words });
  if (job.state === "running") return text.status.running({ words });
  const { position = 1, waitMs } = await positions.of(job) ?? {};
  const isHeld = isQueued && queue.paused;
  return text.status.waiting({ words, position, waitMs: isHeld ? undefined : waitMs });
}
