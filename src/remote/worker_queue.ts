/**
 * One worker's queue as the bot uses it. Owns that no wait is endless: an engine that does not answer, and a worker that is away, are a
 * ComfyUIConnectionError.
 */
import type { QueueEvents } from "bullmq";
import { ComfyUIConnectionError, limitSignal, messageOf } from "../lib/mod.ts";
import { answerOf, type Engine, type EngineQueue, runOptions } from "./engine.ts";
import { createFeeds, type Feed, type Feeds } from "./feed.ts";
import type { Announcement } from "./protocol.ts";

/** A job of the queue. `outcome` is there when it is over; its value is null where the engine went away before it had one. */
export interface EngineJob {
  readonly data: unknown;
  readonly progress: unknown;
  /** The worker has had it. */
  readonly isTaken: boolean;
  readonly outcome?: { readonly value: unknown };
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
  /** Other work with the engine. */
  ask<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

export interface WorkerQueueDeps {
  readonly engine: Engine;
  /** What the worker says of itself; undefined while it is not there. */
  readonly find: (name: string) => Announcement | undefined;
}

const answerMs = 10_000;
const closeMs = 2_000;

interface Opened {
  readonly queue: EngineQueue;
  readonly events: QueueEvents;
  readonly feeds: Feeds;
}

/** Connects when it is first used. `name` is the worker's. */
export function createWorkerQueue({ engine, find }: WorkerQueueDeps, name: string): WorkerQueue {
  let opened: Promise<Opened> | undefined;

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

  async function ask<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await answerOf(act, answerMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new ComfyUIConnectionError(
        `Cannot use the queue on ${engine.where}: ${messageOf(error)}`,
      );
    }
  }

  const withQueue = <T>(act: (queue: EngineQueue) => Promise<T>, signal: AbortSignal) =>
    ask(async () => await act((await open()).queue), signal);

  return {
    ask,
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
      using limit = limitSignal(new AbortController().signal, closeMs);
      const closing = opened?.then(({ events, queue }) =>
        Promise.allSettled([events.close(), queue.close()])
      );
      await Promise.race([closing?.catch(() => {}), limit.over]);
    },
  };
}
