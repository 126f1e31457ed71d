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
import type { Backend, PictureUpload } from "./backend.ts";
import {
  ComfyUIConnectionError,
  InvalidParametersError,
  messageOf,
  PromptLostError,
  TemplateGoneError,
} from "./errors.ts";
import type { Estimator } from "./estimate.ts";
import { CancelledError } from "./fail_reason.ts";
import type { Job } from "./job.ts";
import { endJob } from "./job_end.ts";
import type { Messenger } from "./messenger.ts";
import { createOutage } from "./outage.ts";
import { createOutbox } from "./outbox.ts";
import { createProgress } from "./progress.ts";
import type { JobQueue } from "./queue.ts";
import { guardRun } from "./run_guard.ts";
import type { Storage } from "./storage.ts";
import { fill, type Template } from "./workflow.ts";

const log = getLogger(["bot", "worker"]);

export interface WorkerDeps {
  readonly backend: Backend;
  readonly queue: JobQueue;
  readonly storage: Storage;
  readonly estimator: Estimator;
  readonly messenger: Messenger;
  /** The template as it is now, or undefined where it is gone. */
  readonly template: (name: string) => Template | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newPromptId: () => string;
  /** `onTurn` is called at each turn of the loop that claims jobs; it waits for nothing longer than `maxMs`. */
  readonly turns?: { readonly onTurn: () => void; readonly maxMs: number };
}

export interface WorkerOptions {
  /** Most jobs in the backend at a time: one that runs and the next ones, warm. */
  readonly depth: number;
  /** Longest time without a sign of progress from a running job. */
  readonly timeoutMs: number;
  /** What every picture is scaled to. */
  readonly megapixels: number;
  readonly keepResults: boolean;
  /** How long to wait before asking again whether a backend that was away is back. */
  readonly retryMs: number;
}

/** A job that loses the backend under it this often is not tried again. */
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
  leftMs: number | undefined;
  since: number | undefined;
}

/** Makes the worker of one backend. `options` is asked for each job, so that a reload is in force for the next one. */
export function createWorker(deps: WorkerDeps, options: () => WorkerOptions): Worker {
  const { backend, queue, storage, estimator, messenger, now } = deps;
  const places = new Set<Place>();
  let placeFree = Promise.withResolvers<void>();
  const outbox = createOutbox({ ...deps, keepResults: () => options().keepResults });
  const outage = createOutage({
    backend,
    retryMs: () => options().retryMs,
    onAway() {
      for (const job of queue.live()) messenger.notify(job, { type: "stalled" });
    },
  });

  async function run(signal: AbortSignal): Promise<void> {
    const mine = queue.live().filter((job) => job.backend === backend.name);
    for (const job of mine) {
      if (job.state === "delivering") outbox.send(job, { isLeft: true }, signal);
      else if (job.state !== "queued") hold(job, signal);
    }
    while (!signal.aborted) {
      deps.turns?.onTurn();
      using turn = limitSignal(signal, deps.turns?.maxMs);
      if (places.size >= options().depth) {
        await Promise.race([placeFree.promise, turn.over]);
        continue;
      }
      try {
        await queue.whenWaiting(turn.signal);
        // It may go away while the queue is empty: what comes then waits in the queue.
        await outage.over(turn.signal);
        const job = await queue.claim(() => ({
          backend: backend.name,
          promptId: deps.newPromptId(),
        }));
        if (job) hold(job, signal);
      } catch (error) {
        if (turn.signal.aborted) continue;
        log.error("Cannot claim a job: {error}", { error: messageOf(error) });
        await pause(options().retryMs, undefined, { signal }).catch(() => {});
      }
    }
    await outbox.drained();
  }

  /** Keeps the job in one of the `depth` places until it has been rendered or given up. */
  function hold(job: Job, signal: AbortSignal): void {
    const place: Place = { leftMs: estimator.expectMs(job), since: undefined };
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
      placeFree.resolve();
      placeFree = Promise.withResolvers();
    });
  }

  /** Has the job rendered, through any number of times that the backend goes away. */
  async function carry(job: Job, place: Place, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        const rendered = await render(job, place, signal);
        signal.throwIfAborted();
        outbox.send(rendered, { isLeft: false }, signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ComfyUIConnectionError)) return await end(job, error);
        log.warn("Job {jobId} waits for {backend}: {error}", {
          jobId: job.id,
          backend: backend.name,
          error: error.message,
        });
        outage.found(signal);
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

  /** One run of the job in the backend, to the stored result. Throws what ended it. */
  async function render(job: Job, place: Place, signal: AbortSignal): Promise<Job> {
    const template = deps.template(job.template);
    if (!template) {
      throw new TemplateGoneError(`Cannot run template ${job.template}: it is not there`);
    }
    const fold = createProgress({
      now,
      expectedMs: estimator.expectMs(job),
      expectedStepMs: estimator.stepMs(job),
    });
    using guard = guardRun(job.id, { queue, timeoutMs: options().timeoutMs });
    const events = backend.run({
      promptId: job.promptId ?? "",
      outputNode: template.output.node,
      pictures: () => {
        // It ran when we last looked and the backend does not know it: the backend died under it.
        if (job.state === "running") throw new PromptLostError("Cannot go on: ComfyUI restarted");
        return loadPictures(job);
      },
      fill: (pictures) =>
        fill(template, {
          promptText: job.promptText,
          pictures,
          params: job.params,
          megapixels: options().megapixels,
          filename: `image-edit-bot_${job.id}`,
        }),
    }, { signal: guard.signal });

    for await (const event of events) {
      // A stop lets go of the prompt and leaves the record as it is: the next start attaches to it.
      signal.throwIfAborted();
      guard.sign(event);
      const progress = fold.feed(event);
      place.leftMs = progress.leftMs;
      place.since = event.type === "accepted" ? undefined : now();
      switch (event.type) {
        case "accepted":
          break;
        case "started":
        case "executing":
        case "step":
          if (job.state === "submitted") {
            job = await queue.update(job.id, { state: "running", startedAt: now() });
          }
          messenger.notify(job, { type: "progress", ...progress });
          break;
        case "preview":
          messenger.notify(job, { type: "preview", ...event.picture });
          break;
        case "done": {
          const measured = event.cached ? undefined : fold.measured();
          const resultFile = `${job.id}.png`;
          await storage.saveResult(resultFile, event.picture.bytes);
          guard.signal.throwIfAborted();
          job = await queue.update(job.id, {
            state: "delivering",
            resultFile,
            renderedAt: now(),
            sendMark: messenger.mark(job),
          });
          if (measured) estimator.learn(job, measured).catch(notLearned);
          return job;
        }
        default:
          event satisfies never;
      }
    }
    signal.throwIfAborted();
    throw new ComfyUIConnectionError("Cannot follow the prompt: its events ended early");
  }

  async function loadPictures(job: Job): Promise<PictureUpload[]> {
    return await Promise.all(job.pictures.map(async (picture) => {
      const bytes = await storage.readInput(picture.file);
      if (!bytes) {
        throw new InvalidParametersError(`Cannot read picture ${picture.file}: it is gone`);
      }
      return { name: picture.file, mime: picture.mime, bytes };
    }));
  }

  /** The run is over without a result: the job goes back to its place, or to its end. */
  async function end(job: Job, error: unknown): Promise<void> {
    const current = await queue.get(job.id) ?? job;
    if (current.cancelRequestedAt) return await endJob(deps, current, new CancelledError());
    if (error instanceof PromptLostError) {
      const crashes = current.crashes + (current.state === "running" ? 1 : 0);
      log.warn("Job {jobId} was lost by {backend} ({crashes} times)", {
        jobId: job.id,
        backend: backend.name,
        crashes,
      });
      if (crashes < maxCrashes) {
        await queue.update(job.id, { state: "queued", crashes });
        return;
      }
    }
    await endJob(deps, current, error);
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

function notLearned(error: unknown): void {
  log.warn("Cannot keep how long a job took: {error}", { error: messageOf(error) });
}
