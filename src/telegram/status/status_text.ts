/**
 * What a user reads of a job while it lives: where it stands, and its explicit parameters. Knows no message: who shows
 * the words decides where and how often.
 */
import { cut, type Text, textIn } from "../../i18n/mod.ts";
import { isEnd, type Job, type JobEvent, type JobQueue } from "../../jobs/mod.ts";
import { type ChatDeps } from "../api/mod.ts";

export interface StatusTextDeps extends Pick<ChatDeps, "waitMs" | "reachable"> {
  readonly queue: Pick<JobQueue, "position" | "submitted" | "paused">;
}

/** Most characters of the parameters that are shown with a job. */
const maxGiven = 200;

/** A wait that is not worth a number. */
const soonMs = 3_000;

export interface StatusText {
  /** The words for the job as it is now; `event` is the last one that came of it. */
  of(job: Job, event: JobEvent | undefined): string;
  /** True where the job waits, no other is to begin before it, and what runs is not worth a number. */
  isNext(job: Job): boolean;
  /** True where the backend that the job needs is away. */
  isStalled(job: Job, event: JobEvent | undefined): boolean;
}

/** Takes the place in the queue and the expected time from `deps`, at each call. */
export function createStatusText({ queue, waitMs, reachable }: StatusTextDeps): StatusText {
  function isNext(job: Job): boolean {
    const isFirst = queue.submitted === 0 && queue.position(job.id) === 1;
    return isFirst && !queue.paused && (waitMs(1) ?? 0) < soonMs;
  }

  function isStalled(job: Job, event: JobEvent | undefined): boolean {
    return !reachable() || (job.state === "running" && event?.type === "stalled");
  }

  function waiting(job: Job, position: number): string {
    const text = textIn(job.origin.language).queue;
    if (queue.paused) return text.paused({ position });
    if (isNext(job)) return text.next;
    const expectedMs = waitMs(position);
    return text.waiting({ position, waitMs: expectedMs && calm(expectedMs) });
  }

  function running(job: Job, event: JobEvent | undefined): string {
    const text = textIn(job.origin.language).queue;
    if (event?.type !== "progress") return job.state === "running" ? text.starting : text.next;
    if (event.fraction === 0) return text.starting;
    return text.progress({
      bar: bar(event.fraction),
      percent: Math.round(event.fraction * 100),
      step: event.step,
      leftMs: event.leftMs,
    });
  }

  function stateOf(job: Job, event: JobEvent | undefined): string {
    const text = textIn(job.origin.language);
    if (isEnd(job.state)) {
      return job.state === "cancelled"
        ? text.queue.cancelled
        : job.kept === "form"
        ? text.kept.tooLarge
        : text.failed(job.failure ?? "execution");
    }
    if (job.state === "delivering") return text.queue.sending;
    if (job.cancelRequestedAt !== undefined) return text.cancel.requested;
    if (isStalled(job, event)) return text.queue.stalled;
    const position = queue.position(job.id);
    return position === undefined ? running(job, event) : waiting(job, position);
  }

  return {
    isNext,
    isStalled,
    of(job, event) {
      const state = stateOf(job, event);
      const given = job.given.map((name) => `${name}=${job.params[name]}`).join(" · ");
      return given === "" || isEnd(job.state) ? state : `${state}\n${cut(given, maxGiven)}`;
    },
  };
}

/** A bar of ten blocks: `▓▓▓▓▓░░░░░`. */
function bar(fraction: number): string {
  const full = Math.round(fraction * 10);
  return "▓".repeat(full) + "░".repeat(10 - full);
}

/** An expected time that does not flicker: in steps of 5 s, beyond two minutes of 30 s. */
function calm(ms: number): number {
  const step = ms < 120_000 ? 5_000 : 30_000;
  return Math.ceil(ms / step) * step;
}

/** Most characters of a job's words in a list or on a button. */
export const wordsInList = 40;

/** The job as it is now, in a line. */
export function jobLine(
  text: Text,
  job: Job,
  { queue, waitMs }: Pick<ChatDeps, "queue" | "waitMs">,
): string {
  const words = cut(job.promptText, wordsInList);
  const position = queue.position(job.id);
  if (position !== undefined) {
    const expectedMs = queue.paused ? undefined : waitMs(position);
    return text.status.waiting({ words, position, waitMs: expectedMs });
  }
  return job.state === "delivering"
    ? text.status.sending({ words })
    : text.status.running({ words });
}
