/**
 * The worker of one backend: claims jobs and has them rendered; results go to the outbox. Owns how many jobs are in the
 * backend at a time, what is tried again, and the way back after a restart. Knows neither ComfyUI nor Telegram.
 *
 * While a job runs, the next one waits in the backend's own queue (`depth`), and the last one's result is delivered
 * beside them: the GPU waits for nobody.
 */
import { setTimeout as pause } from "node:timers/promises";
import { getLogger } from "@logtape/logtape";
import { joinSignals, limitSignal } from "./abort.ts";
import { ComfyUIConnectionError, messageOf, PromptLostError, ResultGoneError } from "./errors.ts";
import { CancelledError } from "./fail_reason.ts";
import type { Job } from "./job.ts";
import { endJob } from "./job_end.ts";
import { createOutage } from "./outage.ts";
import { createOutbox, type OutboxDeps } from "./outbox.ts";
import { createNodeMemory } from "./node_memory.ts";
import { patiently } from "./patience.ts";
import { type RenderDeps, renderJob, type RenderOptions } from "./render.ts";
import { guardRun } from "./run_guard.ts";

const log = getLogger(["bot", "worker"]);

export interface WorkerDeps
  extends Omit<RenderDeps, "nodes">, Pick<OutboxDeps, "chatTurns" | "orderMs"> {
  readonly newPromptId: () => string;
  /** Told when the backend is found away, and when it is back. */
  readonly onReachable?: (isReachable: boolean) => void;
  /** `onTurn` is called at each turn of the loop that claims jobs; it waits for nothing longer than `maxMs`. */
  readonly turns?: { readonly onTurn: () => void; readonly maxMs: number };
  /** True where another backend could take a job that this one cannot be given. Default: there is none. */
  readonly elsewhere?: () => boolean;
}

export interface WorkerOptions extends RenderOptions {
  /** Most jobs in the backend at a time: one that runs and the next ones, warm. */
  readonly depth: number;
  readonly keepResults: boolean;
}

/** How long it takes until all have noticed that the backend knows nothing any more. */
const lostPauseMs = 500;

/** A job that loses the backend under it, or its result in the backend, this often is not tried again. */
const maxCrashes = 2;

export interface Worker {
  /** Takes up what a former process left, then works until the signal aborts; resolves when deliveries are through. */
  run(signal: AbortSignal): Promise<void>;
  /** False while the backend cannot be reached. */
  readonly reachable: boolean;
  /** When the jobs in the backend are expected to be done, milliseconds from now; undefined where it is not known. */
  busyMs(): number | undefined;
}

/** One of the `depth` places: how long its job still takes, and since when that time runs; a job that waits has none. */
interface Place {
  /** True from when the backend has the job, or may have it from a former process. */
  isAccepted: boolean;
  leftMs: number | undefined;
  since: number | undefined;
}

/** Makes the worker of one backend. `options` is asked for each job, so that a reload is in force for the next one. */
export function createWorker(deps: WorkerDeps, options: () => WorkerOptions): Worker {
  const { backend, queue, estimator, messenger, now } = deps;
  const nodes = createNodeMemory({ backend, now });
  const places = new Set<Place>();
  /** Resolved, and made anew, when a place is free or its job has been accepted. */
  let change = Promise.withResolvers<void>();
  const outbox = createOutbox({
    ...deps,
    keepResults: () => options().keepResults,
    retryMs: () => options().retryMs,
  });
  const outage = createOutage({
    backend,
    retryMs: () => options().retryMs,
    onAway() {
      for (const job of queue.live()) messenger.notify(job, { type: "stalled" });
      deps.onReachable?.(false);
    },
    onBack() {
      nodes.forget(); // it may have been updated
      deps.onReachable?.(true);
    },
  });

  async function run(signal: AbortSignal): Promise<void> {
    const mine = queue.live().filter((job) => job.backend === backend.name);
    for (const job of mine) {
      if (job.state === "delivering") outbox.send(job, signal);
      else if (job.state !== "queued") hold(job, { isLeft: true }, signal);
    }
    while (!signal.aborted) {
      deps.turns?.onTurn();
      using turn = limitSignal(signal, deps.turns?.maxMs);
      // One after the other, so that the backend has them in the queue's order.
      const isEntering = [...places].some(({ isAccepted }) => !isAccepted);
      if (isEntering || places.size >= options().depth) {
        await Promise.race([change.promise, turn.over]);
        continue;
      }
      try {
        await queue.whenWaiting(turn.signal);
        // It may go away while the queue is empty: what comes then waits in the queue.
        await outage.over(turn.signal);
        const job = await patiently(
          () =>
            queue.claim(() => ({
              backend: backend.name,
              promptId: deps.newPromptId(),
            })),
          { what: "which job is next", retryMs: options().retryMs, signal: turn.signal },
        );
        if (job) hold(job, { isLeft: false }, signal);
      } catch (error) {
        if (turn.signal.aborted) continue;
        log.error("Cannot claim a job: {error}", { error: messageOf(error) });
        await pause(options().retryMs, undefined, { signal }).catch(() => {});
      }
    }
    await outbox.drained();
  }

  /** Keeps the job in one of the `depth` places until it has been rendered or given up. */
  function hold(job: Job, { isLeft }: { readonly isLeft: boolean }, signal: AbortSignal): void {
    const leftMs = estimator.expectMs(job);
    const place: Place = { isAccepted: isLeft, leftMs, since: undefined };
    places.add(place);
    log.info("Job {jobId} is in {backend}", { jobId: job.id, backend: backend.name });
    carry(job, place, signal).catch((error) => {
      if (!signal.aborted) {
        log.error("Job {jobId} was dropped until the next start: {error}", {
          jobId: job.id,
          error: messageOf(error),
        });
      }
    }).finally(() => {
      places.delete(place);
      tellChange();
    });
  }

  function tellChange(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  /** Has the job rendered, through any number of times that the backend goes away. */
  async function carry(job: Job, place: Place, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        const rendered = await render(job, place, signal);
        signal.throwIfAborted();
        outbox.send(rendered, signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ComfyUIConnectionError)) return await end(job, error, signal);
        log.warn("Job {jobId} waits for {backend}: {error}", {
          jobId: job.id,
          backend: backend.name,
          error: error.message,
        });
        outage.found(signal);
        if (!place.isAccepted && deps.elsewhere?.()) return await putBack(job, {}, signal);
        await untilBackOrCancelled(job, signal);
        job = await queue.get(job.id) ?? job;
      }
    }
  }

  async function untilBackOrCancelled(job: Job, signal: AbortSignal): Promise<void> {
    using guard = guardRun(job.id, { queue, timeoutMs: options().timeoutMs });
    using either = joinSignals(signal, guard.signal);
    try {
      await outage.over(either.signal);
    } catch {
      signal.throwIfAborted();
    }
  }

  function render(job: Job, place: Place, signal: AbortSignal): Promise<Job> {
    return renderJob({ ...deps, nodes }, job, {
      options: options(),
      onEvent(event, { leftMs }) {
        if (!place.isAccepted) {
          place.isAccepted = true;
          tellChange();
        }
        place.leftMs = leftMs;
        place.since = event.type === "accepted" ? undefined : now();
      },
      signal,
    });
  }

  /** The job waits again, at its old place. */
  async function putBack(
    job: Job,
    { crashes = job.crashes }: { readonly crashes?: number },
    signal: AbortSignal,
  ): Promise<void> {
    await patiently(() => queue.update(job.id, { state: "queued", crashes }), {
      what: `that job ${job.id} waits again`,
      retryMs: options().retryMs,
      signal,
    });
  }

  /** The run is over without a result: the job goes back to its place, or to its end. */
  async function end(job: Job, error: unknown, signal: AbortSignal): Promise<void> {
    const patience = { retryMs: options().retryMs, signal };
    const current = await queue.get(job.id) ?? job;
    if (current.cancelRequestedAt) {
      return await endJob(deps, current, new CancelledError(), patience);
    }
    const isGone = error instanceof ResultGoneError;
    if (isGone || error instanceof PromptLostError) {
      const crashes = current.crashes + (isGone || current.state === "running" ? 1 : 0);
      log.warn("Job {jobId} was lost by {backend} ({crashes} times)", {
        jobId: job.id,
        backend: backend.name,
        crashes,
      });
      if (crashes < maxCrashes) {
        await putBack(current, { crashes }, signal);
        // The backend has lost the others too. They come back before the first of them is claimed again, or a person's
        // later job would overtake the earlier one.
        await pause(lostPauseMs, undefined, { signal });
        return;
      }
    }
    await endJob(deps, current, error, patience);
  }

  return {
    run,
    get reachable() {
      return !outage.isOn;
    },
    busyMs() {
      let sum = 0;
      for (const { leftMs, since } of places) {
        if (leftMs === undefined) return undefined;
        sum += Math.max(0, leftMs - (since === undefined ? 0 : now() - since));
      }
      return sum;
    },
  };
}
