/**
 * How many jobs there have been, over all starts of the program: the figures of metrics.json. Owns the record and
 * when it is written: at once, then at most every ten seconds, and at the end. A kill -9 loses what was counted since.
 */
import { getLogger } from "@logtape/logtape";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { type Job, type JobState, outcomeOf, runMsOf } from "../jobs/mod.ts";
import { messageOf } from "../lib/mod.ts";

const log = getLogger(["bot", "metrics"]);

/** Version 1. */
export const LifetimeTotals = z.object({
  v: z.literal(1),
  /** Jobs accepted into the queue. */
  jobs: z.number(),
  done: z.number(),
  failed: z.number(),
  cancelled: z.number(),
  /** Runs that were measured, and the sum of their milliseconds. */
  runs: z.number(),
  runMs: z.number(),
});
export type LifetimeTotals = Readonly<z.infer<typeof LifetimeTotals>>;

/** Where they are kept over restarts. */
export interface LifetimeTotalsStore {
  load(): Promise<LifetimeTotals | undefined>;
  save(totals: LifetimeTotals): Promise<void>;
}

/** The keys and units of `metrics.json`, as monitoring from outside reads them. */
export interface MetricsSummary {
  readonly tasks_total: number;
  readonly tasks_success: number;
  readonly tasks_failed: number;
  /** Jobs that wait. */
  readonly queue_current_size: number;
  /** Mean seconds that a job ran in its backend; 0 where none has. */
  readonly avg_processing_time: number;
}

/** Nothing was counted yet. */
export const noTotals: LifetimeTotals = {
  v: 1,
  jobs: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
  runs: 0,
  runMs: 0,
};

/** The totals after a change of a job's state; the same record where it counts for nothing. `since`: see transitions.ts. */
export function countChange(
  totals: LifetimeTotals,
  job: Job,
  from: JobState | undefined,
  since: number,
): LifetimeTotals {
  if (from === undefined) return { ...totals, jobs: totals.jobs + 1 };
  const outcome = outcomeOf(job);
  if (outcome) return { ...totals, [outcome]: totals[outcome] + 1 };
  const runMs = runMsOf(job, from, since);
  return runMs === undefined
    ? totals
    : { ...totals, runs: totals.runs + 1, runMs: totals.runMs + runMs };
}

/** What metrics.json says. */
export function summaryOf(totals: LifetimeTotals, waiting: number): MetricsSummary {
  const { jobs, done, failed, runs, runMs } = totals;
  return {
    tasks_total: jobs,
    tasks_success: done,
    tasks_failed: failed,
    queue_current_size: waiting,
    avg_processing_time: runs === 0 ? 0 : Math.round(runMs / runs) / 1000,
  };
}

export interface LifetimeTotalsDeps {
  readonly store: LifetimeTotalsStore;
  /** Puts the numbers where monitoring from outside finds them. */
  readonly publish: (summary: MetricsSummary) => Promise<void>;
  /** Jobs that wait now. */
  readonly waiting: () => Promise<number>;
  /** Runs that began before this time are not measured: milliseconds since 1970. */
  readonly since: number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. Default: the host's clock. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export interface LifetimeTotalsKeeper extends AsyncDisposable {
  /** Counts a change of a job's state; it is written soon. */
  changed(job: Job, from: JobState | undefined): void;
}

/** Pause between two writes. */
const everyMs = 10_000;

/** Goes on from what the store has. Disposing writes what is not written yet; what cannot be written is logged once. */
export async function openLifetimeTotals(deps: LifetimeTotalsDeps): Promise<LifetimeTotalsKeeper> {
  const { store, publish, waiting, since } = deps;
  const wait = deps.wait ?? ((ms, signal) => pause(ms, undefined, { signal }));
  let totals = await store.load() ?? noTotals;
  let saved = totals;
  let published = "";
  let isFailing = false;
  let news = Promise.withResolvers<void>();
  const ending = new AbortController();

  async function write(): Promise<void> {
    news = Promise.withResolvers();
    try {
      const counted = totals;
      if (counted !== saved) await store.save(counted);
      saved = counted;
      const summary = summaryOf(counted, await waiting());
      const text = JSON.stringify(summary);
      if (text !== published) await publish(summary);
      published = text;
      isFailing = false;
    } catch (error) {
      if (!isFailing) {
        log.warn("Cannot write the totals: {error}", {
          error: messageOf(error),
          outage: "the disk",
        });
      }
      isFailing = true;
      news.resolve();
    }
  }

  async function writeNowAndThen(): Promise<void> {
    const { signal } = ending;
    signal.addEventListener("abort", () => news.resolve(), { once: true });
    while (!signal.aborted) {
      await write();
      await wait(everyMs, signal).catch(() => {});
      await news.promise;
    }
    await write();
  }

  const writing = writeNowAndThen();
  return {
    changed(job, from) {
      totals = countChange(totals, job, from, since);
      news.resolve();
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await writing;
    },
  };
}

/** Writes the numbers beside the file, then puts them in its place. */
export async function writeMetricsFile(dataDir: string, summary: MetricsSummary): Promise<void> {
  const path = join(dataDir, "metrics.json");
  const part = `${path}.part`;
  await Deno.writeTextFile(part, `${JSON.stringify(summary, undefined, 2)}\n`);
  await Deno.rename(part, path);
}
