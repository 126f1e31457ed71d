/** The waiting jobs, in the order in which they will be claimed. Owns what "next" means; knows no store. */
import type { Job } from "./job.ts";

/** Which job is next. `fifo`: the oldest, unless a batch waits; `fair`: one of each user per round. */
export type QueueOrder = "fifo" | "fair";

/** One user in the fair order. */
interface UserRounds {
  /** The round of their last claimed job, or the current one when they joined. */
  last: number;
  waiting: number;
}

/**
 * A sorted list by `seq`, which is the order of arrival, and beside it the fair order as long as nothing changes. While a batch
 * waits, the order is the fair one: fifty jobs of one user are not to stand before everybody's.
 *
 * Fair: each user has one job a round, beginning with the round after their last one, or after the current one for a user who
 * joins; within a round the order is that of arrival. So no user waits for a second job of another one, and no stream of
 * newcomers keeps a user out. What an admin has moved to the front comes before all rounds and counts for none; then comes
 * what was claimed before and has come back, in the order of those claims.
 */
export class WaitingLine {
  /** By `seq`, ascending. */
  readonly #jobs: Job[] = [];
  readonly #order: () => QueueOrder;
  readonly #users = new Map<number, UserRounds>();
  /** The current round: the latest in which a job was claimed. */
  #round = 0;
  #fair: readonly Job[] | undefined;
  /** How many of them are parts of batches. */
  #ofBatches = 0;

  constructor(order: () => QueueOrder) {
    this.#order = order;
  }

  get length(): number {
    return this.#jobs.length;
  }

  /** Applies a change of a job: it waits now, it no longer waits, or its record is another. */
  change(before: Job | undefined, after: Job): void {
    const waited = before?.state === "queued";
    const waits = after.state === "queued";
    if (!waited && !waits) return;
    if (waited) this.#jobs.splice(this.#index(before.seq), 1);
    if (waits) this.#jobs.splice(this.#index(after.seq), 0, after);
    // Who writes in the name of a group has its id, and a new one when the group has.
    const isMoved = waited && waits && before?.origin.userId !== after.origin.userId;
    if (before && isMoved) this.#leave(before);
    if (!waited || isMoved) this.#join(after);
    if (!waits) this.#leave(after);
    if (waited && before.batch) this.#ofBatches--;
    if (waits && after.batch) this.#ofBatches++;
    this.#fair = undefined;
  }

  /** The jobs in the order in which they will be claimed. */
  inOrder(): readonly Job[] {
    return this.#isFair ? this.#fair ??= this.#inRounds() : this.#jobs;
  }

  /** The place of a job that is in the line, 1 for the next. */
  placeOf(job: Job): number {
    return this.#isFair ? this.inOrder().indexOf(job) + 1 : this.#index(job.seq) + 1;
  }

  get #isFair(): boolean {
    return this.#ofBatches > 0 || this.#order() === "fair";
  }

  #join(job: Job): void {
    const { userId } = job.origin;
    const user = this.#users.get(userId) ?? { last: 0, waiting: 0 };
    this.#users.set(userId, user);
    if (user.waiting === 0) user.last = Math.max(user.last, this.#round);
    // It was claimed before and came back: that round is not over.
    if (job.submittedAt !== undefined && !job.first) user.last--;
    user.waiting++;
  }

  #leave(job: Job): void {
    const { userId } = job.origin;
    const user = this.#users.get(userId)!;
    user.waiting--;
    if (job.state === "submitted" && !job.first) {
      user.last++;
      this.#round = Math.max(this.#round, user.last);
    }
    if (user.waiting === 0) this.#users.delete(userId);
  }

  #inRounds(): readonly Job[] {
    const lastOf = new Map<number, number>();
    return this.#jobs.map((job) => {
      const { userId } = job.origin;
      if (job.first) return { job, group: 0, round: 0 };
      const round = (lastOf.get(userId) ?? this.#users.get(userId)!.last) + 1;
      lastOf.set(userId, round);
      return job.claim === undefined
        ? { job, group: 2, round }
        : { job, group: 1, round: job.claim };
    }).sort((a, b) => a.group - b.group || a.round - b.round || a.job.seq - b.job.seq)
      .map(({ job }) => job);
  }

  /** Index of the first job whose `seq` is not below the given one. */
  #index(seq: number): number {
    let low = 0;
    let high = this.#jobs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#jobs[middle]!.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
