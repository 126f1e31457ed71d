/**
 * Flood limits: about one message a second in a private chat (a burst of three), twenty a minute in a group, thirty a
 * second in all. Edits count, deletes and answers do not. It does not know what is sent.
 */

const PRIVATE_BURST = 3;
const PRIVATE_PER_SECOND = 1;
const GROUP_PER_MINUTE = 20;
const OVERALL_PER_SECOND = 30;

/** A bucket that refills; a spend may take it below zero, which only makes the next wait longer. */
class Bucket {
  #tokens: number;
  #at: number;
  constructor(readonly burst: number, readonly perSecond: number, now: number) {
    this.#tokens = burst;
    this.#at = now;
  }

  /** Seconds until something may be spent; 0 for now. */
  waitSeconds(now: number): number {
    this.#tokens = Math.min(
      this.burst,
      this.#tokens + Math.max(0, now - this.#at) / 1000 * this.perSecond,
    );
    this.#at = now;
    return this.#tokens >= 1 ? 0 : (1 - this.#tokens) / this.perSecond;
  }

  spend(count: number): void {
    this.#tokens -= count;
  }
}

/** At most so many within any minute. */
class Minute {
  #sent: number[] = [];

  waitSeconds(now: number): number {
    this.#sent = this.#sent.filter((at) => at > now - 60_000);
    const oldest = this.#sent.at(-GROUP_PER_MINUTE);
    return oldest === undefined ? 0 : (oldest + 60_000 - now) / 1000;
  }

  spend(count: number, now: number): void {
    for (let i = 0; i < count; i++) this.#sent.push(now);
  }
}

export class FloodLimits {
  readonly #now: () => number;
  readonly #overall: Bucket;
  readonly #chats = new Map<number, Bucket | Minute>();

  constructor(now: () => number) {
    this.#now = now;
    this.#overall = new Bucket(OVERALL_PER_SECOND, OVERALL_PER_SECOND, now());
  }

  /**
   * Spends for `count` messages to a chat (negative ids are groups) and gives 0; or spends nothing and gives the
   * whole seconds to wait, at least 1. An album may go over the limit as one; the next message waits for it.
   */
  spend(chatId: number, count: number): number {
    const now = this.#now();
    let chat = this.#chats.get(chatId);
    if (chat === undefined) {
      chat = chatId < 0 ? new Minute() : new Bucket(PRIVATE_BURST, PRIVATE_PER_SECOND, now);
      this.#chats.set(chatId, chat);
    }
    const wait = Math.max(this.#overall.waitSeconds(now), chat.waitSeconds(now));
    if (wait > 0) return Math.max(1, Math.ceil(wait));
    this.#overall.spend(count);
    chat.spend(count, now);
    return 0;
  }
}
