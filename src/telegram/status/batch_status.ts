/**
 * The status of a batch: one message for all its jobs, with n of m and a button that cancels the rest; at its end it is gone, or
 * says which of them have no result. Its id is in the record of the first job, so that a restarted bot goes on with it. Owns when
 * it is shown and when the batch is over; the messages are status_message.ts's.
 */
import { getLogger } from "@logtape/logtape";
import { type Text, textIn } from "../../i18n/mod.ts";
import {
  type FailReason,
  isEnd,
  type Job,
  type JobQueue,
  livingOf,
  progressOf,
} from "../../jobs/mod.ts";
import { createSerializer, messageOf } from "../../lib/mod.ts";
import { type ChatDeps, type RateLimiter, retryUntilDelivered } from "../api/mod.ts";
import type { StatusMessages } from "./status_message.ts";
import { bar, calm, type StatusText } from "./status_text.ts";

const log = getLogger(["bot", "telegram", "status"]);

/** How often it is looked for something to show. */
const tickMs = 500;
/** Least time between two changes of a message: in private, in a group. */
const changeMs = { private: 3_000, group: 10_000 };
/** Longest time that Telegram may take to show progress. */
const showTimeoutMs = 10_000;

/** How many that are over are remembered: until the last of their jobs are settled. */
const maxFinished = 1_000;

export interface BatchStatusDeps extends Pick<ChatDeps, "positions" | "now"> {
  readonly queue: JobQueue;
  readonly rateLimiter: Pick<RateLimiter, "hasRoomForProgress">;
  readonly messages: StatusMessages;
  readonly text: Pick<StatusText, "isStalled" | "of">;
}

/** As a StatusUpdater's, for the jobs of batches. */
export interface BatchStatuses {
  open(job: Job): void;
  /** Takes the status away where the job is the last of its batch. */
  clear(job: Job): Promise<void>;
  ended(job: Job): void;
  flush(): Promise<void>;
  run(signal: AbortSignal): void;
}

/** Makes them; `signal` ends the waits for a Telegram that is away. */
export function createBatchStatuses(deps: BatchStatusDeps, signal: AbortSignal): BatchStatuses {
  const { queue, rateLimiter, messages, positions, now } = deps;
  const turns = createSerializer();
  /** When each batch that goes on was shown last, by the id of its first job. */
  const shown = new Map<string, number>();
  const finished = new Set<string>();
  /** Batches about which a call is under way. */
  const busy = new Set<string>();
  const calls = new Set<Promise<void>>();

  /** One at a time for each batch; a failure is logged, not thrown. */
  function showSoon(id: string): void {
    busy.add(id);
    const showing = turns(id, () => show(id)).catch((error) =>
      log.warn("Cannot show batch {jobId}: {error}", {
        jobId: id,
        error: messageOf(error),
        outage: "Telegram",
      })
    ).finally(() => {
      busy.delete(id);
      calls.delete(showing);
    });
    calls.add(showing);
  }

  async function textOf(living: readonly Job[], first: Job): Promise<string> {
    const text = textIn(first.origin.language);
    const { done, of } = progressOf(queue, first);
    const begun = living.find(({ state }) => state !== "queued");
    const left = living.filter(({ state }) => state !== "delivering");
    if (left.length > 0 && left.every((job) => job.cancelRequestedAt !== undefined)) {
      return text.cancel.requested;
    }
    // What keeps one of them waiting keeps them all.
    if (left[0] && deps.text.isStalled(left[0])) return deps.text.of(left[0], {});
    const waiting = left.filter(({ state }) => state === "queued");
    const last = waiting.at(-1);
    const at = last && await positions.of(last);
    const waitMs = queue.paused || at?.waitMs === undefined ? undefined : calm(at.waitMs);
    if (done === 0 && !begun && waiting[0]) {
      const { position = 1 } = await positions.of(waiting[0]) ?? {};
      if (queue.paused) return text.queue.paused({ position });
      if (position > 1) return text.batch.waiting({ of, position, waitMs });
    }
    return text.batch.progress({ bar: bar(done / of), done, of, leftMs: waitMs });
  }

  async function show(id: string): Promise<void> {
    const first = await queue.get(id);
    const living = first ? livingOf(queue, first) : [];
    if (!first || living.length === 0 || finished.has(id)) return void shown.delete(id);
    const { chatId, isPrivate } = first.origin;
    const leastMs = changeMs[isPrivate ? "private" : "group"];
    if (now() - (shown.get(id) ?? 0) < leastMs || !rateLimiter.hasRoomForProgress(chatId)) return;
    shown.set(id, now());
    const text = await textOf(living, first);
    const timeout = AbortSignal.timeout(showTimeoutMs);
    await messages.show({ ...first, state: "running" }, { text }, timeout);
  }

  /** The batch is over: its message goes, or says what has become of it. */
  async function finish(id: string): Promise<void> {
    if (finished.has(id)) return;
    shown.delete(id);
    const first = await queue.get(id);
    if (!first) return;
    const jobs = await queue.batch(first);
    const text = endOf(textIn(first.origin.language), first, jobs);
    if (text === undefined) await messages.remove(first);
    else await messages.end({ ...first, state: "failed" }, text);
    finished.add(id);
    if (finished.size > maxFinished) finished.delete(finished.values().next().value ?? id);
  }

  async function finishIfOver(job: Job): Promise<void> {
    const { id } = job.batch ?? job;
    if (livingOf(queue, job).some(({ delivered }) => !delivered)) return;
    await turns(id, () =>
      retryUntilDelivered(() => finish(id), {
        what: `that batch ${id} is over`,
        signal,
      }));
  }

  function ended(job: Job): void {
    const ending = finishIfOver(job).then(() => messages.settle(job, signal)).catch((error) => {
      if (signal.aborted) return;
      log.warn("Cannot tell of the end of job {jobId}: {error}", {
        jobId: job.id,
        error: messageOf(error),
        outage: "Telegram",
      });
    }).finally(() => calls.delete(ending));
    calls.add(ending);
  }

  function tick(): void {
    for (const id of shown.keys()) if (!busy.has(id)) showSoon(id);
  }

  function take(job: Job): void {
    const { id } = job.batch ?? job;
    if (!shown.has(id)) shown.set(id, -Infinity);
  }

  return {
    open(job) {
      take(job);
      showSoon((job.batch ?? job).id);
    },
    clear: finishIfOver,
    ended,
    async flush() {
      while (calls.size > 0) await Promise.allSettled(calls);
    },
    run(stop) {
      for (const job of queue.unsettled().filter(({ batch }) => batch)) {
        if (isEnd(job.state)) ended(job);
        else take(job);
      }
      const timer = setInterval(tick, tickMs);
      stop.addEventListener("abort", () => clearInterval(timer), { once: true });
    },
  };
}

/** What stays in the chat of a batch; undefined where each job has its result. */
function endOf(text: Text, { batch }: Job, jobs: readonly Job[]): string | undefined {
  const without = jobs.filter(({ delivered, state }) => !delivered && state !== "done");
  if (without.length === 0) return undefined;
  const isCancelled = without.some(({ state }) => state === "cancelled");
  const of = batch?.of ?? jobs.length;
  const reasons = new Map<FailReason, number[]>();
  for (const { state, failure = "execution", batch } of without) {
    if (state !== "failed") continue;
    reasons.set(failure, [...reasons.get(failure) ?? [], (batch?.index ?? 0) + 1]);
  }
  return [
    text.batch.ended({ done: jobs.length - without.length, of, isCancelled }),
    ...[...reasons].map(([reason, numbers]) => `${numbers.join(", ")}: ${text.failed(reason)}`),
  ].join("\n");
}
