/** What a look at the queue's server finds, for `doctor`. Changes nothing but the tables, which a new database gets. */
import { ComfyUIConnectionError, unlessAborted, version } from "../lib/mod.ts";
import type { BucketFiles } from "./bucket_files.ts";
import type { Engine } from "./engine.ts";
import { Announcement, protocol } from "./protocol.ts";

export interface QueueInspection {
  /** The server, without user and password. */
  readonly where: string;
  /** A line for each worker that is connected. */
  readonly workers: readonly string[];
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
}

/** An announcement is no older than this when it is read. */
const maxClockOffsetMs = 10_000;
/** How long the bucket is waited for. */
const bucketMs = 2_000;

type Inspected = Pick<Engine, "announced" | "problems" | "ready" | "trouble" | "where">;

export interface InspectOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The bot's bucket, where it has one: who of the workers has the same? */
  readonly bucket: Pick<BucketFiles, "isMarked"> | undefined;
}

/**
 * Rejects where the server refuses or is too old, and with ComfyUIConnectionError when the signal aborts
 * before it has answered.
 */
export async function inspectQueue(
  engine: Inspected,
  options: InspectOptions,
  signal: AbortSignal,
): Promise<QueueInspection> {
  try {
    return await unlessAborted(inspect(engine, options), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    const why = engine.trouble() ?? "no answer";
    throw new ComfyUIConnectionError(`Cannot use the queue on ${engine.where}: ${why}`);
  }
}

async function inspect(
  engine: Inspected,
  { now, bucket }: InspectOptions,
): Promise<QueueInspection> {
  await engine.ready();
  const problems = [...await engine.problems()];
  const workers = await Promise.all((await engine.announced()).map(async (written) => {
    const { data: worker } = Announcement.safeParse(written);
    if (!worker) {
      problems.push(
        "a worker announces itself in another way (wanted the same version everywhere)",
      );
      return "one that cannot be read";
    }
    problems.push(...problemsOf(worker, now()));
    const bytes = worker.comfyui?.devices.reduce((sum, { vramTotal }) => sum + vramTotal, 0) ?? 0;
    const about = [worker.version, `${Math.round(bytes / 1024 ** 3)} GB VRAM`];
    if (bucket) {
      const isShared = await hasMark(bucket, worker);
      about.push(
        isShared === undefined
          ? "which way its pictures go is not known: the bucket does not answer"
          : `pictures through the ${isShared ? "bucket" : "queue"}`,
      );
      if (isShared === false && worker.bucket !== undefined) {
        problems.push(otherBucket(worker.name, worker.bucket));
      }
    }
    return `${worker.name} (${about.join(", ")})`;
  }));
  return { where: engine.where, workers, problems };
}

/** True where the worker has the bot's bucket; undefined where that cannot be asked. */
async function hasMark(
  bucket: Pick<BucketFiles, "isMarked">,
  worker: Announcement,
): Promise<boolean | undefined> {
  if (worker.bucket === undefined) return false;
  try {
    return await unlessAborted(bucket.isMarked(worker.instance), AbortSignal.timeout(bucketMs));
  } catch {
    return undefined;
  }
}

function otherBucket(name: string, bucket: string): string {
  return `the bucket of ${name} is another one, ${bucket}: its pictures go through the queue ` +
    "(wanted the same storage.url and AWS_ENDPOINT_URL on both hosts)";
}

function problemsOf(worker: Announcement, now: number): readonly string[] {
  const offsetMs = worker.at - now;
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return [
    ...(worker.protocol === protocol ? [] : [
      `${worker.name} cannot be used: it is of version ${worker.version} (wanted ${version})`,
    ]),
    ...(worker.protocol !== protocol || worker.version === version ? [] : [
      `${worker.name} is of version ${worker.version} (wanted ${version})`,
    ]),
    ...(worker.comfyui ? [] : [`${worker.name}: its ComfyUI does not answer`]),
    ...(Math.abs(offsetMs) <= maxClockOffsetMs ? [] : [
      `the clock of ${worker.name} is ${seconds} s ${offsetMs > 0 ? "ahead" : "behind"} ` +
      "(wanted timedatectl set-ntp true on both hosts)",
    ]),
  ];
}
