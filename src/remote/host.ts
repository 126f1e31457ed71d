/**
 * The worker: takes runs and calls out of its queue and has a ComfyUI beside it do them. It connects out only. Owns that a run is resumed,
 * not rendered anew, after the worker or its ComfyUI was away, and that one process works under a name.
 */
import { getLogger } from "@logtape/logtape";
import type { Job } from "bullmq";
import type { z } from "zod";
import {
  backoff,
  ComfyUIConnectionError,
  joinSignals,
  limitSignal,
  messageOf,
  PromptLostError,
  race,
  retry,
  StateError,
  StorageAwayError,
  unlessAborted,
  version,
  wait,
} from "../lib/mod.ts";
import { type Backend, type PictureBytes } from "../worker/mod.ts";
import { type BucketFiles, markMs } from "./bucket_files.ts";
import { answerOf, type Engine, type EngineFiles, settledWithin } from "./engine.ts";
import { createEventSender } from "./event_sender.ts";
import {
  aliveMs,
  type Announcement,
  beatMs,
  type CallName,
  type CallOutcome,
  calls,
  failedOf,
  type FileRef,
  pictureKey,
  protocol,
  RunData,
  RunOutcome,
} from "./protocol.ts";

const log = getLogger(["bot", "remote"]);

export interface WorkerHostDeps {
  readonly engine: Engine;
  /** Pictures come and go that way where the bot has the same one. */
  readonly bucket: BucketFiles | undefined;
  /** The ComfyUI beside it. */
  readonly backend: Backend;
  /** Milliseconds of a clock that is never set. */
  readonly now: () => number;
}

export interface WorkerHostOptions {
  readonly name: string;
  /** Called when it is connected and takes jobs. */
  readonly onReady: () => void;
  /** Called every few seconds while it works. */
  readonly onBeat: () => void;
}

/** A ComfyUI that loads a model may be silent for so long. */
const comfyuiMs = 20_000;
/** How often a ComfyUI that is away is asked. */
const retryMs = 2_000;
/** How long the bucket may take for a mark. */
const markLimitMs = 3_000;
/** How long a run waits for its sources in a bucket that is away: the worker alone may have lost it. */
const sourceMs = 90_000;
/** How long a stop waits for what runs, and for an engine or a bucket that is to forget it: with both it ends before systemd's limit. */
const stopMs = 60_000;
const forgetMs = 2_000;

/**
 * Works until the signal aborts, then ends what it has. Waits for an engine that is away. Throws StateError (75) where another process
 * works under the same name.
 */
export async function runWorkerHost(
  { engine, bucket, backend, now }: WorkerHostDeps,
  { name, onReady, onBeat }: WorkerHostOptions,
  signal: AbortSignal,
): Promise<void> {
  const instance = crypto.randomUUID();
  /** Runs by their prompt. */
  const running = new Map<string, AbortController>();
  const lifetime = new AbortController();
  /** Resolved when the run that was taken last is in ComfyUI: they come there in the order of the queue. */
  let entering = Promise.resolve();
  const comfyui: { said: Announcement["comfyui"]; at: number } = { said: null, at: -Infinity };
  /** Since when the bucket has the mark, on the clock of `now`; undefined where the bucket cannot be used. */
  let markedAt: number | undefined;

  function announcement(): Announcement {
    return {
      protocol,
      name,
      instance,
      version,
      comfyui: now() - comfyui.at < comfyuiMs ? comfyui.said : null,
      isLeaving: signal.aborted,
      ...bucket && markedAt !== undefined && { bucket: bucket.where },
      at: Date.now(),
    };
  }

  async function watchComfyUI(): Promise<void> {
    while (!lifetime.signal.aborted) {
      try {
        const { version, devices } = await backend.health({ signal: lifetime.signal });
        comfyui.said = { ...version !== undefined && { version }, devices: [...devices] };
        comfyui.at = now();
      } catch (error) {
        if (lifetime.signal.aborted) return;
        log.warn("ComfyUI does not answer: {error}", {
          error: messageOf(error),
          outage: backend.name,
        });
      }
      await wait(retryMs, lifetime.signal).catch(() => {});
    }
  }

  /** While it is not there, new pictures come through the engine. */
  async function leaveMark({ mark, where }: BucketFiles): Promise<void> {
    using limit = limitSignal(lifetime.signal, markLimitMs);
    try {
      await unlessAborted(mark(instance), limit.signal);
      if (markedAt === undefined) {
        log.info("Pictures may come through the bucket {bucket}", { bucket: where });
      }
      markedAt = now();
    } catch (error) {
      if (lifetime.signal.aborted) return;
      const isLate = limit.signal.aborted;
      trouble(isLate ? new StorageAwayError(`Cannot write in ${where}: no answer`) : error);
    }
  }

  async function keepMark(bucket: BucketFiles): Promise<void> {
    while (!lifetime.signal.aborted) {
      await wait(retryMs, lifetime.signal).catch(() => {});
      const isDue = markedAt === undefined || now() - markedAt >= markMs;
      if (isDue && !lifetime.signal.aborted) await leaveMark(bucket);
    }
  }

  /** False where another process has the name. */
  function announce(): Promise<boolean> {
    return answerOf(
      engine,
      () => engine.announce(announcement(), aliveMs),
      aliveMs,
      lifetime.signal,
    );
  }

  /** Rejects with StateError where another process has taken the name. */
  async function beat(): Promise<void> {
    while (!lifetime.signal.aborted) {
      onBeat();
      try {
        if (!await announce()) throw nameTaken(name, engine.where);
      } catch (error) {
        if (error instanceof StateError) throw error;
        if (!lifetime.signal.aborted) trouble(error);
      }
      await wait(beatMs, lifetime.signal).catch(() => {});
    }
  }

  /** Waits for the announcement of a former process to expire. */
  async function claimName(): Promise<void> {
    const triedAt = now();
    while (!await untilDone(announce, signal)) {
      if (now() - triedAt > 2 * aliveMs) throw nameTaken(name, engine.where);
      await wait(beatMs / 4, signal);
    }
  }

  async function take(job: Job): Promise<unknown> {
    try {
      if (job.name === "run") return await run(job);
      const isKnown = (name: string): name is CallName => Object.hasOwn(calls, name);
      if (!isKnown(job.name)) throw new ComfyUIConnectionError(`Cannot answer to ${job.name}`);
      const value = await answer(job.name, job.data);
      return { type: "answer", value } satisfies z.input<typeof CallOutcome>;
    } catch (error) {
      lifetime.signal.throwIfAborted(); // let go of: it stays in the queue, and is taken up again
      return failedOf(error);
    }
  }

  async function answer(callName: CallName, written: unknown): Promise<unknown> {
    const { signal } = lifetime;
    switch (callName) {
      case "health":
        return await backend.health({ signal });
      case "catalog":
        return await backend.catalog(calls.catalog.data.parse(written), { signal });
      case "erase":
        return await backend.erase(calls.erase.data.parse(written), { signal });
      case "free":
        await backend.free({ signal });
        return null;
      case "withdraw": {
        const promptId = calls.withdraw.data.parse(written);
        running.get(promptId)?.abort(new ComfyUIConnectionError("Cannot go on: it was withdrawn"));
        await backend.interrupt(promptId, { signal });
        return null;
      }
      default:
        return callName satisfies never;
    }
  }

  /** Until the engine or the bucket does it: a run is not to end because that is away. */
  function untilDone<T>(
    act: () => Promise<T>,
    signal: AbortSignal,
    onRetry: (error: unknown) => void = trouble,
  ): Promise<T> {
    const delaysMs = backoff(100, retryMs);
    const limited = () => unlessAborted(act(), signal);
    return retry(limited, { delaysMs, isTransient: () => !signal.aborted, signal, onRetry });
  }

  /** Says it. A bucket in trouble gets no more runs. */
  function trouble(error: unknown): void {
    if (error instanceof StorageAwayError) {
      markedAt = undefined;
      log.warn("{error}", { error: error.message, outage: "the bucket" });
      return;
    }
    log.warn("Cannot reach the queue on {engine}: {error}", {
      engine: engine.where,
      error: messageOf(error),
      outage: "the engine",
    });
  }

  function filesOf({ picturesIn }: RunData): EngineFiles {
    if (picturesIn === "engine") return engine.files;
    if (bucket) return bucket;
    throw new PromptLostError(
      "Cannot run the workflow: its pictures are in a bucket (wanted storage.url on the worker's host)",
    );
  }

  async function run(job: Job): Promise<RunOutcome> {
    const data = RunData.parse(job.data);
    const { promptId } = data;
    if (data.isWithdrawn) {
      await backend.interrupt(promptId, lifetime);
      return failedOf(new PromptLostError("Cannot run the workflow: it was withdrawn"));
    }
    const files = filesOf(data);
    const withdrawn = new AbortController();
    running.set(promptId, withdrawn);
    using either = joinSignals(withdrawn.signal, lifetime.signal);
    log.info("Running {promptId}", { promptId });
    try {
      return await render(job, data, files, either.signal);
    } finally {
      running.delete(promptId);
      const sources = data.pictures.map(({ key }) => key);
      // What is let go of is taken up again. What cannot be removed expires.
      if (!lifetime.signal.aborted) await settledWithin([files.remove(sources)], forgetMs);
    }
  }

  /** Through any number of times that ComfyUI is away. */
  async function render(
    job: Job,
    data: RunData,
    files: EngineFiles,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    for (let isResumed = false;; isResumed = true) {
      try {
        return await renderOnce(job, data, { files, isResumed }, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ComfyUIConnectionError)) throw error;
        log.warn("Prompt {promptId} waits for ComfyUI: {error}", {
          promptId: data.promptId,
          error: error.message,
          outage: backend.name,
        });
        await wait(retryMs, signal);
      }
    }
  }

  async function renderOnce(
    job: Job,
    { promptId, outputNode, previews, graph, pictures }: RunData,
    { files, isResumed }: { readonly files: EngineFiles; readonly isResumed: boolean },
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    const before = entering;
    const entered = Promise.withResolvers<void>();
    entering = entered.promise;
    using stack = new DisposableStack();
    stack.defer(entered.resolve);
    await unlessAborted(before, signal);
    const sender = createEventSender((event) => job.updateProgress(event));
    /** The bot is to know what it waits for: it hears nothing else meanwhile. After `giveUpAt` the bot is to send the run anew. */
    const untilStored = <T>(act: () => Promise<T>, giveUpAt = Infinity) =>
      untilDone(act, signal, (error) => {
        trouble(error);
        if (!(error instanceof StorageAwayError)) return;
        if (now() < giveUpAt) return sender.push({ type: "storage_away" });
        throw new PromptLostError(`Cannot run the workflow: ${error.message}`);
      });
    const kept: FileRef[] = [];
    const keep = async ({ bytes, mime }: PictureBytes) => {
      const key = pictureKey(promptId, "out", kept.length);
      await untilStored(() => files.put(key, bytes));
      const file = { key, mime };
      kept.push(file);
      return file;
    };
    const events = backend.run({
      promptId,
      outputNode,
      previews,
      pictures: () => {
        const giveUpAt = now() + sourceMs;
        return Promise.all(pictures.map(async ({ key, name, mime }) => {
          const bytes = isResumed ? undefined : await untilStored(() => files.get(key), giveUpAt);
          if (bytes) return { name, mime, bytes };
          throw new PromptLostError("Cannot run the workflow: its pictures are gone");
        }));
      },
      fill: (names) => renamed(graph, new Map(pictures.map(({ name }, i) => [name, names[i]!]))),
    }, { signal });
    for await (const event of events) {
      entered.resolve();
      if (event.type === "extra") await keep(event.picture);
      else if (event.type !== "done") sender.push(event);
      else {
        const others = [...kept];
        const result = await keep(event.picture);
        await sender.flush();
        const { cached, saved = [] } = event;
        return { type: "done", files: [result, ...others], cached, saved: [...saved] };
      }
    }
    signal.throwIfAborted();
    throw new ComfyUIConnectionError("Cannot follow the prompt: its events ended early");
  }

  const watching = watchComfyUI();
  if (bucket) await leaveMark(bucket); // so that the first announcement says it
  const marking = bucket && keepMark(bucket);
  await claimName().catch(async (error) => {
    lifetime.abort(error);
    await settledWithin([bucket?.unmark(instance)], forgetMs);
    throw error;
  });
  const beating = beat();
  beating.catch(() => {}); // it is raced below
  const worker = engine.openWorker(name, take);
  onReady();
  log.info("Connected to {engine} as {worker}", { engine: engine.where, worker: name });
  using stopped = limitSignal(signal);
  try {
    await race([stopped.over, beating]);
    // Where nothing runs, only the engine's answer is waited for.
    using limit = limitSignal(lifetime.signal, running.size > 0 ? stopMs : forgetMs);
    const ended = worker.pause(); // resolves when what it has is done
    ended.catch(() => {});
    await race([ended, limit.over, beating]);
  } finally {
    lifetime.abort(new ComfyUIConnectionError("Cannot go on: the worker stops"));
    await Promise.allSettled([worker.close(true), watching, beating, marking]);
    await settledWithin([engine.withdraw(announcement()), bucket?.unmark(instance)], forgetMs);
    log.info("Stopped");
  }
}

function nameTaken(name: string, where: string): StateError {
  return new StateError(
    `Cannot work as ${name}: another process does so on ${where} (wanted another worker.name, or that one stopped)`,
    75,
  );
}

/** The graph with the names that ComfyUI gave the pictures. */
function renamed(graph: RunData["graph"], names: ReadonlyMap<string, string>): RunData["graph"] {
  const nameOf = (value: unknown) => typeof value === "string" ? names.get(value) ?? value : value;
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => [id, {
      ...node,
      inputs: Object.fromEntries(
        Object.entries(node.inputs).map(([input, value]) => [input, nameOf(value)]),
      ),
    }]),
  );
}
