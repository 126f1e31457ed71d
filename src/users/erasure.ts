/**
 * /forget: a user's wish that everything kept of them is erased. Owns that it is kept until it is carried out, over restarts, and what
 * belongs to it. What can go goes at once; a job that ComfyUI renders or Telegram is being sent is let go of first.
 *
 * What the user did before the wish is not carried out any more, and what they do after it is not touched: jobs are told apart by their
 * place in the order of arrival, updates by their `update_id`.
 */
import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import { type FileStore } from "../images/mod.ts";
import { isEnd, type Job, type JobQueue } from "../jobs/mod.ts";
import { createSerializer, messageOf, runPeriodically } from "../lib/mod.ts";
import type { Settings } from "./settings.ts";

const log = getLogger(["bot", "erasure"]);

/** A wish that is not carried out yet. Version 1. */
export const ErasureRequest = z.object({
  v: z.literal(1),
  userId: z.number(),
  /** Telegram's `update_id` of the press that confirmed it. */
  updateId: z.number(),
  /** The last job that is meant. */
  lastSeq: z.number(),
  /** When it was confirmed, milliseconds since 1970; older executables did not note it. */
  at: z.number().optional(),
});
export type ErasureRequest = Readonly<z.infer<typeof ErasureRequest>>;

/** Where wishes are kept; one a user. */
export interface ErasureStore {
  list(): Promise<readonly ErasureRequest[]>;
  put(request: ErasureRequest): Promise<void>;
  remove(request: ErasureRequest): Promise<void>;
}

export interface ErasureDeps {
  readonly store: ErasureStore;
  readonly queue: Pick<
    JobQueue,
    "erase" | "forget" | "lastSeq" | "listen" | "settled" | "unsettled"
  >;
  readonly settings: Pick<Settings, "user" | "drafts" | "forget">;
  readonly storage: Pick<FileStore, "removeInput" | "removeResultsOf">;
  /** Drops the user's updates before that one which are not handled yet. */
  readonly dropUpdates: (request: ErasureRequest) => Promise<void>;
  /** Has the backend's copies of a job removed. */
  readonly dropCopies: (job: Job) => Promise<void>;
  /** Takes what is deleted out of the state file and its backups. */
  readonly purge: (request: ErasureRequest) => Promise<void>;
  /** Deletes the user's jobs in the history; rejects while it is away. */
  readonly dropHistory: (request: ErasureRequest) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What was erased. */
export interface Erased {
  readonly jobs: number;
  readonly files: number;
  readonly presets: number;
  /** Jobs that are let go of first. */
  readonly left: number;
}

export interface Erasure {
  /** Erases what can go and keeps the wish for the rest. `cancelled` is told of each job that ended by it. */
  erase(
    by: { readonly userId: number; readonly updateId: number },
    cancelled: (job: Job) => void,
  ): Promise<Erased>;
  /** True for an update that came before its user's wish: nothing more is made of it. */
  isErased(userId: number, updateId: number): boolean;
  /** Carries out what is left of the wishes until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** How often it is tried again where the disk did not take it. */
const retryMs = 60_000;
/** Users whose last wish is remembered for updates that are still on their way; the oldest go first. */
const maxRemembered = 1_000;

/** Reads the wishes of former processes: what they concern is not taken up again. */
export async function openErasure(deps: ErasureDeps): Promise<Erasure> {
  const { store, queue, settings, storage } = deps;
  const pending = new Map<number, ErasureRequest>();
  const erasedBefore = new Map<number, number>();
  /** Wishes of which nothing is left in the state file. */
  const purged = new WeakSet<ErasureRequest>();
  const serialize = createSerializer();

  function remember({ userId, updateId }: ErasureRequest): void {
    erasedBefore.delete(userId);
    erasedBefore.set(userId, updateId);
    if (erasedBefore.size > maxRemembered) {
      erasedBefore.delete(erasedBefore.keys().next().value!);
    }
  }

  for (const request of await store.list()) {
    pending.set(request.userId, request);
    remember(request);
    await deps.dropUpdates(request);
  }

  const isMeant = (job: Job, { userId, lastSeq }: ErasureRequest) =>
    job.origin.userId === userId && job.seq <= lastSeq;

  const left = (request: ErasureRequest) =>
    queue.unsettled().filter((job) => isMeant(job, request));

  /** Removes what there is of jobs besides their records; gives how many results that were. */
  async function removeFiles(jobs: readonly Job[]): Promise<number> {
    for (const job of jobs) await deps.dropCopies(job);
    for (const { file } of jobs.flatMap(({ pictures }) => pictures)) {
      await storage.removeInput(file);
    }
    return jobs.length === 0 ? 0 : await storage.removeResultsOf(new Set(jobs.map(({ id }) => id)));
  }

  /** Deletes the settled jobs with their files, which go first: without the records nothing finds them. Gives the numbers of both. */
  async function eraseJobs({ userId, lastSeq }: ErasureRequest) {
    const settled = await queue.settled(userId, lastSeq);
    const ids = new Set(settled.map(({ id }) => id));
    const files = await removeFiles(settled);
    const jobs = await queue.forget(userId, lastSeq);
    const settledMeanwhile = jobs.filter(({ id }) => !ids.has(id));
    return { jobs: jobs.length, files: files + await removeFiles(settledMeanwhile) };
  }

  /** Removes the pictures that wait for words, and then what else is kept of settings; gives the number of pictures. */
  async function eraseSettings(userId: number): Promise<number> {
    const drafts = (await settings.drafts()).filter(({ chatUser }) => chatUser.userId === userId);
    const pictures = drafts.flatMap(({ draft }) => draft.kind === "pictures" ? draft.pictures : []);
    for (const { file } of pictures) await storage.removeInput(file);
    await settings.forget(userId);
    return pictures.length;
  }

  /** Deletes what was settled meanwhile; the wish is carried out when nothing is left. */
  async function goOn(request: ErasureRequest): Promise<void> {
    if (pending.get(request.userId) !== request) return;
    await eraseJobs(request);
    const isAll = left(request).length === 0;
    // It takes a while, and the history may be away for long.
    if (!purged.has(request)) await deps.purge(request);
    if (isAll) purged.add(request);
    await deps.dropHistory(request);
    if (!isAll) return;
    await store.remove(request);
    pending.delete(request.userId);
    log.info("User {userId} is forgotten", { audit: "forget", userId: request.userId });
  }

  /** What does not go now is tried again later. */
  async function goOnOrWait(request: ErasureRequest): Promise<void> {
    try {
      await goOn(request);
    } catch (error) {
      log.warn("Cannot forget user {userId} yet: {error}", {
        userId: request.userId,
        error: messageOf(error),
      });
    }
  }

  const goOnInTurn = (request: ErasureRequest) =>
    serialize(String(request.userId), () => goOnOrWait(request));

  return {
    erase: (by, cancelled) =>
      serialize(String(by.userId), async () => {
        const request: ErasureRequest = {
          v: 1,
          ...by,
          lastSeq: queue.lastSeq,
          at: deps.now(),
        };
        await store.put(request);
        pending.set(by.userId, request);
        remember(request);
        await deps.dropUpdates(request);
        for (const { id } of left(request)) {
          const outcome = await queue.erase(id);
          if (outcome.type === "cancelled") cancelled(outcome.job);
        }
        const { presets } = await settings.user(by.userId);
        const files = await eraseSettings(by.userId);
        const erased = await eraseJobs(request);
        const jobs = left(request);
        await goOnOrWait(request);
        return {
          jobs: erased.jobs + jobs.length,
          files: erased.files + files,
          presets: presets.length,
          left: jobs.filter(({ state }) => !isEnd(state)).length,
        };
      }),
    isErased: (userId, updateId) => updateId < (erasedBefore.get(userId) ?? -Infinity),
    async run(signal) {
      queue.listen((job) => {
        const request = pending.get(job.origin.userId);
        if (request && job.settled && isMeant(job, request)) void goOnInTurn(request);
      }, signal);
      await runPeriodically(
        async () => {
          for (const request of pending.values()) await goOnInTurn(request);
        },
        { what: "forget users", everyMs: retryMs },
        signal,
      );
    },
  };
}
