/**
 * The history of jobs that are over: from the outbox in the state to PostgreSQL, each at least once. Owns when it is written, how long it
 * is kept, and what the statistics take from it. While PostgreSQL is away jobs wait in the outbox, and so does what is to be deleted.
 */
import { getLogger } from "@logtape/logtape";
import {
  type FinishedJob,
  finishedJob,
  type HistoryOutbox,
  isEnd,
  type Job,
  type JobQueue,
} from "./jobs/mod.ts";
import { createChain, messageOf, runPeriodically } from "./lib/mod.ts";
import { type DailyStats, type DayStats } from "./monitoring/mod.ts";
import { type JobHistory } from "./postgres/mod.ts";
import { type Template } from "./templates/mod.ts";
import { type ErasureRequest } from "./users/mod.ts";

const log = getLogger(["bot", "job_history"]);

/** How often it is looked whether something is to be written; and what is too old, to be deleted. */
const writeMs = 1_000;
const expireMs = 3_600_000;
/** Jobs that are written at a time: a day's take little memory. */
const batchSize = 100;

export interface HistoryDeps {
  readonly outbox: HistoryOutbox;
  readonly history: JobHistory;
  readonly queue: Pick<JobQueue, "listen">;
  readonly config: () => {
    /** How long a job is kept, in milliseconds; 0 for ever. */
    readonly keepMs: number;
    /** Whether what users wrote is kept. */
    readonly words: boolean;
  };
  readonly template: (name: string) => Template | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface History {
  /** What is kept of a job; undefined while it is not over. */
  finished(job: Job): FinishedJob | undefined;
  /** Writes and deletes until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Deletes a user's jobs; those in the outbox must be gone from it before. Rejects with StorageAwayError while PostgreSQL is away: to
   * be called again.
   */
  forget(request: ErasureRequest): Promise<void>;
  /** The statistics as the history has them, and as they were counted where it has less or cannot be asked. */
  statisticsWith(counted: Pick<DailyStats, "days">): Pick<DailyStats, "days">;
}

export function createHistory(deps: HistoryDeps): History {
  const { outbox, history, queue, config, now } = deps;
  // What was read from the outbox is written before a user's jobs are deleted, and not after it.
  const serialize = createChain();
  /** Something may be in the outbox: a former process may have left it there. */
  let isLeft = true;
  let isAway = false;

  /** Writes some; true where there may be more. */
  async function writeSome(): Promise<boolean> {
    const { jobs, done } = await outbox.next(batchSize);
    if (jobs.length > 0) await history.write(jobs);
    await done();
    return jobs.length > 0;
  }

  async function write(signal: AbortSignal): Promise<void> {
    if (!isLeft) return;
    isLeft = false;
    try {
      while (!signal.aborted && await serialize(writeSome));
    } catch (error) {
      isLeft = true;
      isAway = true;
      throw error;
    }
    if (isAway) log.info("The history is written again");
    isAway = false;
  }

  async function expire(): Promise<void> {
    const { keepMs } = config();
    if (keepMs === 0) return;
    const expired = await serialize(() => history.expire(now() - keepMs));
    if (expired > 0) log.info("Deleted {expired} old jobs from the history", { expired });
  }

  return {
    finished(job) {
      const params = deps.template(job.template)?.params;
      const kindOf = (name: string) => params?.[name]?.spec.kind ?? "text";
      return finishedJob(job, {
        words: config().words,
        isChoice: (name) => kindOf(name) !== "text",
      });
    },
    async run(signal) {
      queue.listen((job) => {
        if (isEnd(job.state)) isLeft = true;
      }, signal);
      await Promise.all([
        runPeriodically(
          () => write(signal),
          { what: "write the history; jobs wait in the state", everyMs: writeMs },
          signal,
        ),
        runPeriodically(
          expire,
          { what: "delete old jobs from the history", everyMs: expireMs, firstMs: writeMs },
          signal,
        ),
      ]);
    },
    forget: ({ userId, lastSeq, at = 0 }) =>
      serialize(() => history.forget({ userId, lastSeq, before: at })),
    statisticsWith: (counted) => ({
      async days(count) {
        const days = await counted.days(count);
        try {
          const ends = await history.ends(days.map(({ day }) => spanOf(day)));
          return days.map((day, i) => ends[i] ? fuller(day, { ...day, ...ends[i] }) : day);
        } catch (error) {
          log.warn("Cannot read the history for the statistics: {error}", {
            error: messageOf(error),
          });
          return days;
        }
      },
    }),
  };
}

/**
 * The history misses what was before it began, what it has deleted, and what still waits for it; the counts miss a job that ended in the
 * moment of a kill.
 */
function fuller(counted: DayStats, kept: DayStats): DayStats {
  const total = ({ done, failed, cancelled }: DayStats) => done + failed + cancelled;
  return total(kept) >= total(counted) ? kept : counted;
}

/** From midnight to midnight, by the host's clock and time zone. */
function spanOf(day: string): { readonly from: number; readonly to: number } {
  const from = new Date(`${day}T00:00`);
  const to = new Date(from.getFullYear(), from.getMonth(), from.getDate() + 1);
  return { from: from.getTime(), to: to.getTime() };
}
