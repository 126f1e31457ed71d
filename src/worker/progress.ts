/**
 * Turns a backend's events into a job's progress: a fraction that never falls, the step, the time left.
 * Pure but for the clock that comes in; does not know where it is shown.
 */
import { type Measured } from "../jobs/mod.ts";
import type { BackendEvent } from "./backend.ts";

/** The progress of a job. */
export interface Progress {
  /** 0–1, never falling. */
  readonly fraction: number;
  readonly step?: { readonly value: number; readonly max: number };
  /** Milliseconds; undefined while nothing is known. */
  readonly leftMs: number | undefined;
}

export interface ProgressOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Expected time of the whole run, of one step; undefined where nothing was learned yet. */
  readonly expectedMs: number | undefined;
  readonly expectedStepMs: number | undefined;
}

interface Step {
  readonly value: number;
  readonly max: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The sampler's share of the bar where nothing is known of the rest: loading before it, decoding after it. */
const samplerFrom = 0.1;
const samplerTo = 0.95;

export interface ProgressTracker {
  /** Applies an event and gives how far the job is. */
  apply(event: BackendEvent): Progress;
  /**
   * What the run has shown, for the estimates. Undefined where it tells nothing: it never started, it came from the cache,
   * or its beginning was not seen.
   */
  measured(): Measured | undefined;
}

/** Tracks one run. */
export function createProgress(options: ProgressOptions): ProgressTracker {
  const { now, expectedMs, expectedStepMs } = options;
  let attached = false;
  let startedAt: number | undefined;
  let firstStep: Step | undefined;
  let lastStep: Step | undefined;
  let fraction = 0;

  function stepMs(): number | undefined {
    return firstStep && lastStep && lastStep.value > firstStep.value
      ? (lastStep.at - firstStep.at) / (lastStep.value - firstStep.value)
      : undefined;
  }

  function takeStep(step: Step): void {
    // Another node's steps, or a second pass, start again.
    if (!lastStep || step.value < lastStep.value || step.max !== lastStep.max) firstStep = step;
    // ComfyUI may report the last step twice.
    if (step.value !== lastStep?.value || step.max !== lastStep.max) lastStep = step;
    const done = Math.min(1, step.value / step.max);
    fraction = Math.max(fraction, samplerFrom + (samplerTo - samplerFrom) * done);
  }

  function leftMs(): number | undefined {
    const oneStep = stepMs() ?? expectedStepMs;
    if (lastStep && oneStep !== undefined) {
      const after = (expectedMs ?? 0) * (1 - samplerTo);
      const sinceStep = now() - lastStep.at;
      return Math.max(0, (lastStep.max - lastStep.value) * oneStep + after - sinceStep);
    }
    return expectedMs && Math.max(0, expectedMs - (now() - (startedAt ?? now())));
  }

  return {
    apply(event) {
      switch (event.type) {
        case "accepted":
          attached = event.attached;
          break;
        case "started":
          startedAt ??= now();
          break;
        case "step":
          startedAt ??= now();
          takeStep({ value: event.value, max: event.max, at: now() });
          break;
        case "done":
          fraction = 1;
          break;
        case "executing":
        case "preview":
        case "extra":
        case "storage_away":
          break;
        default:
          event satisfies never;
      }
      return {
        fraction,
        ...(lastStep ? { step: { value: lastStep.value, max: lastStep.max } } : {}),
        leftMs: fraction === 1 ? 0 : leftMs(),
      };
    },
    measured() {
      if (attached || startedAt === undefined || !lastStep) return undefined;
      return { totalMs: now() - startedAt, stepMs: stepMs() };
    },
  };
}
