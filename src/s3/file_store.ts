/**
 * FileStore in a bucket: `PREFIX/input/NAME` and `PREFIX/output/NAME`. Pictures from before the bucket was configured are read from the
 * disk until they are gone.
 */
import { type FileStore, jobIdOf } from "../images/mod.ts";
import type { Bucket } from "./bucket.ts";

/**
 * Asks nothing yet. `disk` is where pictures were kept before. Every method of the store rejects with StorageAwayError where the bucket
 * cannot be used.
 */
export function createBucketFileStore(bucket: Bucket, disk?: FileStore): FileStore {
  return {
    saveInput: (file, bytes) => bucket.put(`input/${file}`, bytes),
    readInput: async (file) => await bucket.get(`input/${file}`) ?? await disk?.readInput(file),
    async removeInput(file) {
      await bucket.remove(`input/${file}`);
      await disk?.removeInput(file);
    },
    saveResult: (file, bytes) => bucket.put(`output/${file}`, bytes),
    readResult: async (file) => await bucket.get(`output/${file}`) ?? await disk?.readResult(file),
    async removeResult(file) {
      await bucket.remove(`output/${file}`);
      await disk?.removeResult(file);
    },
    removeResultsOf: async (jobIds) =>
      await bucket.removeWhere("output", (file) => jobIds.has(jobIdOf(file))) +
      (await disk?.removeResultsOf(jobIds) ?? 0),
    async sweep(options) {
      const { inUse, maxAgeMs, now } = options;
      const isOld = (file: string, changedAt: number) =>
        !inUse.has(file) && changedAt <= now - maxAgeMs;
      return await bucket.removeWhere("input", isOld) + await bucket.removeWhere("output", isOld) +
        (await disk?.sweep(options) ?? 0);
    },
  };
}
