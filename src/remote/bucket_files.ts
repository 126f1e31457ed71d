/**
 * Pictures on their way through the bucket, `PREFIX/workers/PROMPT/in/0`, in place of the engine. Owns how a bot knows that a worker has
 * the same bucket: the worker leaves a mark there under its instance, which the bot finds, or does not. Addresses prove nothing:
 * 127.0.0.1 is another server on each host, and one server has many names.
 */
import { type BucketConfig } from "../config/mod.ts";
import { type Bucket } from "../s3/mod.ts";
import { type EngineFiles, pictureMs, transferMs } from "./engine.ts";

/** Every method rejects with StorageAwayError where the bucket cannot be used. */
export interface BucketFiles extends EngineFiles {
  /** The bucket, for messages. */
  readonly where: string;
  /** Leaves the mark of a worker's instance, and reads it: who may only write gets no pictures. To be done again every `markMs`. */
  mark(instance: string): Promise<void>;
  unmark(instance: string): Promise<void>;
  /** True where the instance has left its mark in this bucket. */
  isMarked(instance: string): Promise<boolean>;
  /** Removes what is left of runs; gives the number of objects. `now`: milliseconds since 1970. */
  sweep(now: number): Promise<number>;
}

/** A mark must not look like what is left of a run. */
export const markMs = pictureMs / 24;

const folder = "workers";
const markKey = (instance: string) => `${folder}/${instance}/here`;

/** Asks nothing yet, and loads nothing of S3 where no bucket is configured. */
export async function openBucketFiles(
  config: BucketConfig | undefined,
): Promise<BucketFiles | undefined> {
  if (config === undefined) return undefined;
  const { openBucket } = await import("../s3/mod.ts");
  return createBucketFiles(openBucket(config, transferMs), Date.now);
}

/** `now`: milliseconds since 1970. */
export function createBucketFiles(bucket: Bucket, now: () => number): BucketFiles {
  /** Instances whose mark was seen: it stays theirs, unless there is trouble with the bucket. */
  const seen = new Set<string>();
  /** When what has arrived is to go, by key. S3 forgets nothing by itself. */
  const due = new Map<string, number>();

  async function removeOne(key: string): Promise<void> {
    await bucket.remove(`${folder}/${key}`);
    due.delete(key);
  }

  return {
    where: bucket.where,
    async put(key, bytes) {
      try {
        await bucket.put(`${folder}/${key}`, bytes);
      } catch (error) {
        seen.clear();
        throw error;
      }
    },
    get: (key) => bucket.get(`${folder}/${key}`),
    async remove(keys) {
      await Promise.all(keys.map(removeOne));
    },
    expire(keys, ttlMs) {
      for (const key of keys) due.set(key, now() + ttlMs);
      return Promise.resolve();
    },
    async mark(instance) {
      // Some servers refuse an object without a byte.
      await bucket.put(markKey(instance), new TextEncoder().encode(instance));
      await bucket.get(markKey(instance));
    },
    unmark: (instance) => bucket.remove(markKey(instance)),
    async isMarked(instance) {
      if (!seen.has(instance) && await bucket.get(markKey(instance))) seen.add(instance);
      return seen.has(instance);
    },
    async sweep(now) {
      const isGone = (key: string, changedAt: number) =>
        changedAt <= now - pictureMs || (due.get(key) ?? Infinity) <= now;
      const removed = await bucket.removeWhere(folder, isGone);
      for (const [key, at] of due) if (at <= now) due.delete(key);
      return removed;
    },
  };
}
