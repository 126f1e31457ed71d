/**
 * FileStore in a bucket: `PREFIX/input/NAME` and `PREFIX/output/NAME`. Owns that a bucket which is away is never taken for one that
 * lacks the object. Pictures from before the bucket was configured are read from the disk until they are gone.
 */
import { S3mini } from "s3mini";
import { type BucketConfig } from "../config/mod.ts";
import { type FileStore } from "../images/mod.ts";
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

  async function sweepFolder(
    folder: string,
    { inUse, maxAgeMs, now }: Parameters<FileStore["sweep"]>[0],
  ): Promise<number> {
    const from = keyOf(folder, "") + "/";
    const objects = await ask(
      `list ${folder}`,
      async () => await s3.listObjects("/", from) ?? noBucket(),
    );
    const old = objects.filter(({ Key, LastModified }) =>
      !inUse.has(Key.slice(from.length)) && new Date(LastModified).getTime() <= now - maxAgeMs
    );
    for (const { Key } of old) await ask(`delete ${Key}`, () => s3.deleteObject(Key));
    return old.length;
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
    sweep: async (options) =>
      await sweepFolder("input", options) + await sweepFolder("output", options) +
      (await disk?.sweep(options) ?? 0),
  };
}

function noBucket(): never {
  throw new Error("there is no such bucket");
}
