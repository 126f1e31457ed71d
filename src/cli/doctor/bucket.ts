/** The bucket: can a picture be written, read and deleted there? Tries the store that the bot uses. */
import { type BucketConfig } from "../../config/mod.ts";
import { type FileStore } from "../../images/mod.ts";
import { messageOf, unlessAborted } from "../../lib/mod.ts";
import { fail, type Finding, ok } from "./check.ts";

/** Writes a small object and deletes it again. */
export async function checkBucket(
  { name, endpoint }: BucketConfig,
  store: Pick<FileStore, "saveInput" | "readInput" | "removeInput">,
  signal: AbortSignal,
): Promise<Finding> {
  const object = `doctor-${crypto.randomUUID()}`;
  const written = new TextEncoder().encode(object);
  try {
    await unlessAborted(store.saveInput(object, written), signal);
    const read = await unlessAborted(store.readInput(object), signal);
    await unlessAborted(store.removeInput(object), signal);
    if (new TextDecoder().decode(read) === object) {
      return ok(`${name} at ${endpoint} takes pictures and gives them back`);
    }
    return fail(`${name} at ${endpoint} gives back something else than was written`);
  } catch (error) {
    return fail(
      messageOf(error),
      "check storage.url in config.yaml, AWS_ENDPOINT_URL, AWS_REGION and the keys in .env, and the clock; the bucket must " +
        "exist, and the keys must allow ListBucket, GetObject, PutObject and DeleteObject",
    );
  }
}
