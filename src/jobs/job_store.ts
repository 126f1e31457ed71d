/**
 * The JobStore port: where job records are stored. tests/jobs/queue_cases.ts says when an implementation is right;
 * tests/jobs/memory_job_store.ts is the smallest one.
 */
import type { ChatUser, Job } from "./job.ts";

/** Where job records are kept. Every write is one atomic, durable commit; it rejects with what the store throws. */
export interface JobStore {
  /** Writes the records, all or none: new ones, or over those with their ids. */
  put(...jobs: readonly Job[]): Promise<void>;
  get(id: string): Promise<Job | undefined>;
  /** The greatest place in the order of arrival that a job has ever had; 0 before the first. */
  lastSeq(): Promise<number>;
  /** The jobs that are not settled, in any order. */
  unsettled(): Promise<Job[]>;
  /** The job whose result is at that message of that chat. */
  byResult(chatId: number, messageId: number): Promise<Job | undefined>;
  /** The user's jobs whose result is kept for them, in any order. */
  kept(userId: number): Promise<Job[]>;
  /** The user's job in that chat that was delivered last. */
  lastDelivered(chatUser: ChatUser): Promise<Job | undefined>;
  /** True where the new records can be written at once and kept with all that may come to them; otherwise `put` rejects. */
  takes(...jobs: readonly Job[]): boolean;
  /** How many of the user's jobs were made since then (milliseconds since 1970), `max` where they are more. */
  countSince(userId: number, since: number, max: number): Promise<number>;
  /**
   * A group has a new id: its settled jobs and the results kept for it move there. The queue writes the jobs that are not
   * settled.
   */
  moveChat(from: number, to: number): Promise<void>;
  /** A user's settled jobs, without those behind `lastSeq`. */
  settled(userId: number, lastSeq: number): Promise<readonly Job[]>;
  /**
   * Deletes a user's settled jobs, about `max` at a time, and gives those that were there; jobs behind `lastSeq` stay.
   * `isAll`: none is left.
   */
  forget(
    userId: number,
    max: number,
    lastSeq: number,
  ): Promise<{ readonly gone: readonly Job[]; readonly isAll: boolean }>;
}
