/**
 * Keeps to Telegram's flood limits: about a message a second in a chat, 20 a minute in a group, 30 a second in all; edits
 * count. Owns the priority when there is not room for all: results, then answers to users, then the albums of batches, which
 * always leave some, then progress. What it holds back is only late, never lost.
 *
 * Source of the limits: the Bot API FAQ, "My bot is hitting limits, how do I avoid this?".
 */
import type { Transformer } from "grammy";
import { setTimeout as pause } from "node:timers/promises";
import { race } from "../../lib/mod.ts";

/** The clock. */
export interface RateLimiterOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves when so many milliseconds have passed. Default: the host's clock. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

export interface RateLimiter {
  /** Holds each call that counts until there is room for it, the more important ones first. */
  readonly transformer: Transformer;
  /** Heeds what Telegram says of floods, and holds nothing: for calls that have waited for `room` themselves. */
  readonly heed: Transformer;
  /**
   * For calls that only ask whether something is there: each waits for room, and takes some of the chat's where it has changed
   * a message. One that Telegram refuses counts among all calls alone.
   */
  readonly asking: Transformer;
  /**
   * Resolves when there is room for messages of that rank to the chat, which is taken: for one, or for the `count` of an album,
   * which come at once.
   */
  room(chatId: number, rank: Rank, count?: number): Promise<void>;
  /**
   * True where an edit that only shows progress may go out to the chat now, with room left for what matters more. The
   * caller is expected to make it at once.
   */
  hasRoomForProgress(chatId: number): boolean;
  /** True while there is room among all calls for one that counts in no chat, with room left for what matters more. */
  hasRoomForMore(): boolean;
}

/** What comes first: results, what answers a user, what comes in many messages. */
export type Rank = "result" | "answer" | "batch";

/** A call that waits for room in its chat. */
interface Waiter {
  readonly rank: Rank;
  readonly count: number;
  /** How many tokens it has not got yet. */
  left: number;
  readonly go: () => void;
}

/** Tokens that grow back with time. */
class Bucket {
  #tokens: number;
  #at: number;
  /** Until then it grows slower, by so many milliseconds a token. */
  #slow = { until: 0, msPerToken: 0 };
  constructor(readonly capacity: number, readonly msPerToken: number, now: number) {
    this.#tokens = capacity;
    this.#at = now;
  }
  level(now: number): number {
    const { until, msPerToken } = this.#slow;
    const slowMs = Math.min(Math.max(0, until - this.#at), Math.max(0, now - this.#at));
    const grown = Math.max(0, now - this.#at - slowMs) / this.msPerToken +
      (slowMs > 0 ? slowMs / msPerToken : 0);
    this.#tokens = Math.min(this.capacity, this.#tokens + grown);
    this.#at = now;
    return this.#tokens;
  }
  /** Takes tokens, also such as have not grown yet. */
  take(now: number, count = 1): void {
    this.#tokens = this.level(now) - count;
  }
  /** What grew in the last `ms` milliseconds has not. */
  delay(now: number, ms: number): void {
    this.take(now, ms / this.msPerToken);
  }
  /** So many tokens less than usual grow in the next `ms` milliseconds. */
  slowDown(now: number, ms: number, count: number): void {
    this.level(now);
    const grows = Math.max(1, ms / this.msPerToken - count);
    this.#slow = { until: now + ms, msPerToken: ms / grows };
  }
  /** Nothing until then: Telegram said so. */
  block(now: number, ms: number): void {
    this.#tokens = Math.min(this.level(now), 1 - ms / this.msPerToken);
  }
  /** Milliseconds until there is a token, and so many beside it. */
  waitMs(now: number, left = 0): number {
    const wanted = Math.max(0, 1 + left - this.level(now));
    const slowMs = Math.max(0, this.#slow.until - now);
    const grownSlowly = slowMs > 0 ? slowMs / this.#slow.msPerToken : 0;
    return wanted <= grownSlowly
      ? wanted * this.#slow.msPerToken
      : slowMs + (wanted - grownSlowly) * this.msPerToken;
  }
}

/**
 * One chat: its bucket and who waits for it, the most important first. What an album takes of a private chat is a debt, which its
 * user alone waits for. In a group others would wait, and its limit is one of a whole minute: there an album saves up what it
 * takes, one by one, and less grows in the minute after it.
 */
interface Lane {
  readonly isGroup: boolean;
  readonly bucket: Bucket;
  readonly waiters: Waiter[];
  pumping: boolean;
  /** Called when another one is the first to wait. */
  wake: () => void;
}

const ranks: readonly Rank[] = ["result", "answer", "batch"];

/** A burst that Telegram bears; batches and progress leave a token for what matters more. */
const burst = 3;
const reserved = 1;
/** A burst and what grows back within a minute are together the 20 that a group takes. */
const minuteMs = 60_000;
const groupMsPerToken = minuteMs / (20 - burst);
/** A little slower than the limit: what is sent evenly does not arrive so. */
const privateMsPerToken = 1_050;
const totalBurst = 30;
const totalMsPerToken = 1_000 / 28;
const totalReserved = 10;
/** Chats that are remembered; those at rest are forgotten beyond it. */
const maxLanes = 1_000;

/** Starts with every bucket full. */
export function createRateLimiter({ now, wait = pause }: RateLimiterOptions): RateLimiter {
  const total = new Bucket(totalBurst, totalMsPerToken, now());
  const lanes = new Map<number, Lane>();

  function laneOf(chatId: number): Lane {
    const known = lanes.get(chatId);
    if (known) return known;
    if (lanes.size >= maxLanes) forgetResting();
    // Ids of groups and channels are negative.
    const isGroup = chatId < 0;
    const msPerToken = isGroup ? groupMsPerToken : privateMsPerToken;
    const lane: Lane = {
      isGroup,
      bucket: new Bucket(burst, msPerToken, now()),
      waiters: [],
      pumping: false,
      wake: () => {},
    };
    lanes.set(chatId, lane);
    return lane;
  }

  function forgetResting(): void {
    for (const [chatId, { bucket, waiters }] of lanes) {
      if (waiters.length === 0 && bucket.level(now()) === bucket.capacity) lanes.delete(chatId);
    }
  }

  async function room(chatId: number, rank: Rank, count = 1): Promise<void> {
    const lane = laneOf(chatId);
    const { promise, resolve } = Promise.withResolvers<void>();
    const place = lane.waiters.findIndex((other) =>
      ranks.indexOf(other.rank) > ranks.indexOf(rank)
    );
    lane.waiters.splice(place < 0 ? lane.waiters.length : place, 0, {
      rank,
      count,
      left: count,
      go: resolve,
    });
    if (place === 0) lane.wake();
    pump(lane);
    await promise;
  }

  /** Milliseconds until there is room for the first that waits. */
  function waitMsOf({ bucket, waiters }: Lane): number {
    const leaves = waiters[0]?.rank === "batch";
    return Math.max(
      bucket.waitMs(now(), leaves ? reserved : 0),
      total.waitMs(now(), leaves ? totalReserved : 0),
    );
  }

  /** Gives the first that waits what there is for it, and lets it go when that is all. */
  function take({ isGroup, bucket, waiters }: Lane, first: Waiter): void {
    const taken = isGroup ? 1 : first.left;
    bucket.take(now(), taken);
    first.left -= taken;
    if (first.left > 0) return;
    const { count } = first;
    if (isGroup && count > 1) bucket.slowDown(now(), minuteMs, count);
    total.take(now(), count);
    waiters.shift();
    first.go();
  }

  async function pump(lane: Lane): Promise<void> {
    if (lane.pumping) return;
    lane.pumping = true;
    while (lane.waiters.length > 0) {
      const waitMs = waitMsOf(lane);
      if (waitMs > 0) {
        const woken = Promise.withResolvers<void>();
        lane.wake = woken.resolve;
        await race([wait(waitMs), woken.promise]);
      } else {
        take(lane, lane.waiters[0]!);
      }
    }
    lane.pumping = false;
  }

  const heed: Transformer = async (prev, method, payload, signal) => {
    const chatId = countedChat(method, payload);
    const begunAt = now();
    const answer = await prev(method, payload, signal);
    // It counts from when all of it has arrived.
    if (chatId !== undefined && method === "sendMediaGroup") {
      laneOf(chatId).bucket.delay(now(), now() - begunAt);
    }
    const retryAfter = answer.ok ? undefined : answer.parameters?.retry_after;
    if (chatId !== undefined && retryAfter !== undefined) {
      laneOf(chatId).bucket.block(now(), retryAfter * 1000);
    }
    return answer;
  };

  const transformer: Transformer = async (prev, method, payload, signal) => {
    const chatId = countedChat(method, payload);
    if (chatId !== undefined) {
      const isResult = method === "sendPhoto" || method === "sendDocument";
      await room(chatId, isResult ? "result" : "answer");
    }
    return await heed(prev, method, payload, signal);
  };

  const asking: Transformer = async (prev, method, payload, signal) => {
    const chatId = countedChat(method, payload);
    if (chatId === undefined) return await prev(method, payload, signal);
    const { bucket } = laneOf(chatId);
    for (;;) {
      const waitMs = Math.max(bucket.waitMs(now()), total.waitMs(now()));
      if (waitMs <= 0) break;
      await wait(waitMs);
    }
    total.take(now());
    const answer = await heed(prev, method, payload, signal);
    const result: unknown = answer.ok ? answer.result : undefined;
    // `true`: it was so already.
    if (answer.ok && result !== true) laneOf(chatId).bucket.take(now());
    return answer;
  };

  const hasRoomForMore = () => total.level(now()) > totalReserved;

  return {
    transformer,
    heed,
    asking,
    room,
    hasRoomForMore,
    hasRoomForProgress(chatId) {
      if (!hasRoomForMore()) return false;
      const lane = laneOf(chatId);
      return lane.waiters.length === 0 && lane.bucket.level(now()) >= 1 + reserved;
    },
  };
}

/** The chat that a call counts against, or undefined where it does not count. */
function countedChat(method: string, payload: unknown): number | undefined {
  if (!/^(send(?!ChatAction)|edit|copy|forward)/.test(method)) return undefined;
  if (typeof payload !== "object" || payload === null || !("chat_id" in payload)) return undefined;
  return typeof payload.chat_id === "number" ? payload.chat_id : undefined;
}
