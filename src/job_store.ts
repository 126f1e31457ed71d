/**
 * The JobStore port: where job records lie. MemoryJobStore is its executable spec; tests/queue_cases.ts holds every
 * implementation to it.
 */
import type { Job } from "./job.ts";
import type { Seat } from "./settings.ts";

/** Where job records are kept. Every write is one atomic, durable commit; it rejects with what the store throws. */
export interface JobStore {
  /** Writes the record: a new one, or over the one with its id. */
  put(job: Job): Promise<void>;
  get(id: string): Promise<Job | undefined>;
  /** The jobs that are not settled, in any order. */
  unsettled(): Promise<Job[]>;
  /** The job whose result is at that message of that chat. */
  byResult(chatId: number, messageId: number): Promise<Job | undefined>;
  /** The person's job in that chat that was delivered last. */
  lastDelivered(seat: Seat): Promise<Job | undefined>;
  /** When the person's jobs since then were made, in any order. Milliseconds since 1970. */
  createdSince(userId: number, since: number): Promise<number[]>;
  /** Takes a person's settled jobs out of the store for good, and gives them. */
  forget(userId: number): Promise<Job[]>;
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
      find(({ origin, delivered }) =>
        origin.chatId === chatId && delivered?.messageId === messageId
      ),
    lastDelivered: ({ userId, chatId }) =>
      find(({ origin }) => origin.userId === userId && origin.chatId === chatId),
    createdSince: (userId, since) =>
      Promise.resolve(
        [...jobs.values()].flatMap(({ origin, createdAt }) =>
          origin.userId === userId && createdAt >= since ? [createdAt] : []
        ),
      ),
    forget(userId) {
      const gone = [...jobs.values()].filter((job) => job.settled && job.origin.userId === userId);
      for (const { id } of gone) jobs.delete(id);
      return Promise.resolve(gone);
    },
  };
}
