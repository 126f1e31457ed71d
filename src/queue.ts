/**
 * JobQueue: jobs in the order of their arrival, durable, each given to one worker. Owns the order, the live jobs in
 * memory and who listens; the records themselves are a JobStore's. Knows neither backends nor Telegram.
 *
 * One process owns the store (a lock file sees to it), so the live jobs are kept in memory and every question about
 * them is answered there; every change is written first and shown in memory after it, one at a time.
 */
import { isEnd, type Job, type JobRequest, type JobState, mayFollow, newJob } from "./job.ts";

/** Where job records are kept. Every write is one atomic, durable commit; it rejects with what the store throws. */
export interface JobStore {
  /** Writes the record: a new one, or over the one with its id. */
  put(job: Job): Promise<void>;
  get(id: string): Promise<Job | undefined>;
  /** The jobs that are not settled, in any order. */
  unsettled(): Promise<Job[]>;
}

/** A JobStore that forgets everything with the process: for tests and for `edit`. */
export function createMemoryJobStore(): JobStore {
  const jobs = new Map<string, Job>();
  return {
    put: (job) => Promise.resolve(void jobs.set(job.id, job)),
    get: (id) => Promise.resolve(jobs.get(id)),
    unsettled: () => Promise.resolve([...jobs.values()].filter((job) => !job.settled)),
  };
}

/** What became of `enqueue`. */
export type Enqueued =
  | { readonly type: "queued"; readonly job: Job; readonly position: number }
  /** The same request was enqueued before (an update that came twice). */
  | { readonly type: "duplicate"; readonly job: Job }
  | { readonly type: "full"; readonly maxSize: number };

/** What became of `cancel`. */
export type Cancelled =
  /** It was waiting and is at an end now. */
  | { readonly type: "cancelled"; readonly job: Job }
  /** A worker holds it; `cancelRequestedAt` is set and the worker hears of it. */
  | { readonly type: "requested"; readonly job: Job }
  /** It is being delivered, is at an end already, or there is no such job. */
  | { readonly type: "too_late"; readonly job: Job | undefined };

/** Fields that may change after a job was made. */
export type JobPatch = Partial<Omit<Job, "v" | "id" | "seq" | "origin" | "createdAt">>;

/** Called with a job's record after each change of it. */
export type JobListener = (job: Job) => void;

export interface JobQueueOptions {
  /** Most jobs that may wait; asked at each `enqueue`, so that a reload is in force at once. */
  readonly maxSize: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Raised for a job that does not exist or a state that may not follow: a bug of the caller. */
export class JobTransitionError extends Error {
  constructor(id: string, from: JobState | undefined, to: JobState | undefined) {
    super(`Cannot move job ${id} to ${to ?? "another state"}: it is ${from ?? "unknown"}`);
  }
}

/**
 * The queue. Methods that change something resolve when the change is stored, and reject with what the store throws;
 * nothing has changed then.
 */
export class JobQueue {
  readonly #store: JobStore;
  readonly #options: JobQueueOptions;
  /** The jobs that are not settled. */
  readonly #live = new Map<string, Job>();
  readonly #byUser = new Map<number, Set<string>>();
  /** The waiting jobs, by `seq` ascending. */
  readonly #waiting: Job[] = [];
  readonly #listeners = new Set<JobListener>();
  #bell = Promise.withResolvers<void>();
  #lastSeq = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(store: JobStore, options: JobQueueOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Reads the live jobs and opens the queue. */
  static async open(store: JobStore, options: JobQueueOptions): Promise<JobQueue> {
    const queue = new JobQueue(store, options);
    const jobs = await store.unsettled();
    for (const job of jobs.sort((a, b) => a.seq - b.seq)) queue.#show(job);
    return queue;
  }

  /** Jobs that wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Adds a job at the end. Idempotent by `request.id`. */
  enqueue(request: JobRequest): Promise<Enqueued> {
    return this.#inTurn(async () => {
      const known = await this.get(request.id);
      if (known) return { type: "duplicate", job: known };
      const maxSize = this.#options.maxSize();
      if (this.size >= maxSize) return { type: "full", maxSize };
      const job = newJob(request, this.#lastSeq + 1, this.#options.now());
      await this.#write(job);
      return { type: "queued", job, position: this.size };
    });
  }

  /**
   * Takes the job at the head: `queued` → `submitted`, with `patch` (promptId, backend) in the same commit.
   * Undefined where nothing waits. No job is given to two callers.
   */
  claim(patch: (job: Job) => JobPatch): Promise<Job | undefined> {
    return this.#inTurn(async () => {
      const head = this.#waiting[0];
      if (!head) return undefined;
      return await this.#write({
        ...head,
        state: "submitted",
        submittedAt: this.#options.now(),
        ...patch(head),
      });
    });
  }

  /** Writes `patch` over the record. To `queued` puts the job back at its old place. Throws JobTransitionError. */
  update(id: string, patch: JobPatch): Promise<Job> {
    return this.#inTurn(async () => {
      const job = await this.get(id);
      if (!job || !mayFollow(job.state, patch.state ?? job.state)) {
        throw new JobTransitionError(id, job?.state, patch.state);
      }
      return await this.#write({ ...job, ...patch });
    });
  }

  /** Gives a job up. */
  cancel(id: string): Promise<Cancelled> {
    return this.#inTurn(async () => {
      const job = this.#live.get(id);
      const now = this.#options.now();
      switch (job?.state) {
        case "queued":
          return {
            type: "cancelled",
            job: await this.#write({ ...job, state: "cancelled", endedAt: now }),
          };
        case "submitted":
        case "running":
          return { type: "requested", job: await this.#write({ ...job, cancelRequestedAt: now }) };
        default:
          return { type: "too_late", job: job ?? await this.#store.get(id) };
      }
    });
  }

  /** A job's record, at an end or not. */
  async get(id: string): Promise<Job | undefined> {
    return this.#live.get(id) ?? await this.#store.get(id);
  }

  /** Place among the waiting, 1 for the next; undefined for a job that does not wait. */
  position(id: string): number | undefined {
    const job = this.#live.get(id);
    return job?.state === "queued" ? this.#place(job.seq) + 1 : undefined;
  }

  /** The waiting jobs at places `from` to `to` (1 is the next), fewer where the queue is shorter. */
  waiting(from = 1, to = this.size): readonly Job[] {
    return this.#waiting.slice(from - 1, to);
  }

  /** Jobs that are not at an end, in order of arrival; one person's where `userId` is given. */
  live(userId?: number): Job[] {
    const ids = userId === undefined ? undefined : this.#byUser.get(userId) ?? [];
    return this.unsettled(ids).filter((job) => !isEnd(job.state));
  }

  /** Those and the ones that ended without their person knowing yet. */
  unsettled(ids: Iterable<string> = this.#live.keys()): Job[] {
    return [...ids].flatMap((id) => this.#live.get(id) ?? []).sort((a, b) => a.seq - b.seq);
  }

  /** Calls back after each change, until the signal aborts. */
  listen(listener: JobListener, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
  }

  /** Resolves when something waits; rejects with the signal's reason. */
  async whenWaiting(signal: AbortSignal): Promise<void> {
    while (this.size === 0) {
      signal.throwIfAborted();
      const aborted = Promise.withResolvers<never>();
      const onAbort = () => aborted.reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        await Promise.race([this.#bell.promise, aborted.promise]);
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    }
  }

  /** One change after the other: what a change decides on is still true when it is written. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(change);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #write(job: Job): Promise<Job> {
    await this.#store.put(job);
    this.#show(job);
    for (const listener of this.#listeners) listener(job);
    return job;
  }

  /** Makes memory show what the store has. */
  #show(job: Job): void {
    const before = this.#live.get(job.id);
    if (before?.state === "queued") this.#waiting.splice(this.#place(before.seq), 1);
    const mine = this.#byUser.get(job.origin.userId) ?? new Set();
    if (!job.settled) {
      this.#live.set(job.id, job);
      this.#byUser.set(job.origin.userId, mine.add(job.id));
    } else {
      this.#live.delete(job.id);
      mine.delete(job.id);
      if (mine.size === 0) this.#byUser.delete(job.origin.userId);
    }
    this.#lastSeq = Math.max(this.#lastSeq, job.seq);
    if (job.state === "queued") {
      this.#waiting.splice(this.#place(job.seq), 0, job);
      this.#bell.resolve();
      this.#bell = Promise.withResolvers();
    }
  }

  /** Index of the first waiting job whose `seq` is not below the given one. */
  #place(seq: number): number {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#waiting[middle]!.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
