/**
 * How long a job takes, learned from those that ended: per template, sampler and number of pictures a time per step and
 * a time beside the steps. Kept over restarts by an EstimateStore.
 */
import { z } from "zod";
import type { Job } from "./job.ts";

/** What was learned for one kind of job. Milliseconds. */
export const Learned = z.object({ stepMs: z.number(), otherMs: z.number() });
export type Learned = Readonly<z.infer<typeof Learned>>;
/** By kind of job. Version 1. */
export const Estimates = z.object({ v: z.literal(1), kinds: z.record(z.string(), Learned) });
export type Estimates = Readonly<z.infer<typeof Estimates>>;

/** Where it is kept. */
export interface EstimateStore {
  load(): Promise<Estimates | undefined>;
  save(estimates: Estimates): Promise<void>;
}

/** What decides how long a job takes. */
export type JobKind = Pick<Job, "template" | "params" | "pictures">;

/** One run as it was measured. */
export interface Measured {
  readonly totalMs: number;
  /** Mean time between two steps, where there were two. */
  readonly stepMs: number | undefined;
}

export interface Estimator {
  /** Expected time of the whole run, or undefined where nothing like it has run yet. */
  expectMs(job: JobKind): number | undefined;
  /** Expected time of one step. */
  stepMs(job: JobKind): number | undefined;
  learn(job: JobKind, measured: Measured): Promise<void>;
}

/** A new measurement weighs this much: a few runs after a change of hardware the old ones are forgotten. */
const weight = 0.3;
/** Templates and samplers come and go over the years; what is known of them must fit into one record. */
const maxKinds = 300;

/** Opens the estimator with what was learned before. */
export async function openEstimator(store: EstimateStore): Promise<Estimator> {
  const kinds = new Map(Object.entries((await store.load())?.kinds ?? {}));
  return {
    expectMs(job) {
      const known = kinds.get(keyOf(job));
      return known && known.otherMs + known.stepMs * stepsOf(job);
    },
    stepMs: (job) => kinds.get(keyOf(job))?.stepMs,
    async learn(job, { totalMs, stepMs = totalMs / (stepsOf(job) + 1) }) {
      const otherMs = Math.max(0, totalMs - stepMs * stepsOf(job));
      const known = kinds.get(keyOf(job)) ?? { stepMs, otherMs };
      kinds.delete(keyOf(job));
      kinds.set(keyOf(job), {
        stepMs: known.stepMs + weight * (stepMs - known.stepMs),
        otherMs: known.otherMs + weight * (otherMs - known.otherMs),
      });
      // The oldest one is dropped.
      if (kinds.size > maxKinds) kinds.delete(kinds.keys().next().value!);
      await store.save({ v: 1, kinds: Object.fromEntries(kinds) });
    },
  };
}

function keyOf(job: JobKind): string {
  return [job.template, job.params.sampler ?? "", job.pictures.length].join("|");
}

function stepsOf(job: JobKind): number {
  return typeof job.params.steps === "number" ? job.params.steps : 1;
}

/** What a waiting job waits for. */
export interface WaitingFor {
  /** How many jobs are before it. */
  readonly ahead: number;
  /** Some of them, which stand for all. */
  readonly sample: readonly JobKind[];
  /** For each backend how long its jobs still take; undefined where that is not known. */
  readonly busyMs: readonly (number | undefined)[];
  /** For each backend how many prompts of others are in it, of which nothing is known. Default none. */
  readonly others?: readonly number[];
  readonly estimator: Pick<Estimator, "expectMs">;
}

/**
 * Milliseconds until a waiting job begins, where each goes to the backend that is free first; undefined where nothing like what
 * is ahead has run yet.
 */
export function expectWaitMs(
  { ahead, sample, busyMs, others = [], estimator }: WaitingFor,
): number | undefined {
  const known = busyMs.filter((ms) => ms !== undefined);
  if (known.length === 0) return undefined;
  const expected = sample.map((job) => estimator.expectMs(job))
    .filter((ms) => ms !== undefined);
  const isGuess = ahead > 0 || others.some((count) => count > 0);
  if (isGuess && expected.length === 0) return undefined;
  const meanMs = expected.reduce((sum, ms) => sum + ms, 0) / Math.max(1, expected.length);
  // What is not known is not free sooner than the others.
  const freeMs = busyMs.map((ms, i) => (ms ?? Math.min(...known)) + meanMs * (others[i] ?? 0));
  const firstMs = () => Math.min(...freeMs);
  if (freeMs.length === 1) return firstMs() + meanMs * ahead;
  for (let before = 0; before < ahead; before++) freeMs[freeMs.indexOf(firstMs())]! += meanMs;
  return firstMs();
}
