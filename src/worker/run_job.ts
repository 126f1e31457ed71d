/**
 * One run of a job in its backend, from its pictures to the stored result. Owns what the job's record says meanwhile; the worker
 * decides which jobs run and what is retried.
 */
import { getLogger } from "@logtape/logtape";
import { extensionOf, type FileStore } from "../images/mod.ts";
import { type Estimator, type Job, type JobQueue } from "../jobs/mod.ts";
import {
  ComfyUIConnectionError,
  InvalidParametersError,
  isDiskError,
  joinSignals,
  messageOf,
  PromptLostError,
  retryOnDiskError,
  TemplateGoneError,
  WorkflowRefusedError,
} from "../lib/mod.ts";
import {
  type ApiPrompt,
  classTypesOf,
  fill,
  movedParams,
  type NodeCatalog,
  specsOf,
  type Template,
} from "../templates/mod.ts";
import { finishResult, padded, type ResultDrawing, wordsFor } from "../templates/tasks/mod.ts";
import type {
  Backend,
  BackendEvent,
  BackendRequest,
  PictureBytes,
  PictureUpload,
} from "./backend.ts";
import type { CatalogCache } from "./catalog_cache.ts";
import type { Messenger } from "./messenger.ts";
import { createProgress, type Progress } from "./progress.ts";
import { startRunTimeout } from "./run_timeout.ts";

const log = getLogger(["bot", "worker"]);

export interface RunJobDeps {
  readonly backend: Backend;
  readonly nodes: CatalogCache;
  readonly queue: JobQueue;
  readonly storage: FileStore;
  readonly estimator: Estimator;
  readonly messenger: Messenger;
  /** The template as it is now, or undefined where it is gone. */
  readonly template: (name: string) => Template | undefined;
  /** What takes the place of a template that nobody chose, where the backend cannot run it. */
  readonly insteadOf?: (template: string, signal: AbortSignal) => Promise<Template | undefined>;
  readonly drawing: ResultDrawing;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** 0 up to, not including, 1. Default: Math.random. */
  readonly random?: () => number;
}

export interface RunJobOptions {
  /** Longest time without a sign of progress from a running job. */
  readonly timeoutMs: number;
  /** What every picture is scaled to. */
  readonly megapixels: number;
  /** How long to wait before trying again what was not possible: a backend that is away, a disk that is full. */
  readonly retryMs: number;
}

/** What is to become of one run. */
export interface JobRun {
  readonly options: RunJobOptions;
  /** The backend has, or may have, the prompt already: it is attached to and never sent. */
  readonly isResumed: boolean;
  /** See BackendRequest. */
  readonly beforeRetry?: (signal: AbortSignal) => Promise<void>;
  /** Takes the prompt out of the backend; the run ends with its reason. */
  readonly recall: AbortSignal;
  readonly onEvent: (event: BackendEvent, progress: Progress) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs the job, or attaches to its prompt, and gives its record as it is when the result is stored. Throws what ended the
 * run: what the backend throws, the reason of `recall`, CancelledError, WorkflowTimeoutError, TemplateGoneError, InvalidParametersError for a
 * picture that is gone. `signal` lets go of the prompt and leaves the record as it is. A full disk ends nothing.
 */
export async function runJob(deps: RunJobDeps, job: Job, run: JobRun): Promise<Job> {
  if (!job.isDefault || run.isResumed) return await runOnce(deps, job, run);
  const before = await withRunnable(deps, job, run.signal);
  try {
    return await runOnce(deps, before, run);
  } catch (error) {
    if (!(error instanceof WorkflowRefusedError)) throw error;
    // The backend may have come only after it was asked what it has.
    const after = await withRunnable(deps, before, run.signal);
    if (after.template === before.template) throw error;
    return await runOnce(deps, after, run);
  }
}

async function runOnce(
  deps: RunJobDeps,
  job: Job,
  { options, isResumed, beforeRetry, recall, onEvent, signal }: JobRun,
): Promise<Job> {
  const { queue, storage, estimator, messenger, now } = deps;
  const { timeoutMs, megapixels, retryMs } = options;
  const template = deps.template(job.template);
  if (!template) {
    throw new TemplateGoneError(`Cannot run template ${job.template}: there is no such template`);
  }
  const tracker = createProgress({
    now,
    expectedMs: estimator.expectMs(job),
    expectedStepMs: estimator.stepMs(job),
  });
  using timeout = startRunTimeout(job.id, { queue, timeoutMs });
  using ended = joinSignals(timeout.signal, recall);
  const previews = await messenger.wantsPreviews(job);
  const onWait = () => messenger.notify(job, { type: "storage_away" });
  const events = runFilled(deps, {
    promptId: job.promptId ?? "",
    outputNode: template.output.node,
    classTypes: classTypesOf(template),
    previews,
    pictures: () => {
      // It was there when we last looked. It is not sent from here: those before it may be gone too, and come first.
      if (isResumed) throw new PromptLostError("Cannot continue: ComfyUI does not know the prompt");
      return retryOnDiskError(() => loadPictures(deps, job), {
        what: `the pictures of job ${job.id}`,
        retryMs,
        signal: ended.signal,
        onWait,
      });
    },
    ...(beforeRetry ? { beforeRetry: () => beforeRetry(ended.signal) } : {}),
    fill: (pictures, nodes) =>
      fill(template, {
        promptText: wordsFor(template, job),
        pictures,
        params: job.params,
        megapixels,
        filename: filenameOf(job),
      }, nodes),
  }, ended.signal);

  using either = joinSignals(signal, timeout.signal);
  const written = <T>(write: () => Promise<T>) =>
    retryOnDiskError(write, {
      what: `the result of job ${job.id}`,
      retryMs,
      signal: either.signal,
      onWait,
    });
  const save = async (name: string, picture: PictureBytes): Promise<string> => {
    const bytes = await finishResult(deps.drawing, job, picture.bytes);
    signal.throwIfAborted();
    const file = `${name}.${extensionOf(bytes)}`;
    await written(() => storage.saveResult(file, bytes));
    return file;
  };
  const moreFiles: string[] = [];

  for await (const event of events) {
    // A stop lets go of the prompt and leaves the record as it is: the next start attaches to it.
    signal.throwIfAborted();
    timeout.heartbeat(event);
    const progress = tracker.apply(event);
    onEvent(event, progress);
    switch (event.type) {
      case "accepted":
        messenger.notify(job, { type: "accepted" });
        break;
      case "started":
      case "executing":
      case "step":
        if (job.state === "submitted") job = await noteRunning(deps, job);
        messenger.notify(job, { type: "progress", ...progress });
        break;
      case "preview":
        messenger.notify(job, { type: "preview", ...event.picture });
        break;
      case "storage_away":
        onWait();
        break;
      case "extra":
        moreFiles.push(await save(`${job.id}_${moreFiles.length + 2}`, event.picture));
        break;
      case "done": {
        const measured = event.cached ? undefined : tracker.measured();
        const resultFile = await save(job.id, event.picture);
        timeout.signal.throwIfAborted();
        job = await written(() =>
          queue.update(job.id, {
            state: "delivering",
            resultFile,
            moreFiles: moreFiles.length > 0 ? moreFiles : undefined,
            saved: event.saved ? [...event.saved] : undefined,
            renderedAt: now(),
          })
        );
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

/**
 * A job whose template was nobody's choice gets another where the backend cannot run that: it may have been asked for before
 * ComfyUI had said what it has.
 */
async function withRunnable(deps: RunJobDeps, job: Job, signal: AbortSignal): Promise<Job> {
  const { queue, insteadOf, random = Math.random } = deps;
  const other = await insteadOf?.(job.template, signal);
  if (!other) return job;
  log.info("Job {jobId} goes to {template}: ComfyUI cannot run {before}", {
    jobId: job.id,
    template: other.name,
    before: job.template,
  });
  const before = deps.template(job.template);
  const params = movedParams(job.params, {
    from: before && specsOf(before),
    to: specsOf(other),
    given: job.given,
  }, random);
  return await queue.update(job.id, { template: other.name, params });
}

/** A prompt whose graph is completed by what the backend says of these classes. */
interface FilledRequest extends Omit<BackendRequest, "fill"> {
  readonly classTypes: readonly string[];
  readonly fill: (pictureNames: readonly string[], nodes?: NodeCatalog) => ApiPrompt;
}

/**
 * Runs it as the backend does. Where the graph is refused, the backend may be another one than the one that was asked about
 * its nodes: it is asked again, and once more given the graph, if that comes out otherwise.
 */
async function* runFilled(
  { backend, nodes }: Pick<RunJobDeps, "backend" | "nodes">,
  { classTypes, ...request }: FilledRequest,
  signal: AbortSignal,
): AsyncGenerator<BackendEvent, void, void> {
  let known: NodeCatalog | undefined;
  let sent: { readonly names: readonly string[]; readonly graph: ApiPrompt } | undefined;
  const run = () =>
    backend.run({
      ...request,
      async pictures() {
        known = await nodes.get(classTypes, signal);
        return await request.pictures();
      },
      fill(names) {
        const graph = request.fill(names, known);
        sent = { names, graph };
        return graph;
      },
    }, { signal });
  try {
    yield* run();
  } catch (error) {
    if (!(error instanceof WorkflowRefusedError) || !sent) throw error;
    nodes.forget();
    const graph = request.fill(sent.names, await nodes.get(classTypes, signal));
    if (JSON.stringify(graph) === JSON.stringify(sent.graph)) throw error;
    log.info("{backend} needs other inputs than before: submitting the graph again", {
      backend: backend.name,
    });
    yield* run();
  }
}

/** Another one each time that a run was lost: a graph that ComfyUI has in its cache writes no file again. */
function filenameOf({ id, crashes }: Job): string {
  return `image-edit-bot_${id}${crashes === 0 ? "" : `_${crashes + 1}`}`;
}

/** Where the disk does not take it, the next event tries again: the backend's events are not to wait for that. */
async function noteRunning({ queue, now }: RunJobDeps, job: Job): Promise<Job> {
  try {
    return await queue.update(job.id, { state: "running", startedAt: now() });
  } catch (error) {
    if (!isDiskError(error)) throw error;
    log.warn("Cannot store that job {jobId} runs: {error}", {
      jobId: job.id,
      error: messageOf(error),
      outage: "the disk",
    });
    return job;
  }
}

async function loadPictures(
  { storage, drawing }: RunJobDeps,
  job: Job,
): Promise<PictureUpload[]> {
  const pictures = await Promise.all(job.pictures.map(async (picture) => {
    const bytes = await storage.readInput(picture.file);
    if (!bytes) {
      throw new InvalidParametersError(`Cannot read picture ${picture.file}: it is gone`);
    }
    return { name: picture.file, mime: picture.mime, bytes };
  }));
  const { format } = job;
  if (format === undefined) return pictures;
  return await Promise.all(pictures.map(async ({ name, bytes }) => ({
    name,
    mime: "image/png",
    bytes: await padded(drawing, bytes, format),
  })));
}

function notLearned(error: unknown): void {
  log.warn("Cannot store how long a job took: {error}", {
    error: messageOf(error),
    outage: "the disk",
  });
}
