/**
 * The engine that bot and workers share: BullMQ's queues on Redis or PostgreSQL, pictures in flight, and who is there. Owns what of BullMQ
 * is used, and how. open_engine.ts loads the one that is asked for.
 */
import type { Job, JobsOptions, Queue, QueueEvents, Worker } from "bullmq";
import { ComfyUIConnectionError, limitSignal, race, unlessAborted } from "../lib/mod.ts";

/** A server with the queues. Its methods wait for a server that is away; callers limit that. */
export interface Engine extends AsyncDisposable {
  /** The server, without user and password, for messages. */
  readonly where: string;
  /** Why it cannot be reached at present; undefined where that is not known. */
  trouble(): string | undefined;
  /** Before anything is opened. Rejects where the server does not answer or cannot be used. */
  ready(): Promise<void>;
  /** The queue of one worker. Close it. */
  openQueue(worker: string): EngineQueue;
  openEvents(worker: string): QueueEvents;
  /** Takes jobs at once. */
  openWorker(worker: string, run: (job: Job) => Promise<unknown>): Worker;
  readonly files: EngineFiles;
  /**
   * Says for `ttlMs` that a worker is there. False where another instance says so under the same name, and nothing is changed
   * then.
   */
  announce(announcement: Announced, ttlMs: number): Promise<boolean>;
  /** It is not there any more. */
  withdraw(announcement: Announced): Promise<void>;
  /** What those who are there say, as it came. */
  announced(): Promise<readonly unknown[]>;
  /** What is wrong with the server, a sentence each. Rejects where it does not answer. */
  problems(): Promise<readonly string[]>;
}

export type EngineQueue = Pick<Queue, "add" | "close" | "getJob" | "remove">;

/** Pictures on their way, in the engine or in the bucket; each is gone after `pictureMs`. */
export interface EngineFiles {
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where it is gone. */
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  remove(keys: readonly string[]): Promise<void>;
  /** They go some time after `ttlMs` from now. */
  expire(keys: readonly string[], ttlMs: number): Promise<void>;
}

interface Announced {
  readonly name: string;
  readonly instance: string;
}

/** How long pictures wait for those who were away. */
export const pictureMs = 86_400_000;
/** How long a picture may be on its way to or from the engine or the bucket: a worker's line may be slow. That nothing moves, the engine notices. */
export const transferMs = 300_000;

/** Names of schema and keys. */
export const prefix = "image-edit-bot";

/** Previews are events too: a long stream of them would fill the server's memory. */
const eventsKept = 200;

export const queueOptions = { streams: { events: { maxLen: eventsKept } } } as const;

/** How many runs and calls a worker takes at once; ComfyUI does one after another. */
const concurrency = 32;

/** A worker's lock on a job that it has. Without renewal, the worker gets the job again. */
export const workerOptions = {
  prefix,
  concurrency,
  lockDuration: 10_000,
  stalledInterval: 5_000,
  runRetryDelay: 2_000,
  // Whether a run is worth another try is for the bot to say.
  maxStalledCount: 1_000,
} as const;

const daySeconds = 86_400;

/** Runs are kept for a day, for a bot that is away. */
export const runOptions: JobsOptions = {
  removeOnComplete: { age: daySeconds },
  removeOnFail: { age: daySeconds },
};

/** What the engine answers. Rejects with its trouble, or "no answer", after `limitMs`, and when the signal aborts before. */
export async function answerOf<T>(
  engine: Pick<Engine, "trouble">,
  act: () => Promise<T>,
  limitMs: number,
  signal: AbortSignal,
): Promise<T> {
  using limit = limitSignal(signal, limitMs);
  try {
    return await unlessAborted(act(), limit.signal);
  } catch (error) {
    if (!limit.signal.aborted) throw error;
    throw new ComfyUIConnectionError(engine.trouble() ?? "no answer");
  }
}

/** Resolves when they have settled, or after `limitMs`: for what expires by itself where it is not done. */
export async function settledWithin(
  acts: readonly (Promise<unknown> | undefined)[],
  limitMs: number,
): Promise<void> {
  using limit = limitSignal(new AbortController().signal, limitMs);
  await race([Promise.allSettled(acts), limit.over]);
}

/** Trouble with the connection passes, and BullMQ tries again: whoever waits for an answer says it. */
export function quiet<T extends { on(event: "error", listener: () => void): unknown }>(
  emitter: T,
): T {
  emitter.on("error", () => {});
  return emitter;
}
