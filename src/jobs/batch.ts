/**
 * A batch: jobs that were asked for at once, the same words for several pictures, or several seeds for one. Each of them is a job
 * like any other; together they have one status message, and their results come as albums. Owns how they are named and numbered,
 * and which of them are in one album.
 */
import { createHash } from "node:crypto";
import { type Batch, type Job, resultFilesOf } from "./job.ts";

/** Most jobs of a batch: they are made in one commit, and that has room for no more than some hundred. */
export const maxBatch = 50;

/** Bot API documentation of sendMediaGroup. */
const albumSize = 10;

/** An id of 16 characters, the same for the same `cause`; those that are made from an update have at most 11. */
export function digestId(cause: string): string {
  const digest = createHash("sha256").update(cause).digest("hex");
  return BigInt(`0x${digest}`).toString(36).slice(0, 16);
}

/** The id of one of a batch's jobs: the first has the batch's own. */
export function batchJobId(id: string, index: number): string {
  return index === 0 ? id : digestId(`${id}:${index}`);
}

/** Of which jobs the results come in one album with that one's: from … to …, as users count, from 1. */
export function albumOf({ index, of }: Batch): { readonly from: number; readonly to: number } {
  const start = index - index % albumSize;
  return { from: start + 1, to: Math.min(of, start + albumSize) };
}

/** The jobs whose results go out together as one job with all their files: the first of them, which keeps what was sent. */
export function asOneJob(jobs: readonly [Job, ...Job[]]): Job {
  const [first, ...others] = jobs;
  if (others.length === 0) return first;
  const [resultFile, ...moreFiles] = jobs.flatMap(resultFilesOf);
  return {
    ...first,
    pictures: jobs.flatMap(({ pictures }) => pictures),
    ...(resultFile === undefined ? {} : { resultFile }),
    moreFiles,
  };
}

/** The part of a queue that is asked about batches. */
interface LiveJobs {
  live(userId: number): readonly Job[];
}

/** The jobs of the same batch that are not at an end; of a job that is in none, itself. */
export function livingOf(queue: LiveJobs, { id, origin, batch }: Job): readonly Job[] {
  return queue.live(origin.userId).filter((other) =>
    batch ? other.batch?.id === batch.id : other.id === id
  );
}

/** How many jobs of the job's batch are rendered or at an end, and how many it has. */
export function progressOf(
  queue: LiveJobs,
  job: Job,
): { readonly done: number; readonly of: number } {
  const of = job.batch?.of ?? 1;
  const left = livingOf(queue, job).filter(({ state }) => state !== "delivering").length;
  return { done: of - left, of };
}

/** One job for each batch, the first of those given, and all that are in none. */
export function oneOfEach(jobs: readonly Job[]): readonly Job[] {
  const seen = new Set<string>();
  return jobs.filter(({ id, batch }) => {
    const known = seen.has(batch?.id ?? id);
    seen.add(batch?.id ?? id);
    return !known;
  });
}
