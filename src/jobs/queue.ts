/**
 * JobQueue: jobs in the order of their arrival, durable, each given to one worker. Owns the order, the live jobs in
 * memory and the listeners; a JobStore stores the records. Knows neither backends nor Telegram.
 *
 * One process owns the store (a lock file ensures it), so the live jobs are kept in memory and questions about
 * them are answered there; every change is written first and shown in memory after it, one at a time.
 */
import { createChain, unlessAborted } from "../lib/mod.ts";
import { batchJobId } from "./batch.ts";
import type { ChatUser } from "./job.ts";
import {
  erasedJob,
  isEnd,
  isKept,
  type Job,
  type JobRequest,
  type JobState,
  mayFollow,
  movedJob,
  newJob,
  withHistory,
} from "./job.ts";
import type { JobStore } from "./job_store.ts";
import { type QueueOrder, WaitingLine } from "./queue_order.ts";
import { type LimitReached, limitReached, type UserLimits } from "./rate_limits.ts";

/** What became of `enqueue`. */
export type EnqueueResult =
  | { readonly type: "queued"; readonly job: Job; readonly position: number }
  /** The same request was enqueued before (an update that came twice). */
  | { readonly type: "duplicate"; readonly job: Job }
  | { readonly type: "full"; readonly maxSize: number }
  /** No jobs are accepted now. */
  | { readonly type: "closed"; readonly reason: ClosedReason }
  /** Its text and parameters are more than a record holds, or together more than a commit. */
  | { readonly type: "too_large" }
  /** It would take the user over a limit: jobs pending, or made within the hour or the day. */
  | ({ readonly type: "limit" } & LimitReached);

/** Why no jobs are accepted: an admin drains the queue, or the disk has no room. */
export type ClosedReason = "draining" | "disk";

/** What became of `cancel`. */
export type CancelResult =
  /** It was waiting and is at an end now. */
  | { readonly type: "cancelled"; readonly job: Job }
  /** A worker holds it; `cancelRequestedAt` is set, which the worker listens for. */
  | { readonly type: "requested"; readonly job: Job }
  /** It is being delivered, is at an end already, or there is no such job. */
  | { readonly type: "too_late"; readonly job: Job | undefined };

/** Fields that may change after a job was made. */
export type JobPatch = Partial<Omit<Job, "v" | "id" | "seq" | "origin" | "createdAt">>;

/** Called with a job's record after each change of it, and with the one before; none for a new job and for a settled one. */
export type JobListener = (job: Job, before: Job | undefined) => void;

export interface JobQueueOptions {
  /** Most jobs that may wait; asked at each `enqueue`, so that a reload is in force at once. */
  readonly maxSize: () => number;
  /** Which job is next; see QueueOrder. Default `fifo`. */
  readonly order?: () => QueueOrder;
  /** Why no jobs are accepted now; undefined while they are. */
  readonly closed?: () => ClosedReason | undefined;
  /** A user's limits. Default none. */
  readonly limits?: (userId: number) => Promise<UserLimits>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Jobs cancelled in one commit: ten of the largest records fit. */
const cancelAtOnce = 10;

/** Jobs deleted in one transaction: other changes must not wait for all that a user ever made. */
const forgetAtOnce = 100;

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
  readonly #waiting: WaitingLine;
  #submitted = 0;
  readonly #listeners = new Set<JobListener>();
  #bell = Promise.withResolvers<void>();
  /** Below and above all that were seen: a job that comes back from a backend must find its place free. */
  #firstSeq = 1;
  #lastSeq = 0;
  #lastClaim = 0;
  #paused = false;
  readonly #chain = createChain();
  #isReady = false;
  /** Resolves when the live jobs are read; rejects with what the store throws. */
  readonly ready: Promise<void>;

  private constructor(store: JobStore, options: JobQueueOptions, after?: Promise<unknown>) {
    this.#store = store;
    this.#options = options;
    this.#waiting = new WaitingLine(() => options.order?.() ?? "fifo");
    this.ready = this.#read(after);
    // Wakes all that wait for it.
    this.ready.catch(() => {});
  }

  /**
   * Opens the queue at once and reads the live jobs meanwhile, when `after` has resolved. Until it is `ready` changes wait, and
   * what is asked about live jobs throws.
   */
  static opening(
    store: JobStore,
    options: JobQueueOptions,
    after?: Promise<unknown>,
  ): JobQueue {
    return new JobQueue(store, options, after);
  }

  /** Opens the queue, and resolves when it is ready. */
  static async open(store: JobStore, options: JobQueueOptions): Promise<JobQueue> {
    const queue = JobQueue.opening(store, options);
    await queue.ready;
    return queue;
  }

  /** Jobs that wait. */
  get size(): number {
    this.#needReady();
    return this.#waiting.length;
  }

  /** Place of the job that came last, in this process or a former one; 0 before the first. */
  get lastSeq(): number {
    this.#needReady();
    return this.#lastSeq;
  }

  /** Jobs that a worker has claimed and that have not started: they wait too, ahead of all that wait here. */
  get submitted(): number {
    this.#needReady();
    return this.#submitted;
  }

  /**
   * Adds a job at the end of the queue, or those of a batch, all or none, and gives the first. Idempotent by the id of the
   * first; limits count each.
   */
  enqueue(...requests: readonly [JobRequest, ...JobRequest[]]): Promise<EnqueueResult> {
    return this.#serialize(async () => {
      const [request] = requests;
      const known = await this.get(request.id);
      if (known) return { type: "duplicate", job: known };
      const reason = this.#options.closed?.();
      if (reason) return { type: "closed", reason };
      const { userId } = request.origin;
      const now = this.#options.now();
      const limit = await limitReached(await this.#options.limits?.(userId) ?? {}, {
        more: requests.length,
        pending: this.live(userId).length,
        countSince: (since, max) => this.#store.countSince(userId, since, max),
        now,
      });
      if (limit) return { type: "limit", ...limit };
      const maxSize = this.#options.maxSize();
      if (this.size + requests.length > maxSize) return { type: "full", maxSize };
      const made = requests.map((each, i) => newJob(each, this.#lastSeq + 1 + i, now));
      if (!this.#store.takes(...made)) return { type: "too_large" };
      const job = (await this.#writeAll(made))[0]!;
      return { type: "queued", job, position: this.#waiting.placeOf(job) };
    });
  }

  /**
   * Takes the job at the head, or the one that `pick` chooses of all in their order: `queued` → `submitted`, with `patch` (promptId,
   * backend) in the same commit. Undefined where nothing waits, or none was chosen. No job is given to two callers.
   */
  claim(
    patch: (job: Job) => JobPatch,
    pick = (waiting: readonly Job[]): Job | undefined => waiting[0],
  ): Promise<Job | undefined> {
    return this.#serialize(async () => {
      const head = this.#paused ? undefined : pick(this.#waiting.inOrder());
      if (!head) return undefined;
      return await this.#write({
        ...head,
        state: "submitted",
        claim: head.claim ?? this.#lastClaim + 1,
        submittedAt: this.#options.now(),
        ...patch(head),
      });
    });
  }

  /** Writes `patch` over the record. To `queued` puts the job back at its old place. Throws JobTransitionError. */
  update(id: string, patch: JobPatch): Promise<Job> {
    return this.#serialize(async () => {
      const job = await this.get(id);
      const isFetched = job && isKept(job) && patch.state === "done";
      if (!job || !isFetched && !mayFollow(job.state, patch.state ?? job.state)) {
        throw new JobTransitionError(id, job?.state, patch.state);
      }
      return await this.#write({ ...job, ...patch });
    });
  }

  /** Cancels a job: at once while it waits, else by the worker that holds it. */
  async cancel(id: string): Promise<CancelResult> {
    return (await this.cancelAll([id]))[0]!;
  }

  /** Cancels these jobs as `cancel` does, in few commits. */
  async cancelAll(ids: readonly string[]): Promise<readonly CancelResult[]> {
    const results: CancelResult[] = [];
    for (let at = 0; at < ids.length; at += cancelAtOnce) {
      const some = ids.slice(at, at + cancelAtOnce);
      results.push(...await this.#serialize(() => this.#cancel(some)));
    }
    return results;
  }

  async #cancel(ids: readonly string[]): Promise<readonly CancelResult[]> {
    const now = this.#options.now();
    const jobs = await Promise.all(ids.map((id) => this.get(id)));
    const changes = jobs.flatMap((job): Job[] => {
      if (job?.state === "queued") return [{ ...job, state: "cancelled", endedAt: now }];
      const isHeld = job?.state === "submitted" || job?.state === "running";
      return isHeld ? [{ ...job, cancelRequestedAt: now }] : [];
    });
    const written = new Map((await this.#writeAll(changes)).map((job) => [job.id, job]));
    return jobs.map((job) => {
      const changed = job && written.get(job.id);
      if (!changed) return { type: "too_late", job };
      return { type: changed.state === "cancelled" ? "cancelled" : "requested", job: changed };
    });
  }

  /**
   * Cancels a job whose user wants to be forgotten, and takes what they have said and sent out of its record. One that is being
   * delivered stays as it is until it has been.
   */
  erase(id: string): Promise<CancelResult> {
    return this.#serialize(async () => {
      const job = this.#live.get(id);
      if (!job || job.state === "delivering") return { type: "too_late", job };
      const now = this.#options.now();
      const erased = erasedJob(job);
      if (isEnd(job.state)) return { type: "too_late", job: await this.#write(erased) };
      return job.state === "queued"
        ? {
          type: "cancelled",
          job: await this.#write({ ...erased, state: "cancelled", endedAt: now }),
        }
        : { type: "requested", job: await this.#write({ ...erased, cancelRequestedAt: now }) };
    });
  }

  /** Puts a waiting job at the head. False where it does not wait. */
  moveToFront(id: string): Promise<boolean> {
    return this.#serialize(async () => {
      const job = this.#live.get(id);
      if (job?.state !== "queued") return false;
      await this.#write({ ...job, seq: this.#firstSeq - 1, first: true });
      return true;
    });
  }

  /** While paused, no job can be claimed; jobs are accepted and wait. */
  get paused(): boolean {
    return this.#paused;
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    this.#ring();
  }

  /** A job's record, at an end or not. */
  async get(id: string): Promise<Job | undefined> {
    return this.#live.get(id) ?? await this.#store.get(id);
  }

  /** The jobs of the same batch, in order, without those that are deleted; of a job that is in none, itself. */
  async batch(job: Job): Promise<readonly Job[]> {
    const { id, of } = job.batch ?? { id: job.id, of: 1 };
    const ids = Array.from({ length: of }, (_, index) => batchJobId(id, index));
    const jobs = await Promise.all(ids.map((each) => this.get(each)));
    return jobs.filter((each) => each !== undefined);
  }

  /** The job whose result is at that message of that chat. */
  byResult(chatId: number, messageId: number): Promise<Job | undefined> {
    return this.#store.byResult(chatId, messageId);
  }

  /** The user's jobs whose rendered result is kept for them, in order of arrival. */
  async kept(userId: number): Promise<Job[]> {
    return (await this.#store.kept(userId)).sort((a, b) => a.seq - b.seq);
  }

  /** The user's job in that chat that was delivered last: the next message edits its result. */
  lastDelivered(chatUser: ChatUser): Promise<Job | undefined> {
    return this.#store.lastDelivered(chatUser);
  }

  /** A group has a new id: its jobs go on there. */
  moveChat(from: number, to: number): Promise<void> {
    return this.#serialize(async () => {
      for (const job of this.unsettled()) {
        const { chatId, userId } = job.origin;
        if (chatId !== from && userId !== from) continue;
        const before = this.#byUser.get(userId);
        await this.#write(movedJob(job, from, to));
        if (userId === from) before?.delete(job.id);
      }
      await this.#store.moveChat(from, to);
    });
  }

  /** A user's settled jobs up to `lastSeq`. */
  settled(userId: number, lastSeq: number): Promise<readonly Job[]> {
    return this.#store.settled(userId, lastSeq);
  }

  /**
   * Deletes a user's settled jobs up to `lastSeq` and gives them; the caller has removed their files. Other changes run in between,
   * however many jobs there are.
   */
  async forget(userId: number, lastSeq = this.#lastSeq): Promise<Job[]> {
    const forgotten: Job[] = [];
    for (;;) {
      const { gone, isAll } = await this.#serialize(() =>
        this.#store.forget(userId, forgetAtOnce, lastSeq)
      );
      forgotten.push(...gone);
      if (isAll) return forgotten;
    }
  }

  /** Place among the waiting, 1 for the next; undefined for a job that does not wait. */
  position(id: string): number | undefined {
    this.#needReady();
    const job = this.#live.get(id);
    return job?.state === "queued" ? this.#waiting.placeOf(job) : undefined;
  }

  /** The waiting jobs at places `from` to `to` (1 is the next), fewer where the queue is shorter. */
  waiting(from = 1, to = this.size): readonly Job[] {
    this.#needReady();
    return this.#waiting.inOrder().slice(from - 1, to);
  }

  /** Jobs that are not at an end, in order of arrival; one user's where `userId` is given. */
  live(userId?: number): Job[] {
    const ids = userId === undefined ? this.#live.keys() : this.#byUser.get(userId) ?? [];
    return this.unsettled(ids).filter((job) => !isEnd(job.state));
  }

  /** Those, and the ended ones whose user does not know it yet. */
  unsettled(ids: Iterable<string> = this.#live.keys()): Job[] {
    this.#needReady();
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
    await unlessAborted(this.ready, signal);
    while (this.size === 0 || this.#paused) {
      await unlessAborted(this.#bell.promise, signal);
    }
  }

  /** One change after the other: what a change decides on is still true when it is written. */
  #serialize<T>(change: () => Promise<T>): Promise<T> {
    return this.#chain(async () => {
      await this.ready;
      return await change();
    });
  }

  /** An empty answer would be a wrong one: files of jobs would be swept away, and places given twice. */
  #needReady(): void {
    if (!this.#isReady) throw new Error("Cannot use the queue: it is still being read");
  }

  async #read(after?: Promise<unknown>): Promise<void> {
    await after;
    this.#lastSeq = await this.#store.lastSeq();
    const jobs = await this.#store.unsettled();
    for (const job of jobs.sort((a, b) => a.seq - b.seq)) this.#show(job);
    this.#isReady = true;
    this.#ring();
  }

  async #write(changed: Job): Promise<Job> {
    return (await this.#writeAll([changed]))[0]!;
  }

  async #writeAll(changed: readonly Job[]): Promise<readonly Job[]> {
    if (changed.length === 0) return [];
    const now = this.#options.now();
    const changes = changed.map((job) => {
      const before = this.#live.get(job.id);
      return { job: withHistory(job, before, now), before };
    });
    const jobs = changes.map(({ job }) => job);
    await this.#store.put(...jobs);
    for (const job of jobs) this.#show(job);
    if (jobs.some(({ state }) => state === "queued")) this.#ring();
    for (const { job, before } of changes) {
      for (const listener of this.#listeners) listener(job, before);
    }
    return jobs;
  }

  /** Makes memory show what the store has. */
  #show(job: Job): void {
    const before = this.#live.get(job.id);
    this.#waiting.change(before, job);
    this.#submitted += Number(job.state === "submitted") - Number(before?.state === "submitted");
    const mine = this.#byUser.get(job.origin.userId) ?? new Set();
    if (!job.settled) {
      this.#live.set(job.id, job);
      this.#byUser.set(job.origin.userId, mine.add(job.id));
    } else {
      this.#live.delete(job.id);
      mine.delete(job.id);
      if (mine.size === 0) this.#byUser.delete(job.origin.userId);
    }
    this.#firstSeq = Math.min(this.#firstSeq, job.seq);
    this.#lastSeq = Math.max(this.#lastSeq, job.seq);
    this.#lastClaim = Math.max(this.#lastClaim, job.claim ?? 0);
  }

  #ring(): void {
    this.#bell.resolve();
    this.#bell = Promise.withResolvers();
  }
}
