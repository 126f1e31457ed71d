/**
 * Unloads the models of a backend that was idle for long, stops it, and starts it when a job needs it. Owns when; the Backend
 * and its unit know how. Nothing of it is needed for a job to be rendered.
 *
 *   busy ──no job of ours──▶ idle ──freeAfterMs──▶ freed ──stopAfterMs──▶ stopped ──a job comes──▶ started, busy
 */
import { getLogger } from "@logtape/logtape";
import { type JobQueue } from "../jobs/mod.ts";
import { messageOf } from "../lib/mod.ts";
import type { Backend } from "./backend.ts";

const log = getLogger(["bot", "idle"]);

/** What runs the backend, where it may be started and stopped. */
export interface BackendUnit {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface IdlePolicyDeps {
  readonly backend: Pick<Backend, "name" | "health" | "free">;
  readonly queue: Pick<JobQueue, "live">;
  /** False while the backend is known to be away. */
  readonly reachable: () => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface IdlePolicyOptions {
  /** Time without a job until its models are unloaded; 0 is never. */
  readonly freeAfterMs: number;
  /** Time without a job until it is stopped; 0 is never. */
  readonly stopAfterMs: number;
  /** Undefined where it is not ours to start and stop. */
  readonly unit: BackendUnit | undefined;
}

export interface IdlePolicy {
  /** Does what is due; to be called every few seconds. Rejects where that did not work. */
  look(signal: AbortSignal): Promise<void>;
}

/** Between two tries to start it: a ComfyUI takes a while until it answers. */
const startMs = 60_000;

/** `options` is asked at each look, so that a reload is in force at once. */
export function createIdlePolicy(
  { backend, queue, reachable, now }: IdlePolicyDeps,
  options: () => IdlePolicyOptions,
): IdlePolicy {
  let idleSince: number | undefined;
  let isFreed = false;
  let isStopped = false;
  let isFirstLook = true;
  let startedAt = -Infinity;

  /** One of our jobs is in it, or waits and may come to it. */
  function isNeeded(): boolean {
    return queue.live().some((job) =>
      job.state === "queued" || (job.state !== "delivering" && job.backend === backend.name)
    );
  }

  /** `undefined` where it does not answer. */
  async function isUsed(signal: AbortSignal): Promise<boolean | undefined> {
    try {
      const { running, pending } = await backend.health({ signal });
      return running.length + pending.length > 0;
    } catch (error) {
      log.debug("{backend} does not answer: {error}", {
        backend: backend.name,
        error: messageOf(error),
      });
      return undefined;
    }
  }

  async function start(unit: BackendUnit): Promise<void> {
    if (now() - startedAt < startMs) return;
    startedAt = now();
    log.info("Starting {backend}", { backend: backend.name });
    await unit.start();
    isStopped = false;
  }

  /** Unloads or stops it while no job needs it. */
  async function rest(idleMs: number, signal: AbortSignal): Promise<void> {
    const { freeAfterMs, stopAfterMs, unit } = options();
    const mayStop = unit !== undefined && stopAfterMs > 0 && !isStopped && idleMs >= stopAfterMs;
    const mayFree = freeAfterMs > 0 && !isFreed && !isStopped && idleMs >= freeAfterMs;
    if (!mayStop && !mayFree) return;
    const used = await isUsed(signal);
    // Another client uses it: the idle time starts again.
    if (used) idleSince = now();
    // While it was asked a job may have come.
    if (used !== false || isNeeded()) return;
    if (mayStop) {
      log.info("Stopping {backend}: no job for {minutes} min", {
        backend: backend.name,
        minutes: Math.round(idleMs / 60_000),
      });
      // Where it cannot be stopped, the next try is as far away as the first one was.
      idleSince = now();
      await unit.stop();
      isStopped = true;
      startedAt = -Infinity;
    } else {
      isFreed = true;
      await backend.free({ signal });
      log.info("Unloaded the models of {backend}", { backend: backend.name });
    }
  }

  return {
    async look(signal) {
      const { unit } = options();
      const isNew = isFirstLook;
      isFirstLook = false;
      if (isNeeded()) {
        idleSince = undefined;
        isFreed = false;
        if (unit && (isStopped || !reachable())) await start(unit);
      } else {
        await rest(now() - (idleSince ??= now()), signal);
      }
      if (isNew && unit && await isUsed(signal) === undefined) await start(unit);
    },
  };
}
