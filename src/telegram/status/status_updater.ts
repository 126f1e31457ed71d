/**
 * The status updater: shows each job's state in its chat until the job ends. Owns when it is shown, in which of two forms, and what
 * its user reads when it ends without a result.
 *
 * A job that waits has a status message: it may wait for hours, stays in its place under the request and has a button that
 * cancels the job. In a private chat the running job has the chat's message draft instead: Telegram animates it,
 * puts its own Stop button on it and removes it by itself when the result comes. A job that begins at once never gets a
 * message; a chat has one draft, so further running jobs keep their messages. Groups, servers that do not know drafts, and
 * users who see previews (a draft carries no picture) have the message all the way:
 *
 *   waiting ──────▶ status message ──painted, private──▶ draft ──result──▶ nothing
 *   begins at once ────────────────────────────────────▶ draft ──failed, cancelled──▶ a sentence
 *                   status message ◀──put back, backend away, draft refused, preview── draft
 *
 * What is shown is folded from the queue and the latest event, never queued up: what finds no room under Telegram's limits
 * is overtaken. The jobs of a batch have one message together (batch_status.ts). Nothing here is waited for by a result: its
 * delivery aborts what is on its way.
 */
import { getLogger } from "@logtape/logtape";
import type { Api } from "grammy";
import { isEnd, type Job, type JobEvent, type JobQueue } from "../../jobs/mod.ts";
import { joinSignals, messageOf } from "../../lib/mod.ts";
import { type Settings } from "../../users/mod.ts";
import { type ChatDeps, type RateLimiter, retryUntilDelivered } from "../api/mod.ts";
import { type QueuePosition } from "../../worker/mod.ts";
import { createBatchStatuses } from "./batch_status.ts";
import { createPreviews } from "./preview.ts";
import type { StatusDrafts } from "./status_draft.ts";
import { createStatusMessages, type StatusSending } from "./status_message.ts";
import { createStatusText } from "./status_text.ts";

const log = getLogger(["bot", "telegram", "status"]);

/** A job that is shown. */
interface Entry {
  event: JobEvent | undefined;
  /** When it was shown, or last found to be right still. */
  shownAt: number;
  /** True where what was shown last is of a run that takes steps. */
  showsSteps: boolean;
  /** The call that is under way; changes of one job's status never overtake each other. */
  busy: Promise<void> | undefined;
  /** Aborts what only shows progress; there from the first look on, for ten thousand may wait for one. */
  progress: AbortController | undefined;
}

/** How often the statusUpdater looks for something to show. */
const tickMs = 250;
/** Least time between two changes of a running job's status: in private, in a group. */
const progressMs = { private: 1_200, group: 6_000 };
/** Least time until a draft that has vanished is shown again. */
const vanishedMs = 1_000;
/** Least time between two edits of a waiting job's message, and how much more for each place further back. */
const waitingMs = 5_000;
const waitingMsPerPlace = 500;

/** Longest time that Telegram may take to show progress: what comes later is shown instead. */
const progressTimeoutMs = 10_000;

/** Most statuses that one look changes: what a change takes of the room is counted only when it goes out. */
const changesPerTick = 5;

/** How many waiting jobs one look comes to: those at the head each time, the others in turn. */
const nearest = 20;
const fartherPerTick = 80;

export interface StatusUpdaterDeps
  extends Pick<ChatDeps, "positions" | "reachable" | "waking" | "now"> {
  readonly settings: Pick<Settings, "user">;
  readonly api: Api;
  readonly queue: JobQueue;
  readonly rateLimiter: Pick<RateLimiter, "hasRoomForProgress">;
  readonly drafts: StatusDrafts;
  /** For the calls that begin a status. */
  readonly sending: StatusSending;
}

export interface StatusUpdater {
  /** Shows a job that was just made. */
  open(job: Job): void;
  /** Takes in what happens to it. */
  notify(job: Job, event: JobEvent): void;
  /** Whether its picture would be shown as it forms; false where that cannot be found out. Never rejects. */
  wantsPreviews(job: Job): Promise<boolean>;
  /** Takes its status away: the result is there. Rejects only while the program stops. */
  clear(job: Job): Promise<void>;
  /** Says that the job failed or was cancelled, and settles it. */
  ended(job: Job): void;
  /** Resolves when no call is under way. */
  flush(): Promise<void>;
  /** Takes up the jobs that a former process left, and keeps the statuses current until the signal aborts. */
  run(signal: AbortSignal): void;
}

/** Makes the statusUpdater. Watches the queue until `signal` aborts. */
export function createStatusUpdater(deps: StatusUpdaterDeps, signal: AbortSignal): StatusUpdater {
  const { queue, rateLimiter, drafts, now } = deps;
  const statusText = createStatusText(deps);
  const messages = createStatusMessages(deps);
  const previews = createPreviews(deps);
  const batches = createBatchStatuses({ ...deps, messages, text: statusText }, signal);
  const entries = new Map<string, Entry>();
  /** Jobs that do not wait and are not at an end. */
  const active = new Map<string, Job>();
  const calls = new Set<Promise<void>>();
  let farther = nearest + 1;

  /** One call at a time for each job; a failure is logged, not thrown. */
  function call(job: Job, entry: Entry, act: () => Promise<void>): void {
    const busy = (entry.busy ?? Promise.resolve()).then(act).catch((error) =>
      log.warn("Cannot show job {jobId}: {error}", {
        jobId: job.id,
        error: messageOf(error),
        outage: "Telegram",
      })
    ).finally(() => {
      calls.delete(busy);
      if (entry.busy === busy) entry.busy = undefined;
    });
    calls.add(busy);
    entry.busy = busy;
  }

  function enter(job: Job): Entry {
    const entry: Entry = {
      event: undefined,
      shownAt: now(),
      showsSteps: false,
      busy: undefined,
      progress: undefined,
    };
    entries.set(job.id, entry);
    return entry;
  }

  /** The job is at an end, or about to be: what is on its way comes too late. */
  function leave(job: Job): Entry | undefined {
    const entry = entries.get(job.id);
    entries.delete(job.id);
    entry?.progress?.abort();
    drafts.remove(job);
    previews.forget(job);
    return entry;
  }

  /** True where the job is to have its chat's draft; `status_updater.ts` begins with why. */
  async function hasDraft(job: Job, at: QueuePosition | undefined): Promise<boolean> {
    const isPainted = job.state === "running";
    const isAboutTo = job.statusMessageId === undefined && statusText.isNext(job, at);
    return (isPainted || isAboutTo) && drafts.isFree(job) &&
      !statusText.isStalled(job) && !await previews.areExpected(job);
  }

  async function positionOf(id: string): Promise<QueuePosition | undefined> {
    const job = await queue.get(id);
    return job && await deps.positions.of(job);
  }

  /** Shows the job as it is now. */
  async function show(id: string, entry: Entry): Promise<void> {
    const at = await positionOf(id);
    const job = await queue.get(id);
    if (!job || isEnd(job.state) || entries.get(id) !== entry) return;
    const isOver = job.state === "delivering" || job.cancelRequestedAt !== undefined;
    // A draft is not refreshed any more: it would come back after the message that takes it away.
    if (isOver && job.statusMessageId === undefined) return;
    const { signal: stop } = entry.progress ??= new AbortController();
    using patience = joinSignals(stop, AbortSignal.timeout(progressTimeoutMs));
    const text = statusText.of(job, { event: entry.event, at });
    try {
      if (
        !isOver && await hasDraft(job, at) && await drafts.show(job, { text }, patience.signal)
      ) {
        if (job.statusMessageId === undefined || stop.aborted) return;
        await messages.remove(job);
        await queue.update(id, { statusMessageId: undefined, statusMark: undefined });
        return;
      }
      const begins = job.statusMessageId === undefined;
      if (begins && !rateLimiter.hasRoomForProgress(job.origin.chatId)) {
        // What it would wait for is soon over, and it would say what no longer is.
        entry.shownAt = -Infinity;
        return;
      }
      // The message that begins a status is one call, its picture is the next look's.
      const picture = isOver || begins ? undefined : await previews.next(job);
      if (!await messages.show(job, { text, picture }, patience.signal)) previews.refuse();
      await drafts.remove(job);
    } catch (error) {
      if (!stop.aborted) throw error;
    }
  }

  function open(job: Job): void {
    if (job.batch) return batches.open(job);
    if (entries.has(job.id)) return;
    const entry = enter(job);
    call(job, entry, () => show(job.id, entry));
  }

  /** A job of a former process. Where it was shown already, a long queue's messages are not all changed at once. */
  function takeUp(job: Job): void {
    watch(job);
    if (isEnd(job.state)) ended(job);
    else if (job.statusMessageId === undefined && job.state === "queued") open(job);
    else enter(job);
  }

  function ended(job: Job): void {
    if (job.batch) return batches.ended(job);
    const entry = leave(job) ?? enter(job);
    entries.delete(job.id);
    call(job, entry, async () => {
      await retryUntilDelivered(() => messages.end(job, statusText.of(job, {})), {
        what: `the end of job ${job.id}`,
        signal,
      });
      await messages.settle(job, signal);
    });
  }

  /** Keeps in mind which jobs do not wait; a result does not wait for what is shown. */
  function watch(job: Job): void {
    if (job.batch) return;
    if (job.state === "queued" || isEnd(job.state)) active.delete(job.id);
    else active.set(job.id, job);
    const entry = entries.get(job.id);
    // What came of it before is of a run that is over.
    if (job.state === "queued" && entry) entry.event = undefined;
    if (job.state !== "delivering" || !entry) return;
    entry.progress?.abort();
    entry.progress = undefined;
    drafts.remove(job);
    previews.forget(job);
  }

  /** Least time between two changes of the job's status. */
  function changeMs(job: Job): number {
    const position = queue.position(job.id);
    return position === undefined
      ? progressMs[job.origin.isPrivate ? "private" : "group"]
      : waitingMs + waitingMsPerPlace * position;
  }

  /** True where the status has stood long enough to be changed. */
  function isDue(job: Job, entry: Entry): boolean {
    const leastMs = drafts.hasVanished(job) ? vanishedMs : changeMs(job);
    return takesSteps(entry) && !entry.showsSteps || now() - entry.shownAt >= leastMs;
  }

  /** The jobs that one look comes to: a look costs the same however many wait. */
  function candidates(): Job[] {
    const first = farther;
    farther = first + fartherPerTick > queue.size ? nearest + 1 : first + fartherPerTick;
    return [
      ...active.values(),
      ...queue.waiting(1, nearest),
      ...queue.waiting(first, first + fartherPerTick - 1),
    ];
  }

  function tick(): void {
    let left = changesPerTick;
    for (const job of candidates()) {
      const entry = entries.get(job.id);
      if (!entry || entry.busy || !isDue(job, entry)) continue;
      if (!rateLimiter.hasRoomForProgress(job.origin.chatId)) continue;
      entry.shownAt = now();
      entry.showsSteps = takesSteps(entry);
      call(job, entry, () => show(job.id, entry));
      if (--left === 0) return;
    }
  }

  queue.listen(watch, signal);

  return {
    open,
    notify(job, event) {
      const entry = entries.get(job.id);
      if (!entry) return;
      if (event.type === "preview") previews.take(job, event);
      else if (event.type !== "accepted") entry.event = event;
      else if (entry.event?.type === "storage_away") entry.event = undefined;
    },
    wantsPreviews: async (job) => !job.batch && await previews.areWanted(job).catch(() => false),
    async clear(job) {
      if (job.batch) return await batches.clear(job);
      leave(job);
      await retryUntilDelivered(() => messages.remove(job), {
        what: `that the status of job ${job.id} is over`,
        signal,
      });
    },
    ended,
    async flush() {
      while (calls.size > 0) await Promise.allSettled(calls);
      await batches.flush();
    },
    run(signal) {
      for (const job of queue.unsettled()) if (!job.batch) takeUp(job);
      batches.run(signal);
      const timer = setInterval(tick, tickMs);
      signal.addEventListener("abort", () => clearInterval(timer), { once: true });
    },
  };
}

function takesSteps({ event }: Entry): boolean {
  return event?.type === "progress" && event.fraction > 0;
}
