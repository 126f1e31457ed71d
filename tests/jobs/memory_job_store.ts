/** A JobStore in memory: what the port asks for, in the fewest lines. */
import { isKept, type Job, movedJob, resultChatOf } from "../../src/jobs/job.ts";
import type { JobStore } from "../../src/jobs/job_store.ts";

/** Makes an empty store. */
export function createMemoryJobStore(): JobStore {
  const jobs = new Map<string, Job>();
  const find = (matches: (job: Job) => boolean) =>
    Promise.resolve([...jobs.values()].filter((job) => job.delivered && matches(job)).at(-1));
  const settledOf = (userId: number, lastSeq: number) =>
    [...jobs.values()].filter((job) =>
      job.settled && job.origin.userId === userId && job.seq <= lastSeq
    );
  return {
    put(...written) {
      for (const job of written) {
        // The delivered ones lie in the order of their delivery.
        if (job.delivered && !jobs.get(job.id)?.delivered) jobs.delete(job.id);
        jobs.set(job.id, job);
      }
      return Promise.resolve();
    },
    lastSeq: () => Promise.resolve(Math.max(0, ...[...jobs.values()].map(({ seq }) => seq))),
    get: (id) => Promise.resolve(jobs.get(id)),
    unsettled: () => Promise.resolve([...jobs.values()].filter((job) => !job.settled)),
    byResult: (chatId, messageId) =>
      find((job) =>
        resultChatOf(job) === chatId &&
        [{ id: job.delivered?.messageId }, ...(job.delivered?.album ?? [])]
          .some(({ id }) => id === messageId)
      ),
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
    settled: (userId, lastSeq) => Promise.resolve(settledOf(userId, lastSeq)),
    forget(userId, max, lastSeq) {
      const settled = settledOf(userId, lastSeq);
      const gone = settled.slice(0, max);
      for (const { id } of gone) jobs.delete(id);
      return Promise.resolve({ gone, isAll: settled.length < max });
    },
  };
}
