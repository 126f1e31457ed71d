/**
 * What became of the jobs of each day: how many ended how, how long they ran and waited. Owns the record of a day, so that
 * no report reads all jobs; what counts as what is jobs/transitions.ts's. Holds nothing about users.
 *
 * A day's record is written when a job has ended. A kill in that very moment loses the count of that one job.
 */
import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import {
  isEnd,
  type Job,
  type JobQueue,
  listenToChanges,
  outcomeOf,
  spansOf,
} from "../jobs/mod.ts";
import { createChain, messageOf } from "../lib/mod.ts";

const log = getLogger(["bot", "statistics"]);

/** One day. Version 1. */
export const DayStats = z.object({
  v: z.literal(1),
  /** `2026-11-22`, by the host's clock and time zone. */
  day: z.string(),
  done: z.number(),
  failed: z.number(),
  cancelled: z.number(),
  /** Runs that were measured, and the sum of their milliseconds. */
  runs: z.number(),
  runMs: z.number(),
  /** Waits that were measured, from enqueue to start, and the sum of their milliseconds. */
  waits: z.number(),
  waitMs: z.number(),
});
export type DayStats = Readonly<z.infer<typeof DayStats>>;

/** Where the days are kept. */
export interface DailyStatsStore {
  get(day: string): Promise<DayStats | undefined>;
  put(dailyStats: DayStats): Promise<void>;
  /** Those from that day on, the oldest first. */
  since(day: string): Promise<readonly DayStats[]>;
}

export interface DailyStatsDeps {
  readonly store: DailyStatsStore;
  readonly queue: Pick<JobQueue, "listen">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface DailyStats extends AsyncDisposable {
  /** The last `count` days, the oldest first and today last; days on which no job ended are there, with nothing. */
  days(count: number): Promise<readonly DayStats[]>;
}

/** The day of a time (milliseconds since 1970), `back` days before it. */
export function dayOf(time: number, back = 0): string {
  const at = new Date(time);
  // At noon: a clock that is put forward or back makes no day of it longer than it is.
  const noon = new Date(at.getFullYear(), at.getMonth(), at.getDate() - back, 12);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${noon.getFullYear()}-${two(noon.getMonth() + 1)}-${two(noon.getDate())}`;
}

/** A day on which nothing has ended yet. */
export function newDay(day: string): DayStats {
  return { v: 1, day, done: 0, failed: 0, cancelled: 0, runs: 0, runMs: 0, waits: 0, waitMs: 0 };
}

/** The day after a job's end, the same where the job has not ended; `since`: see transitions.ts. */
export function countEnd(day: DayStats, job: Job, since: number): DayStats {
  const outcome = outcomeOf(job);
  if (!outcome) return day;
  const { waitMs, runMs } = spansOf(job, since);
  return {
    ...day,
    [outcome]: day[outcome] + 1,
    waits: day.waits + (waitMs === undefined ? 0 : 1),
    waitMs: day.waitMs + (waitMs ?? 0),
    runs: day.runs + (runMs === undefined ? 0 : 1),
    runMs: day.runMs + (runMs ?? 0),
  };
}

/** Counts from now on. Disposing waits for what is being written; what cannot be written is logged and tried with the next. */
export function openDailyStats({ store, queue, now }: DailyStatsDeps): DailyStats {
  const since = now();
  const ending = new AbortController();
  let today: DayStats | undefined;
  const serialize = createChain();

  async function count(job: Job): Promise<void> {
    const day = dayOf(job.endedAt ?? now());
    const before = today?.day === day ? today : await store.get(day) ?? newDay(day);
    today = countEnd(before, job, since);
    await store.put(today);
  }

  listenToChanges(queue, (job) => {
    if (!isEnd(job.state)) return;
    serialize(() => count(job)).catch((error) =>
      log.warn("Cannot count job {jobId}: {error}", {
        jobId: job.id,
        error: messageOf(error),
        outage: "the disk",
      })
    );
  }, ending.signal);

  return {
    days: (count) =>
      serialize(async () => {
        const wanted = Array.from({ length: count }, (_, i) => dayOf(now(), count - 1 - i));
        const known = new Map((await store.since(wanted[0] ?? "")).map((each) => [each.day, each]));
        return wanted.map((day) => known.get(day) ?? newDay(day));
      }),
    async [Symbol.asyncDispose]() {
      ending.abort();
      await serialize(() => Promise.resolve());
    },
  };
}
