/** The bucket: can a picture be written, read and deleted there? */
import { messageOf, unlessAborted } from "../../lib/mod.ts";
import { type Bucket } from "../../s3/mod.ts";
import { fail, type Finding, ok } from "./check.ts";

/** Writes a small object into each of the folders and deletes it again. */
export async function checkBucket(
  bucket: Pick<Bucket, "where" | "put" | "get" | "remove">,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<Finding> {
  const { where } = bucket;
  try {
    for (const folder of folders) {
      const key = `${folder}/doctor-${crypto.randomUUID()}`;
      const written = new TextEncoder().encode(key);
      await unlessAborted(bucket.put(key, written), signal);
      const read = await unlessAborted(bucket.get(key), signal);
      await unlessAborted(bucket.remove(key), signal);
      if (new TextDecoder().decode(read) === key) continue;
      return fail(`${where} gives back something else than was written`);
    }
    return ok(`${where} takes pictures and gives them back`);
  } catch (error) {
    return fail(
      messageOf(error),
      "check storage.url in config.yaml, AWS_ENDPOINT_URL, AWS_REGION and the keys in .env, and the clock; the bucket must " +
        "exist, and the keys must allow ListBucket, GetObject, PutObject and DeleteObject",
    );
  }
}
