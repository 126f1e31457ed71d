/**
 * Results on their way to users: from the stored picture of a job in `delivering` to a settled job. Owns what is sent
 * how often, and in which order: where the record says that the result was delivered, it is not sent again. Knows no backend.
 */
import { getLogger } from "@logtape/logtape";
import { type FileStore } from "../images/mod.ts";
import { type Job, type JobPatch, resultFilesOf, UndeliverableError } from "../jobs/mod.ts";
import {
  InvalidParametersError,
  limitSignal,
  messageOf,
  retryOnDiskError,
  type Serialize,
} from "../lib/mod.ts";
import { endJob, type EndJobDeps } from "./end_job.ts";
import type { Messenger } from "./messenger.ts";

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
 * waited for by none.
 */
function isAhead(other: Job, job: Job): boolean {
  return other.seq < job.seq && !other.first && other.origin.chatId === job.origin.chatId &&
    other.backend === job.backend && !other.delivered;
}

/** Makes an empty outbox. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const { queue, storage, messenger, chatTurns, now, orderMs = defaultOrderMs } = deps;
  const underway = new Set<Promise<void>>();

  /** Resolves when none of its user's jobs is ahead of the job, and when it has waited long enough or `signal` has aborted. */
  async function inOrder(job: Job, signal: AbortSignal): Promise<void> {
    using limit = limitSignal(signal, orderMs);
    const heard = new AbortController();
    const first = Promise.withResolvers<void>();
    const look = () => {
      if (!queue.live(job.origin.userId).some((other) => isAhead(other, job))) first.resolve();
    };
    queue.listen(look, heard.signal);
    look();
    await Promise.race([first.promise, limit.over]);
    heard.abort();
  }

  async function deliver(job: Job, signal: AbortSignal): Promise<void> {
    const retryOptions = { retryMs: deps.retryMs(), signal };
    // What has been sent must be known to be: else the next start sends it again.
    const write = (patch: JobPatch) =>
      retryOnDiskError(() => queue.update(job.id, patch), {
        what: `that job ${job.id} is delivered`,
        ...retryOptions,
      });
    // While it waited, its group may have got a new id.
    job = await queue.get(job.id) ?? job;
    if (!job.delivered) {
      const read = (file: string) =>
        retryOnDiskError(() => storage.readResult(file), {
          what: `the result of job ${job.id}`,
          ...retryOptions,
          onWait: () => messenger.notify(job, { type: "storage_away" }),
        });
      const bytes = job.resultFile && await read(job.resultFile);
      if (!bytes) {
        const gone = new InvalidParametersError("Cannot deliver: the result is gone");
        return await endJob(deps, job, gone, retryOptions);
      }
      const outcome = await messenger.deliver(job, bytes, write, read);
      if (outcome.type === "kept") {
        return await endJob(deps, job, new UndeliverableError(outcome.reason), retryOptions);
      }
      job = await write({ delivered: outcome.delivered, album: undefined });
    }
    await messenger.clear(job);
    await write({ state: "done", endedAt: now(), settled: true });
    log.info("Job {jobId} is done", { jobId: job.id });
    if (deps.keepResults()) return;
    for (const file of resultFilesOf(job)) await storage.removeResult(file);
  }

  return {
    send(job, signal) {
      const sendInOrder = async () => {
        await inOrder(job, signal);
        signal.throwIfAborted();
        await chatTurns(String(job.origin.chatId), () => deliver(job, signal));
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
