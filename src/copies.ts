/**
 * What a backend keeps of jobs that are over: the pictures that it was sent, what it has written, its history. Owns that it is removed,
 * over restarts and absences of the backend: of every job unless `storage.keep_in_comfyui` is set, of a user who is forgotten in any
 * case. Does not know how a backend removes it.
 */
import { getLogger } from "@logtape/logtape";
import { isEnd, type Job, type JobQueue } from "./jobs/mod.ts";
import { ComfyUIConnectionError, messageOf, runPeriodically } from "./lib/mod.ts";
import { type Backend, type CopyStore, type PromptCopies } from "./worker/mod.ts";

const log = getLogger(["bot", "worker"]);

/** How often it is tried while there is something to remove: a prompt that was stopped ends at its next step. */
const retryMs = 3_000;

export interface CopiesDeps {
  readonly store: CopyStore;
  readonly queue: Pick<JobQueue, "get" | "listen" | "unsettled">;
  /** All that are known. */
  readonly backends: () => readonly Pick<Backend, "name" | "erase">[];
  /** True where they stay until the user is forgotten. */
  readonly isKept: () => boolean;
}

export interface Copies {
  /** Notes that a job's are to be removed; resolves when that is stored. */
  drop(job: Job): Promise<void>;
  /** Removes them until the signal aborts; to be called when the queue has been read. */
  run(signal: AbortSignal): Promise<void>;
}

/** Reads what former processes have noted. */
export async function openCopies({ store, queue, backends, isKept }: CopiesDeps): Promise<Copies> {
  const noted = new Map((await store.list()).map((each) => [each.promptId, each]));

  async function drop(job: Job): Promise<void> {
    const { promptId, backend, id: jobId, saved = [] } = job;
    if (promptId === undefined || backend === undefined) return;
    const sent = job.pictures.map(({ file }) => ({ name: file, subfolder: "", folder: "input" }));
    const copies: PromptCopies = { v: 1, promptId, backend, jobId, files: [...sent, ...saved] };
    noted.set(promptId, copies);
    await store.put(copies);
  }

  async function done(copies: PromptCopies): Promise<void> {
    await store.remove(copies);
    if (noted.get(copies.promptId) === copies) noted.delete(copies.promptId);
  }

  /** A job that may be rendered yet needs its pictures, under the same names, in this backend or in another. */
  async function isNeeded({ jobId }: PromptCopies): Promise<boolean> {
    const state = (await queue.get(jobId))?.state;
    return state === "queued" || state === "submitted" || state === "running";
  }

  async function remove(copies: PromptCopies, signal: AbortSignal): Promise<void> {
    const backend = backends().find(({ name }) => name === copies.backend);
    try {
      if (!backend || await backend.erase(copies, { signal })) await done(copies);
    } catch (error) {
      signal.throwIfAborted();
      // It is tried again when it is back.
      if (error instanceof ComfyUIConnectionError) return;
      log.warn("Cannot remove what {backend} keeps of job {jobId}: {error}", {
        backend: copies.backend,
        jobId: copies.jobId,
        error: messageOf(error),
      });
      await done(copies);
    }
  }

  /** The backend is through with the prompt: its job has ended, is being delivered or goes back to the queue. */
  function isOver(job: Job, before: Job): boolean {
    const isLeft = job.state === "delivering" || job.state === "queued" || isEnd(job.state);
    return isLeft && (before.state === "submitted" || before.state === "running");
  }

  return {
    drop,
    async run(signal) {
      const note = (job: Job) =>
        drop(job).catch((error) =>
          log.warn("Cannot note what is to be removed of job {jobId}: {error}", {
            jobId: job.id,
            error: messageOf(error),
          })
        );
      queue.listen((job, before) => {
        if (before && !isKept() && isOver(job, before)) void note({ ...before, saved: job.saved });
      }, signal);
      // A kill may have come before it was noted.
      for (const job of isKept() ? [] : queue.unsettled()) {
        if (job.state === "delivering" || isEnd(job.state)) await note(job);
      }
      await runPeriodically(
        async () => {
          for (const copies of [...noted.values()]) {
            if (!await isNeeded(copies)) await remove(copies, signal);
          }
        },
        { what: "remove copies from ComfyUI", everyMs: retryMs },
        signal,
      );
    },
  };
}
