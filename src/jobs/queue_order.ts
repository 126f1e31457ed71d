/** The jobs that wait, in the order in which they will be claimed. Owns what "next" means; knows no store. */
import type { Job } from "./job.ts";

/** Who is next: whoever came first, or people in turn. */
export type QueueOrder = "fifo" | "fair";

/** One person in the fair order. */
interface Turns {
  /** The turn that they had last, or the one that was on when they came to the line. */
  had: number;
  waiting: number;
}

/**
 * A sorted list by `seq`, which is the order of arrival, and beside it the fair order as long as nothing changes.
 *
 * Fair: a person's jobs have one turn after the other, from the one after their last or, for who comes anew, after the
 * one that is on; within a turn the order is that of arrival. So nobody waits for a second job of somebody else, and no
 * stream of newcomers keeps anybody out. What an admin has moved to the front goes before all turns and counts for none; then
 * comes what was claimed before and has come back, in the order of those claims.
 */
export class WaitingLine {
  /** By `seq`, ascending. */
  readonly #jobs: Job[] = [];
  readonly #order: () => QueueOrder;
  readonly #people = new Map<number, Turns>();
  /** The turn that is on: the latest in which a job was taken. */
  #turn = 0;
  #fair: readonly Job[] | undefined;

  constructor(order: () => QueueOrder) {
    this.#order = order;
  }

  get length(): number {
    return this.#jobs.length;
  }

  /** Takes in what became of a job: it waits now, it waits no more, or its record is another. */
  change(before: Job | undefined, after: Job): void {
    const waited = before?.state === "queued";
    const waits = after.state === "queued";
    if (!waited && !waits) return;
    if (waited) this.#jobs.splice(this.#index(before.seq), 1);
    if (waits) this.#jobs.splice(this.#index(after.seq), 0, after);
    // Who speaks for a group has another id when the group has.
    const isMoved = waited && waits && before?.origin.userId !== after.origin.userId;
    if (before && isMoved) this.#go(before);
    if (!waited || isMoved) this.#come(after);
    if (!waits) this.#go(after);
    this.#fair = undefined;
  }

  /** The jobs in the order in which they will be claimed. */
  inOrder(): readonly Job[] {
    return this.#order() === "fair" ? this.#fair ??= this.#inTurns() : this.#jobs;
  }

  /** The place of a job that is in the line, 1 for the next. */
  placeOf(job: Job): number {
    const isFair = this.#order() === "fair";
    return isFair ? this.inOrder().indexOf(job) + 1 : this.#index(job.seq) + 1;
  }

  #come(job: Job): void {
    const { userId } = job.origin;
    const person = this.#people.get(userId) ?? { had: 0, waiting: 0 };
    this.#people.set(userId, person);
    if (person.waiting === 0) person.had = Math.max(person.had, this.#turn);
    // It was taken before and came back: that turn is not over.
    if (job.submittedAt !== undefined && !job.first) person.had--;
    person.waiting++;
  }

  #go(job: Job): void {
    const { userId } = job.origin;
    const person = this.#people.get(userId)!;
    person.waiting--;
    if (job.state === "submitted" && !job.first) {
      person.had++;
      this.#turn = Math.max(this.#turn, person.had);
    }
    if (person.waiting === 0) this.#people.delete(userId);
  }

  #inTurns(): readonly Job[] {
    const hadOf = new Map<number, number>();
    return this.#jobs.map((job) => {
      const { userId } = job.origin;
      if (job.first) return { job, group: 0, turn: 0 };
      const turn = (hadOf.get(userId) ?? this.#people.get(userId)!.had) + 1;
      hadOf.set(userId, turn);
      return job.claim === undefined ? { job, group: 2, turn } : { job, group: 1, turn: job.claim };
    }).sort((a, b) => a.group - b.group || a.turn - b.turn || a.job.seq - b.job.seq)
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
