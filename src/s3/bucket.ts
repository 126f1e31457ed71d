/**
 * Objects of one bucket, below the prefix of the configuration. Owns that a bucket which is away is never taken for one that lacks the
 * object. Does not know what the objects are.
 */
import { S3mini } from "s3mini";
import { type BucketConfig } from "../config/mod.ts";
import { messageOf, StorageAwayError } from "../lib/mod.ts";

/** Keys are without the prefix: `input/a.png`. Every method rejects with StorageAwayError where the bucket cannot be used. */
export interface Bucket {
  /** Name, prefix and server, for messages: `pictures/bot on 127.0.0.1:7070`. */
  readonly where: string;
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where there is no such object. */
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Does nothing where there is no such object. */
  remove(key: string): Promise<void>;
  /**
   * Removes the objects of a folder, and of those in it, that `isGone` picks by their names there and their times (milliseconds since
   * 1970); gives their number.
   */
  removeWhere(
    folder: string,
    isGone: (name: string, changedAt: number) => boolean,
  ): Promise<number>;
}

/** For one object, up or down, on the line of a server. */
const defaultTimeoutMs = 60_000;

/** Asks nothing yet. A request ends after `timeoutMs`, also where its object is still on its way. */
export function openBucket(config: BucketConfig, timeoutMs = defaultTimeoutMs): Bucket {
  const { endpoint, name, prefix, region } = config;
  const s3 = new S3mini({
    endpoint: `${endpoint}/${name}`,
    region,
    accessKeyId: config.accessKeyId.reveal(),
    secretAccessKey: config.secretAccessKey.reveal(),
    requestAbortTimeout: timeoutMs,
  });
  const below = prefix === "" ? "" : `${prefix}/`;

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

  return {
    where: `${[name, prefix].filter(Boolean).join("/")} on ${new URL(endpoint).host}`,
    put: (key, bytes) =>
      ask(`write ${key}`, async () => {
        const { body } = await s3.putObject(below + key, bytes);
        await body?.cancel();
      }),
    get: (key) =>
      ask(`read ${key}`, async () => {
        const bytes = await s3.getObjectArrayBuffer(below + key);
        if (bytes) return new Uint8Array(bytes);
        // The answer for an object that is not there is the one for a bucket that is not there.
        return await s3.bucketExists() ? undefined : noBucket();
      }),
    remove: (key) => ask(`delete ${key}`, async () => void await s3.deleteObject(below + key)),
    async removeWhere(folder, isGone) {
      const from = `${below}${folder}/`;
      const objects = await ask(
        `list ${folder}`,
        async () => await s3.listObjects("/", from) ?? noBucket(),
      );
      const gone = objects.filter(({ Key, LastModified }) =>
        isGone(Key.slice(from.length), new Date(LastModified).getTime())
      );
      for (const { Key } of gone) await ask(`delete ${Key}`, () => s3.deleteObject(Key));
      return gone.length;
    },
  };
}

function noBucket(): never {
  throw new Error("there is no such bucket");
}
