/**
 * FileStore in a bucket: `PREFIX/input/NAME` and `PREFIX/output/NAME`. Owns that a bucket which is away is never taken for one that
 * lacks the object. Pictures from before the bucket was configured are read from the disk until they are gone.
 */
import { S3mini } from "s3mini";
import { type BucketConfig } from "../config/mod.ts";
import { type FileStore, jobIdOf } from "../images/mod.ts";
import { messageOf, StorageAwayError } from "../lib/mod.ts";

/** For one picture, up or down. */
const timeoutMs = 60_000;

/**
 * Asks nothing yet. `disk` is where pictures were kept before. Every method of the store rejects with StorageAwayError where the bucket
 * cannot be used.
 */
export function openBucketFileStore(bucket: BucketConfig, disk?: FileStore): FileStore {
  const { endpoint, name, prefix, region } = bucket;
  const s3 = new S3mini({
    endpoint: `${endpoint}/${name}`,
    region,
    accessKeyId: bucket.accessKeyId.reveal(),
    secretAccessKey: bucket.secretAccessKey.reveal(),
    requestAbortTimeout: timeoutMs,
  });
  const keyOf = (folder: string, file: string) => [prefix, folder, file].filter(Boolean).join("/");

  /** Gives what the request gives, or throws what it could not do, as StorageAwayError. */
  async function ask<T>(what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw new StorageAwayError(`Cannot ${what} in the bucket ${name}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  async function save(folder: string, file: string, bytes: Uint8Array): Promise<void> {
    await ask(`write ${file}`, async () => {
      const { body } = await s3.putObject(keyOf(folder, file), bytes);
      await body?.cancel();
    });
  }

  async function read(folder: string, file: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await ask(`read ${file}`, async () => {
      const bytes = await s3.getObjectArrayBuffer(keyOf(folder, file));
      if (bytes) return new Uint8Array(bytes);
      // The answer for an object that is not there is the one for a bucket that is not there.
      return await s3.bucketExists() ? undefined : noBucket();
    });
  }

  async function remove(folder: string, file: string): Promise<void> {
    await ask(`delete ${file}`, () => s3.deleteObject(keyOf(folder, file)));
  }

  /** Removes the objects of a folder that `isGone` picks by their names and times (milliseconds since 1970); gives their number. */
  async function removeWhere(
    folder: string,
    isGone: (file: string, changedAt: number) => boolean,
  ): Promise<number> {
    const from = keyOf(folder, "") + "/";
    const objects = await ask(
      `list ${folder}`,
      async () => await s3.listObjects("/", from) ?? noBucket(),
    );
    const gone = objects.filter(({ Key, LastModified }) =>
      isGone(Key.slice(from.length), new Date(LastModified).getTime())
    );
    for (const { Key } of gone) await ask(`delete ${Key}`, () => s3.deleteObject(Key));
    return gone.length;
  }

  return {
    saveInput: (file, bytes) => save("input", file, bytes),
    readInput: async (file) => await read("input", file) ?? await disk?.readInput(file),
    async removeInput(file) {
      await remove("input", file);
      await disk?.removeInput(file);
    },
    saveResult: (file, bytes) => save("output", file, bytes),
    readResult: async (file) => await read("output", file) ?? await disk?.readResult(file),
    async removeResult(file) {
      await remove("output", file);
      await disk?.removeResult(file);
    },
    removeResultsOf: async (jobIds) =>
      await removeWhere("output", (file) => jobIds.has(jobIdOf(file))) +
      (await disk?.removeResultsOf(jobIds) ?? 0),
    async sweep(options) {
      const { inUse, maxAgeMs, now } = options;
      const isOld = (file: string, changedAt: number) =>
        !inUse.has(file) && changedAt <= now - maxAgeMs;
      return await removeWhere("input", isOld) + await removeWhere("output", isOld) +
        (await disk?.sweep(options) ?? 0);
    },
  };
}

function noBucket(): never {
  throw new Error("there is no such bucket");
}
