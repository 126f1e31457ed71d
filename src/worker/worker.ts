/**
 * The worker of one backend: claims jobs and has them rendered; results go to the outbox. Owns how many jobs are in the
 * backend at a time, what is retried, and recovery after a restart. Knows neither ComfyUI nor Telegram.
 *
 * While a job runs, the next one waits in the backend's own queue (`depth`), and the last one's result is delivered
 * beside them: the GPU never waits.
 *
 * The backend has the jobs in the order in which they were claimed, after a recovery too. A job is claimed, and sent, only
 * while the backend is known to have all those before it; where it may have lost one (a connection broke, a process ended,
 * another prompt is lost), they are asked for first:
 *
 *   claim ──▶ entering ──accepted──▶ known ──event──▶ known
 *                │                    │ ▲
 *       a try failed: the others   doubt│event
 *       are doubted      │            ▼ │
 *                └──────▶│         doubted ──not there──▶ back to the queue, and those behind it that have not started
 */
import { getLogger } from "@logtape/logtape";
import { setTimeout as pause } from "node:timers/promises";
import { CancelledError, type Job } from "../jobs/mod.ts";
import {
  ComfyUIConnectionError,
  joinSignals,
  limitSignal,
  messageOf,
  PromptLostError,
  race,
  ResultGoneError,
  retryOnDiskError,
  unlessAborted,
} from "../lib/mod.ts";
import { isWaiting } from "./backend.ts";
import { createCatalogCache } from "./catalog_cache.ts";
import { createConnectivity } from "./connectivity.ts";
import { endJob } from "./end_job.ts";
import { createOutbox, type OutboxDeps } from "./outbox.ts";
import { runJob, type RunJobDeps, type RunJobOptions } from "./run_job.ts";
import { startRunTimeout } from "./run_timeout.ts";

const log = getLogger(["bot", "worker"]);

export interface WorkerDeps
  extends Omit<RunJobDeps, "nodes">, Pick<OutboxDeps, "chatTurns" | "orderMs"> {
  readonly newPromptId: () => string;
  /** Called when the backend goes down, and when it is up again. */
  readonly onReachable?: (isReachable: boolean) => void;
  /** `beat` is called at least every `maxMs` by the loop that claims jobs. */
  readonly heartbeat?: { readonly beat: () => void; readonly maxMs: number };
  /** True where another backend could take a job that this one cannot be given. Default: there is none. */
  readonly elsewhere?: (job: Job) => boolean;
  /** How often, in milliseconds, a job that waits for this backend looks whether one could. Default: a second. */
  readonly lookMs?: number;
  /** False while the backend is known to be away: it is given no job. Default: it never is. */
  readonly isPresent?: () => boolean;
  /** Of the waiting jobs, in their order, the one that this backend is to take; undefined for none yet. Default: the first. */
  readonly pick?: (waiting: readonly Job[]) => Job | undefined;
  /** How soon it is asked again where nothing was taken and nothing has changed here. */
  readonly pickMs?: number;
}

export interface WorkerOptions extends RunJobOptions {
  /** Most jobs in the backend at a time: one that runs and the next ones, warm. */
  readonly depth: number;
  readonly keepResults: boolean;
}

/** A job moves from a backend that went away with it when another one could take it at so many looks in a row. */
const movingLooks = 10;
const defaultLookMs = 1_000;

/** How soon a backend looks again at waiting jobs that are not for it, or not yet. */
const defaultPickMs = 200;

/** A job that loses the backend under it, or its result in the backend, this often is not tried again. */
const maxCrashes = 2;

export interface Worker {
  /** Takes up what a former process left, then works until the signal aborts; resolves when deliveries are through. */
  run(signal: AbortSignal): Promise<void>;
  /** The backend's. */
  readonly name: string;
  /** False while the backend cannot be reached. */
  readonly reachable: boolean;
  /** The jobs that are in the backend or on their way into it, in the order of claims. */
  held(): readonly HeldJob[];
}

/** A job in one of the `depth` places. */
export interface HeldJob {
  readonly id: string;
  readonly promptId: string | undefined;
  readonly hasBegun: boolean;
  /** Milliseconds that its run still takes; undefined where nothing like it has run yet. */
  readonly leftMs: number | undefined;
}

/** One of the `depth` places, in the order of claims. */
interface Place {
  readonly job: Pick<Job, "id" | "promptId">;
  /** True from when the backend has the job, or may have it from a former process. */
  isAccepted: boolean;
  /** True while nothing speaks against the backend having the job. */
  isKnown: boolean;
  hasBegun: boolean;
  /** Takes the job out of the backend: one before it was lost. */
  readonly recall: AbortController;
  /** How long the job still takes, and since when that time runs; a job that waits has none. */
  leftMs: number | undefined;
  since: number | undefined;
}

/** Makes the worker of one backend. `options` is asked for each job, so that a reload is in force for the next one. */
export function createWorker(deps: WorkerDeps, options: () => WorkerOptions): Worker {
  const { backend, queue, estimator, now, isPresent = () => true } = deps;
  const { lookMs = defaultLookMs, pickMs = defaultPickMs } = deps;
  const nodes = createCatalogCache({ backend, now });
  const places = new Set<Place>();
  /** Resolved, and made anew, when a place is free or its job has been accepted. */
  let change = Promise.withResolvers<void>();
  const outbox = createOutbox({
    ...deps,
    keepResults: () => options().keepResults,
    retryMs: () => options().retryMs,
  });
  const connectivity = createConnectivity({
    backend,
    retryMs: () => options().retryMs,
    onDown() {
      deps.onReachable?.(false);
    },
    onUp() {
      nodes.forget(); // it may have been updated
      deps.onReachable?.(true);
    },
  });

  async function run(signal: AbortSignal): Promise<void> {
    const mine = queue.live().filter((job) => job.backend === backend.name)
      .sort((a, b) => (a.claim ?? 0) - (b.claim ?? 0) || a.seq - b.seq);
    for (const job of mine) {
      if (job.state === "delivering") outbox.send(job, signal);
      else if (job.state !== "queued") hold(job, { isLeft: true }, signal);
    }
    while (!signal.aborted) {
      deps.heartbeat?.beat();
      using limit = limitSignal(signal, deps.heartbeat?.maxMs);
      if (!mayClaim()) {
        await race([change.promise, limit.over]);
        continue;
      }
      try {
        await queue.whenWaiting(limit.signal);
        // It may go away while the queue is empty: what comes then waits in the queue.
        await connectivity.whenUp(limit.signal);
        // Meanwhile the backend may have lost what it had.
        if (!mayClaim()) continue;
        const job = await retryOnDiskError(
          () =>
            queue.claim(() => ({
              backend: backend.name,
              promptId: deps.newPromptId(),
            }), isPresent() ? deps.pick : () => undefined),
          { what: "which job is next", retryMs: options().retryMs, signal: limit.signal },
        );
        if (job) {
          hold(job, { isLeft: false }, signal);
        } else {
          // What waits is for others, or not yet for this one; that may change with what it has.
          using again = limitSignal(limit.signal, pickMs);
          await race([change.promise, again.over]);
        }
      } catch (error) {
        if (limit.signal.aborted) continue;
        log.error("Cannot claim a job: {error}", { error: messageOf(error), outage: "the queue" });
        await pause(options().retryMs, undefined, { signal }).catch(() => {});
      }
    }
    await outbox.drained();
  }

  /** Keeps the job in one of the `depth` places until it has been rendered, failed or was cancelled. */
  function hold(job: Job, { isLeft }: { readonly isLeft: boolean }, signal: AbortSignal): void {
    const leftMs = estimator.expectMs(job);
    const place: Place = {
      job,
      isAccepted: isLeft,
      isKnown: false,
      hasBegun: job.state === "running",
      recall: new AbortController(),
      leftMs,
      since: undefined,
    };
    places.add(place);
    log.info("Job {jobId} is in {backend}", { jobId: job.id, backend: backend.name });
    carry(job, place, { isLeft }, signal).catch((error) => {
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

  /** True while there is a place, and the backend is known to have all those before it. */
  function mayClaim(): boolean {
    return places.size < options().depth && [...places].every(({ isKnown }) => isKnown);
  }

  /** The job may no longer be in the backend: it must be found there again before others are sent. */
  function doubt(...doubted: readonly Place[]): void {
    for (const place of doubted) place.isKnown = false;
  }

  function othersThan(place: Place): readonly Place[] {
    return [...places].filter((other) => other !== place);
  }

  /** Before a job is sent again: resolves when the backend is seen to have those before it. */
  async function untilOthersAreKnown(place: Place, signal: AbortSignal): Promise<void> {
    doubt(...othersThan(place));
    while (othersThan(place).some(({ isKnown }) => !isKnown)) {
      await unlessAborted(change.promise, signal);
    }
  }

  /** The backend does not know the job any more. Those behind it that have not started come back with it. */
  function foundLost(place: Place): void {
    const others = othersThan(place);
    doubt(...others);
    const all = [...places];
    for (const other of others) {
      if (all.indexOf(other) < all.indexOf(place) || other.hasBegun) continue;
      other.recall.abort(new PromptLostError("Cannot stay in ComfyUI: an earlier job was lost"));
    }
  }

  function tellChange(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  /** Has the job rendered, through any number of times that the backend goes away. */
  async function carry(
    job: Job,
    place: Place,
    { isLeft }: { readonly isLeft: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    for (let isResumed = isLeft;; isResumed = true) {
      try {
        const rendered = await render(job, place, { isResumed }, signal);
        signal.throwIfAborted();
        outbox.send(rendered, signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ComfyUIConnectionError)) return await end(job, place, error, signal);
        doubt(place);
        job = await queue.get(job.id) ?? job; // it may have got another template
        log.warn("Job {jobId} waits for {backend}: {error}", {
          jobId: job.id,
          backend: backend.name,
          error: error.message,
          outage: backend.name,
        });
        connectivity.markDown(signal);
        if (!place.isAccepted && deps.elsewhere?.(job)) {
          withdrawLater(job, signal); // it may have it: the answer may be what was lost
          return await putBack(job, {}, signal);
        }
        await untilBackOrCancelled(job, signal);
        job = await queue.get(job.id) ?? job;
        if (connectivity.isDown && !job.cancelRequestedAt && deps.elsewhere?.(job)) {
          withdrawLater(job, signal);
          return await putBack(job, {}, signal);
        }
      }
    }
  }

  /**
   * Or until another backend may take the job: what began here is lost, or was not worth the waiting. Where all were away for one reason,
   * they come back one after the other: only while another one is there does the time run.
   */
  async function untilBackOrCancelled(job: Job, signal: AbortSignal): Promise<void> {
    using timeout = startRunTimeout(job.id, { queue, timeoutMs: options().timeoutMs });
    for (let looks = 0; !timeout.signal.aborted && looks < movingLooks;) {
      using patience = limitSignal(timeout.signal, lookMs);
      using either = joinSignals(signal, patience.signal);
      try {
        return await connectivity.whenUp(either.signal);
      } catch {
        signal.throwIfAborted();
        looks = deps.elsewhere?.(job) ? looks + 1 : 0;
      }
    }
  }

  /** The job goes to another backend: should this one have it still when it is back, it is not to run twice. */
  function withdrawLater({ promptId = "" }: Job, signal: AbortSignal): void {
    const interrupt = () => backend.interrupt(promptId, { signal });
    interrupt().catch(() => connectivity.whenUp(signal).then(interrupt))
      .catch((error) => {
        if (signal.aborted) return;
        log.warn("Cannot stop a prompt that went to another backend: {error}", {
          promptId,
          error: messageOf(error),
        });
      });
  }

  function render(
    job: Job,
    place: Place,
    { isResumed }: { readonly isResumed: boolean },
    signal: AbortSignal,
  ): Promise<Job> {
    return runJob({ ...deps, nodes }, job, {
      options: options(),
      isResumed,
      // What is resumed is never sent; two jobs that wait for each other would wait for ever.
      ...(isResumed
        ? {}
        : { beforeRetry: (signal: AbortSignal) => untilOthersAreKnown(place, signal) }),
      recall: place.recall.signal,
      onEvent(event, { leftMs }) {
        place.isAccepted = true;
        place.hasBegun ||= !isWaiting(event);
        if (!place.isKnown) {
          place.isKnown = true;
          tellChange();
        }
        place.leftMs = leftMs;
        place.since = isWaiting(event) ? undefined : now();
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
    await retryOnDiskError(() => queue.update(job.id, { state: "queued", crashes }), {
      what: `that job ${job.id} waits again`,
      retryMs: options().retryMs,
      signal,
    });
  }

  /** The run is over without a result: the job goes back to its place, or to its end. */
  async function end(
    job: Job,
    place: Place,
    error: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    const retryOptions = { retryMs: options().retryMs, signal };
    const current = await queue.get(job.id) ?? job;
    if (current.cancelRequestedAt) {
      return await endJob(deps, current, new CancelledError(), retryOptions);
    }
    const isGone = error instanceof ResultGoneError;
    if (isGone || error instanceof PromptLostError) {
      const isRecalled = error === place.recall.signal.reason;
      const hasCrashed = isGone || current.state === "running" && !isRecalled;
      const crashes = current.crashes + (hasCrashed ? 1 : 0);
      log.warn("Job {jobId} is no longer in {backend} ({crashes} crashes): {error}", {
        jobId: job.id,
        backend: backend.name,
        crashes,
        error: error.message,
      });
      foundLost(place);
      if (crashes < maxCrashes) return await putBack(current, { crashes }, signal);
    }
    await endJob(deps, current, error, retryOptions);
  }

  return {
    name: backend.name,
    run,
    get reachable() {
      return !connectivity.isDown && isPresent();
    },
    held: () =>
      [...places].map(({ job: { id, promptId }, hasBegun, leftMs, since }) => ({
        id,
        promptId,
        hasBegun,
        leftMs: leftMs && Math.max(0, leftMs - (since === undefined ? 0 : now() - since)),
      })),
  };
}
