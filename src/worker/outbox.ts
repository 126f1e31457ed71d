/**
 * Results on their way to users: from the stored picture of a job in `delivering` to a settled job. Owns what is sent
 * how often, and in which order: where the record says that the result was delivered, it is not sent again. Knows no backend.
 *
 * Results of a batch go out as albums, each when all its jobs are rendered or at an end and the albums before it are sent. The
 * first job of an album keeps how far its sending has come, so its record is the last that says that it was delivered:
 *
 *   all rendered ──sent with the first──▶ the others delivered ──▶ the first delivered ──▶ each done
 */
import { getLogger } from "@logtape/logtape";
import { type FileStore } from "../images/mod.ts";
import {
  albumOf,
  asOneJob,
  type Batch,
  type Delivered,
  fileIdsOf,
  type Job,
  type JobPatch,
  resultFilesOf,
  UndeliverableError,
} from "../jobs/mod.ts";
import {
  InvalidParametersError,
  limitSignal,
  messageOf,
  race,
  retryOnDiskError,
  type Serialize,
} from "../lib/mod.ts";
import { endJob, type EndJobDeps } from "./end_job.ts";
import type { Messenger, NoteSending } from "./messenger.ts";

const log = getLogger(["bot", "worker"]);

export interface OutboxDeps extends EndJobDeps {
  readonly storage: Pick<FileStore, "readResult" | "removeResult">;
  readonly messenger: Messenger;
  /** False where a result goes as soon as its user has it. */
  readonly keepResults: () => boolean;
  /** Of all outboxes: the results of one chat go one after the other. */
  readonly chatTurns: Serialize;
  /** Longest time that a result waits for an earlier one that is not rendered yet. Default a minute. */
  readonly orderMs?: number;
  /** Pause before what the disk did not take is written again. */
  readonly retryMs: () => number;
}

export interface Outbox {
  /**
   * Sends a job's result when those ahead of it are sent; returns at once. What fails or has not begun once `signal` has aborted is the
   * next start's to do.
   */
  send(job: Job, signal: AbortSignal): void;
  /** Resolves when nothing is on its way. */
  drained(): Promise<void>;
}

const defaultOrderMs = 60_000;

/**
 * True where the other job's result is to come first: it was asked for earlier in the same place, and the same backend has or
 * had it. What ends in the backend one after the other may be collected together, after a restart or a broken connection, and
 * the later one sooner; and the earlier one may have been lost, and have to be rendered again. What an admin has put first is
 * waited for by none, and no single result waits for a batch.
 */
function isAhead(other: Job, job: Job): boolean {
  return other.seq < job.seq && !other.first && !other.batch &&
    other.origin.chatId === job.origin.chatId &&
    other.backend === job.backend && !other.delivered;
}

/** True where the other job of the same batch is to be rendered, or sent, before the one's album goes out. */
function keepsBack({ batch, state }: Job, one: Batch): boolean {
  if (batch?.id !== one.id) return false;
  const { from, to } = albumOf(one);
  return batch.index < from - 1 || batch.index < to && state !== "delivering";
}

/** What was delivered of one job of an album; the first has the message with the buttons, too. */
function shareOf(
  job: Job,
  { album = [], messageId, chatId }: Delivered,
  isFirst: boolean,
): Delivered {
  const files = resultFilesOf(job);
  const items = album.filter(({ file }) => files.includes(file));
  return {
    ...(items.length === 1 ? fileIdsOf(items[0]!) : {}),
    messageId: isFirst ? messageId : items[0]?.id ?? messageId,
    ...(isFirst || items.length > 1 ? { album: items } : {}),
    ...(chatId === undefined ? {} : { chatId }),
  };
}

/** Makes an empty outbox. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const { queue, storage, messenger, chatTurns, now, orderMs = defaultOrderMs } = deps;
  const underway = new Set<Promise<void>>();

  /** Resolves when nothing is ahead of the job, and when it has waited long enough or `signal` has aborted. */
  async function inOrder(job: Job, signal: AbortSignal): Promise<void> {
    const { batch } = job;
    using limit = limitSignal(signal, batch ? undefined : orderMs);
    const heard = new AbortController();
    const first = Promise.withResolvers<void>();
    const look = () => {
      const mine = queue.live(job.origin.userId);
      if (!mine.some((other) => batch ? keepsBack(other, batch) : isAhead(other, job))) {
        first.resolve();
      }
    };
    queue.listen((changed) => {
      if (changed.batch?.id === batch?.id) look();
    }, heard.signal);
    look();
    await race([first.promise, limit.over]);
    heard.abort();
  }

  /** Those whose results go out with the job's, the job itself among them. */
  async function together(job: Job): Promise<readonly Job[]> {
    if (!job.batch) return [await queue.get(job.id) ?? job];
    const { from, to } = albumOf(job.batch);
    const jobs = await queue.batch(job);
    return jobs.filter(({ batch, state }) =>
      state === "delivering" && batch !== undefined && batch.index >= from - 1 && batch.index < to
    );
  }

  /** Sends the result of the jobs, which are one or an album. */
  async function deliver(all: readonly Job[], signal: AbortSignal): Promise<void> {
    const retryOptions = { retryMs: deps.retryMs(), signal };
    // What has been sent must be known to be: else the next start sends it again.
    const write = (job: Job, patch: JobPatch) =>
      retryOnDiskError(() => queue.update(job.id, patch), {
        what: `that job ${job.id} is delivered`,
        ...retryOptions,
      });
    const end = async (jobs: readonly Job[], error: Error) => {
      for (const job of jobs) await endJob(deps, job, error, retryOptions);
    };
    let jobs = all;
    if (all[0] && !all[0].delivered) {
      const { here, bytes, gone, read } = await readAll(all, retryOptions);
      await end(gone, new InvalidParametersError("Cannot deliver: the result is gone"));
      const [first, ...others] = here;
      if (!first || !bytes) return;
      const note: NoteSending = (progress) => write(first, progress);
      const outcome = await messenger.deliver(asOneJob([first, ...others]), bytes, note, read);
      if (outcome.type === "kept") {
        return await end([...others, first], new UndeliverableError(outcome.reason));
      }
      const { delivered } = outcome;
      const written = [];
      for (const job of others) {
        written.push(await write(job, { delivered: shareOf(job, delivered, false) }));
      }
      const ofFirst = others.length === 0 ? delivered : shareOf(first, delivered, true);
      jobs = [await write(first, { delivered: ofFirst, album: undefined }), ...written];
    }
    for (const job of jobs) {
      await messenger.clear(job);
      await write(job, { state: "done", endedAt: now(), settled: true });
      log.info("Job {jobId} is done", { jobId: job.id });
      if (deps.keepResults()) continue;
      for (const file of resultFilesOf(job)) await storage.removeResult(file);
    }
  }

  /** Which of the jobs still have their result, and the first one's bytes. */
  async function readAll(
    jobs: readonly Job[],
    retryOptions: { readonly retryMs: number; readonly signal: AbortSignal },
  ) {
    const read = (file: string) =>
      retryOnDiskError(() => storage.readResult(file), {
        what: `the result ${file}`,
        ...retryOptions,
        onWait: () => jobs.forEach((job) => messenger.notify(job, { type: "storage_away" })),
      });
    const here: Job[] = [];
    const gone: Job[] = [];
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    for (const job of jobs) {
      const found = job.resultFile === undefined ? undefined : await read(job.resultFile);
      (found ? here : gone).push(job);
      bytes ??= found;
    }
    return { here, bytes, gone, read };
  }

  return {
    send(job, signal) {
      const sendInOrder = async () => {
        await inOrder(job, signal);
        signal.throwIfAborted();
        // An album takes its time: single results go beside it.
        const turn = `${job.batch ? "batches " : ""}${job.origin.chatId}`;
        await chatTurns(turn, async () => await deliver(await together(job), signal));
      };
      const sending = sendInOrder().catch((error) => {
        if (signal.aborted) return;
        log.error("Job {jobId} is not delivered yet: {error}", {
          jobId: job.id,
          error: messageOf(error),
        });
      }).finally(() => underway.delete(sending));
      underway.add(sending);
    },
    async drained() {
      while (underway.size > 0) await Promise.allSettled(underway);
    },
  };
}
