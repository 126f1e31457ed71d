/**
 * One worker's queue as the bot uses it, and where the pictures of its runs are. Owns that no wait is endless: an engine or a bucket that
 * does not answer, and a worker that is away, are a ComfyUIConnectionError.
 */
import { getLogger } from "@logtape/logtape";
import type { QueueEvents } from "bullmq";
import {
  ComfyUIConnectionError,
  limitSignal,
  messageOf,
  StorageAwayError,
  unlessAborted,
} from "../lib/mod.ts";
import type { BucketFiles } from "./bucket_files.ts";
import {
  answerOf,
  type Engine,
  type EngineFiles,
  type EngineQueue,
  runOptions,
  settledWithin,
  transferMs,
} from "./engine.ts";
import { createFeeds, type Feed, type Feeds } from "./feed.ts";
import type { Announcement, PicturePlace } from "./protocol.ts";

const log = getLogger(["bot", "remote"]);

/** A job of the queue. `outcome` is there when it is over; its value is null where the engine went away before it had one. */
export interface EngineJob {
  readonly data: unknown;
  readonly progress: unknown;
  /** The worker has had it. */
  readonly isTaken: boolean;
  readonly outcome?: { readonly value: unknown };
}

/** A picture, and the key to put it under. */
export interface KeptPicture {
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface WorkerQueue extends AsyncDisposable {
  /** What happens to a job from now on. */
  listen(jobId: string, signal: AbortSignal): Promise<Feed>;
  add(name: string, data: unknown, jobId: string, signal: AbortSignal): Promise<void>;
  find(jobId: string, signal: AbortSignal): Promise<EngineJob | undefined>;
  /** Does nothing where there is no such job. */
  setData(jobId: string, data: unknown, signal: AbortSignal): Promise<void>;
  /** A job that is over goes to the worker once more. */
  retry(jobId: string, signal: AbortSignal): Promise<void>;
  /** False where the worker has it. */
  remove(jobId: string, signal: AbortSignal): Promise<boolean>;
  /** Throws where the worker is away. */
  requirePresent(): void;
  /** Puts the pictures of a new run where the worker finds them, in the bucket where it is seen to have the same one; says where. */
  putPictures(pictures: readonly KeptPicture[], signal: AbortSignal): Promise<PicturePlace>;
  /** Has the pictures of one place fetched or removed. The engine may take `limitMs`, 10 s by default; the bucket has limits of its own. */
  askFiles<T>(
    place: PicturePlace,
    act: (files: EngineFiles) => Promise<T>,
    signal: AbortSignal,
    limitMs?: number,
  ): Promise<T>;
}

export interface WorkerQueueDeps {
  readonly engine: Engine;
  /** What the worker says of itself; undefined while it is not there. */
  readonly find: (name: string) => Announcement | undefined;
  /** The bot's. */
  readonly bucket: BucketFiles | undefined;
}

const answerMs = 10_000;
const closeMs = 2_000;

/** Of a bucket that is no longer configured. */
const noFiles: EngineFiles = {
  put: () => Promise.resolve(),
  get: () => Promise.resolve(undefined),
  remove: () => Promise.resolve(),
  expire: () => Promise.resolve(),
};

interface Opened {
  readonly queue: EngineQueue;
  readonly events: QueueEvents;
  readonly feeds: Feeds;
}

/** Connects when it is first used. `name` is the worker's. */
export function createWorkerQueue(
  { engine, find, bucket }: WorkerQueueDeps,
  name: string,
): WorkerQueue {
  let opened: Promise<Opened> | undefined;
  /** The worker's last instance that was seen to have another bucket. */
  let stranger: string | undefined;

  /** What was opened stays; where that failed, the next one tries again. */
  function open(): Promise<Opened> {
    opened ??= engine.ready().then(() => {
      const events = engine.openEvents(name);
      return { queue: engine.openQueue(name), events, feeds: createFeeds(events) };
    }).catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function ask<T>(
    act: () => Promise<T>,
    signal: AbortSignal,
    limitMs = answerMs,
  ): Promise<T> {
    try {
      return await answerOf(engine, act, limitMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new ComfyUIConnectionError(
        `Cannot use the queue on ${engine.where}: ${messageOf(error)}`,
      );
    }
  }

  /** `act` has limits of its own: a picture takes its time. */
  async function askBucket<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await unlessAborted(act(), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StorageAwayError)) throw error;
      throw new ComfyUIConnectionError(error.message);
    }
  }

  /** False where the worker is not seen to have the same bucket, and where that cannot be used. */
  async function putInBucket(
    pictures: readonly KeptPicture[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const { instance, bucket: theirs } = find(name) ?? {};
    if (!bucket || !instance || theirs === undefined) return false;
    using limit = limitSignal(signal, answerMs);
    try {
      if (await unlessAborted(bucket.isMarked(instance), limit.signal)) {
        const puts = pictures.map(({ key, bytes }) => bucket.put(key, bytes));
        await unlessAborted(Promise.all(puts), signal);
        return true;
      }
    } catch (error) {
      signal.throwIfAborted();
      log.warn("Pictures for {worker} go through the queue: {error}", {
        worker: name,
        error: error === limit.signal.reason ? "the bucket does not answer" : messageOf(error),
        outage: "the bucket",
      });
      return false;
    }
    if (stranger !== instance) {
      log.warn("The bucket of {worker} is another one: its pictures go through the queue", {
        worker: name,
        bucket: theirs,
      });
    }
    stranger = instance;
    return false;
  }

  const withQueue = <T>(act: (queue: EngineQueue) => Promise<T>, signal: AbortSignal) =>
    ask(async () => await act((await open()).queue), signal);

  return {
    async putPictures(pictures, signal) {
      if (await putInBucket(pictures, signal)) return "bucket";
      await Promise.all(
        pictures.map(({ key, bytes }) =>
          ask(() => engine.files.put(key, bytes), signal, transferMs)
        ),
      );
      return "engine";
    },
    askFiles: (place, act, signal, limitMs) =>
      place === "engine"
        ? ask(() => act(engine.files), signal, limitMs)
        : askBucket(() => act(bucket ?? noFiles), signal),
    listen: async (jobId, signal) => (await ask(open, signal)).feeds.listen(jobId),
    async add(kind, data, jobId, signal) {
      await withQueue((queue) => queue.add(kind, data, { ...runOptions, jobId }), signal);
    },
    async find(jobId, signal) {
      const job = await withQueue((queue) => queue.getJob(jobId), signal);
      if (!job) return undefined;
      const { data, progress, processedOn, finishedOn, returnvalue } = job;
      const found = { data, progress, isTaken: processedOn !== undefined };
      return finishedOn ? { ...found, outcome: { value: returnvalue } } : found;
    },
    async setData(jobId, data, signal) {
      await withQueue(async (queue) => (await queue.getJob(jobId))?.updateData(data), signal);
    },
    async retry(jobId, signal) {
      await withQueue(async (queue) => (await queue.getJob(jobId))?.retry("failed"), signal);
    },
    remove: async (jobId, signal) => await withQueue((queue) => queue.remove(jobId), signal) === 1,
    requirePresent() {
      const announcement = find(name);
      if (announcement?.comfyui) return;
      const what = announcement ? "its ComfyUI does not answer" : "it is not connected";
      throw new ComfyUIConnectionError(`Cannot use the worker ${name}: ${what}`);
    },
    async [Symbol.asyncDispose]() {
      const closing = opened?.then(({ events, queue }) =>
        Promise.allSettled([events.close(), queue.close()])
      );
      await settledWithin([closing], closeMs);
    },
  };
}
