/**
 * The JobStore port: where job records lie. MemoryJobStore is its executable spec; tests/jobs/queue_cases.ts holds every
 * implementation to it.
 */
import type { ChatUser } from "./job.ts";
import { isKept, type Job, movedJob, resultChatOf } from "./job.ts";

/** Where job records are kept. Every write is one atomic, durable commit; it rejects with what the store throws. */
export interface JobStore {
  /** Writes the record: a new one, or over the one with its id. */
  put(job: Job): Promise<void>;
  get(id: string): Promise<Job | undefined>;
  /** The jobs that are not settled, in any order. */
  unsettled(): Promise<Job[]>;
  /** The job whose result is at that message of that chat. */
  byResult(chatId: number, messageId: number): Promise<Job | undefined>;
  /** The person's jobs whose result is kept for them, in any order. */
  kept(userId: number): Promise<Job[]>;
  /** The person's job in that chat that was delivered last. */
  lastDelivered(chatUser: ChatUser): Promise<Job | undefined>;
  /** True where the record can be kept with all that may come to it; `put` rejects for one that is too large. */
  takes(job: Job): boolean;
  /** How many of the person's jobs were made since then (milliseconds since 1970), `max` where they are more. */
  countSince(userId: number, since: number, max: number): Promise<number>;
  /**
   * A group has another id: the settled jobs of who speaks for it, and the results that are kept for it, get that. The jobs
   * that are not settled are the queue's to write.
   */
  moveChat(from: number, to: number): Promise<void>;
  /**
   * Takes a person's settled jobs out of the store for good, about `max` at a time, and gives those that were there.
   * `isAll`: none is left.
   */
  forget(
    userId: number,
    max: number,
  ): Promise<{ readonly gone: readonly Job[]; readonly isAll: boolean }>;
}

/** A JobStore that forgets everything with the process: for tests and for `edit`. */
export function createMemoryJobStore(): JobStore {
  const jobs = new Map<string, Job>();
  const find = (matches: (job: Job) => boolean) =>
    Promise.resolve([...jobs.values()].filter((job) => job.delivered && matches(job)).at(-1));
  return {
    put(job) {
      // The delivered ones lie in the order of their delivery.
      if (job.delivered && !jobs.get(job.id)?.delivered) jobs.delete(job.id);
      jobs.set(job.id, job);
      return Promise.resolve();
    },
    get: (id) => Promise.resolve(jobs.get(id)),
    unsettled: () => Promise.resolve([...jobs.values()].filter((job) => !job.settled)),
    byResult: (chatId, messageId) =>
      find((job) => resultChatOf(job) === chatId && job.delivered?.messageId === messageId),
    kept: (userId) =>
      Promise.resolve(
        [...jobs.values()].filter((job) => isKept(job) && job.origin.userId === userId),
      ),
    lastDelivered: ({ userId, chatId }) =>
      find((job) => job.origin.userId === userId && resultChatOf(job) === chatId),
    takes: () => true,
    countSince(userId, since, max) {
      const made = [...jobs.values()].filter(({ origin, createdAt }) =>
        origin.userId === userId && createdAt >= since
      );
      return Promise.resolve(Math.min(made.length, max));
    },
    moveChat(from, to) {
      for (const job of jobs.values()) {
        const isTheirs = job.origin.userId === from || (isKept(job) && job.origin.chatId === from);
        if (job.settled && isTheirs) jobs.set(job.id, movedJob(job, from, to));
      }
      return Promise.resolve();
    },
    forget(userId, max) {
      const settled = [...jobs.values()].filter((job) =>
        job.settled && job.origin.userId === userId
      );
      const gone = settled.slice(0, max);
      for (const { id } of gone) jobs.delete(id);
      return Promise.resolve({ gone, isAll: settled.length < max });
    },
  };
}
