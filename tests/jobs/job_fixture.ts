/**
 * Requests for jobs, and a queue over a store that forgets: what tests of everything around jobs begin with.
 */
import assert from "node:assert/strict";
import type { Job, JobRequest } from "../../src/jobs/job.ts";
import type { JobStore } from "../../src/jobs/job_store.ts";
import { createMemoryJobStore } from "./memory_job_store.ts";
import { JobQueue, type JobQueueOptions } from "../../src/jobs/queue.ts";

/** A complete request of one private chat's person; what a test is about it says itself. */
export function request(id: string, overrides: Partial<JobRequest> = {}): JobRequest {
  return {
    id,
    origin: { userId: 7, chatId: 7, isPrivate: true, messageId: 100, language: "en" },
    promptText: "make it night",
    template: "edit",
    params: { steps: 8, seed: 42 },
    pictures: [{ file: `${id}.png`, mime: "image/png", width: 8, height: 8, asFile: false }],
    delivery: "auto",
    given: [],
    ...overrides,
  };
}

/** The same, asked for by somebody else. */
export function requestOf(userId: number, id: string): JobRequest {
  const origin = {
    userId,
    chatId: userId,
    isPrivate: true,
    messageId: 100,
    language: "ru",
  } as const;
  return request(id, { origin });
}

/** A queue with room for a thousand and a clock that stands still. */
export function openQueue(
  store: JobStore = createMemoryJobStore(),
  options: Partial<JobQueueOptions> = {},
): Promise<JobQueue> {
  return JobQueue.open(store, { maxSize: () => 1_000, now: () => 1_000, ...options });
}

/** The job is there, and these of its fields have these values. */
export function assertJob(job: Job | undefined, fields: Partial<Job>): asserts job is Job {
  assert.ok(job, "there is no such job");
  assert.deepEqual({ ...job, ...fields }, job);
}
