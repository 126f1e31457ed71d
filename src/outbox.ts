/**
 * Results on their way to people: from the stored picture of a job in `delivering` to a settled job. Owns what is sent
 * how often: where the record says that the result was delivered, it is not sent again. Knows no backend.
 */
import { getLogger } from "@logtape/logtape";
import { unlessAborted } from "./abort.ts";
import { InvalidParametersError, messageOf } from "./errors.ts";
import { UndeliverableError } from "./fail_reason.ts";
import type { Job } from "./job.ts";
import { endJob, type JobEndDeps } from "./job_end.ts";
import type { Messenger } from "./messenger.ts";
import { patiently } from "./patience.ts";
import type { JobPatch } from "./queue.ts";
import type { Storage } from "./storage.ts";
import type { Turns } from "./turns.ts";

const log = getLogger(["bot", "worker"]);

export interface OutboxDeps extends JobEndDeps {
  readonly storage: Pick<Storage, "readResult" | "removeResult">;
  readonly messenger: Messenger;
  /** False where a result goes as soon as its person has it. */
  readonly keepResults: () => boolean;
  /** Of all outboxes: the results of one chat go one after the other, in the order in which they were rendered. */
  readonly chatTurns: Turns;
  /** Pause before what the disk did not take is written again. */
  readonly retryMs: () => number;
}

export interface Outbox {
  /**
   * Sends a job's result when `after` has resolved; returns at once. What fails or has not begun once `signal` has aborted is
   * the next start's to do.
   */
  send(job: Job, after: Promise<unknown>, signal: AbortSignal): void;
  /** Resolves when nothing is on its way. */
  drained(): Promise<void>;
}

/** Makes an empty outbox. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const { queue, storage, messenger, chatTurns, now } = deps;
  const underway = new Set<Promise<void>>();

  async function deliver(job: Job, signal: AbortSignal): Promise<void> {
    const patience = { retryMs: deps.retryMs(), signal };
    // What has been sent must be known to be: else the next start sends it again.
    const write = (patch: JobPatch) =>
      patiently(() => queue.update(job.id, patch), {
        what: `that job ${job.id} is delivered`,
        ...patience,
      });
    if (!job.delivered) {
      const bytes = job.resultFile && await storage.readResult(job.resultFile);
      if (!bytes) {
        const gone = new InvalidParametersError("Cannot deliver: the result is gone");
        return await endJob(deps, job, gone, patience);
      }
      const delivered = await messenger.deliver(job, bytes, (sendMark) => write({ sendMark }));
      if (!delivered) {
        const refused = new UndeliverableError("Cannot deliver: refused");
        return await endJob(deps, job, refused, patience);
      }
      job = await write({ delivered });
    }
    await messenger.clear(job);
    await write({ state: "done", endedAt: now(), settled: true });
    log.info("Job {jobId} is done", { jobId: job.id });
    if (!deps.keepResults() && job.resultFile) await storage.removeResult(job.resultFile);
  }

  return {
    send(job, after, signal) {
      const turn = () => chatTurns(String(job.origin.chatId), () => deliver(job, signal));
      const sending = unlessAborted(after, signal).then(turn).catch((error) => {
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
