/**
 * The queue of updates for the bot: ids, allowed types, long polls, confirmation by offset, 24 hours of patience.
 * It does not know what an update says.
 *
 *     put ──> queued ──get(offset ≤ id)──> given, still queued (given again until confirmed)
 *                    ──get(offset > id)──> confirmed, forgotten
 */

import type { Update } from "grammy/types";
import { Refusal } from "../refusal.ts";

export type UpdateType = Exclude<keyof Update, "update_id">;

/** How long Telegram keeps an update that is not fetched. */
const KEPT_MS = 24 * 3_600_000;
const MAX_LIMIT = 100;
/** The longest long poll, seconds (`LONG_POLL_MAX_TIMEOUT`). */
const MAX_TIMEOUT = 50;

/** Types that a bot gets only when it asks for them. */
const ON_REQUEST: readonly string[] = ["chat_member", "message_reaction", "message_reaction_count"];

export interface GetUpdates {
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
  /** Seconds. */
  readonly timeout?: number | undefined;
  readonly allowed?: readonly string[] | undefined;
}

export interface UpdatesOptions {
  readonly firstId: number;
  readonly now: () => number;
  readonly onPut: (update: Update) => void;
  readonly onConfirmed: (updateIds: readonly number[]) => void;
}

interface LongPoll {
  /** Answers it with what there is. */
  wake(): void;
  conflict(message: string): void;
}

export class Updates {
  #queue: { readonly update: Update; readonly at: number }[] = [];
  #nextId: number;
  #allowed: readonly string[] | undefined;
  #poll: LongPoll | undefined;
  #webhookUrl = "";
  readonly #options: UpdatesOptions;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    this.#nextId = options.firstId;
  }

  get unconfirmed(): readonly Update[] {
    return this.#queue.map(({ update }) => update);
  }

  get webhookUrl(): string {
    return this.#webhookUrl;
  }

  /** Queues an update of a type, if the bot has not asked to be spared it; gives the update that was queued. */
  offer<T extends UpdateType>(type: T, content: NonNullable<Update[T]>): Update | undefined {
    const wanted = this.#allowed === undefined
      ? !ON_REQUEST.includes(type)
      : this.#allowed.includes(type);
    return wanted ? this.put({ [type]: content }) : undefined;
  }

  /** Queues an update whatever the bot has asked for. */
  put(content: Omit<Update, "update_id">): Update {
    const update: Update = { update_id: this.#nextId++, ...content };
    this.#queue.push({ update, at: this.#options.now() });
    this.#options.onPut(update);
    this.#poll?.wake();
    return update;
  }

  /** Sets where updates go; an empty URL brings back `getUpdates`. A long poll under way ends with 409. */
  setWebhook(url: string, dropPending: boolean): void {
    this.#webhookUrl = url;
    if (dropPending) this.#confirm(this.#nextId);
    if (url !== "") this.#poll?.conflict("Conflict: terminated by setWebhook request");
  }

  #confirm(offset: number): void {
    const confirmed = this.#queue.filter(({ update }) => update.update_id < offset);
    if (confirmed.length === 0) return;
    this.#queue = this.#queue.filter(({ update }) => update.update_id >= offset);
    this.#options.onConfirmed(confirmed.map(({ update }) => update.update_id));
  }

  #take(limit: number): Update[] {
    const oldest = this.#options.now() - KEPT_MS;
    if ((this.#queue[0]?.at ?? oldest) < oldest) {
      this.#queue = this.#queue.filter(({ at }) => at >= oldest);
    }
    return this.#queue.slice(0, limit).map(({ update }) => update);
  }

  /**
   * `getUpdates`. With a timeout and nothing there it waits; a second one that waits ends the first with 409.
   * An aborted signal ends the wait with nothing, as for a client that has gone.
   */
  async get(args: GetUpdates, signal: AbortSignal): Promise<Update[]> {
    if (this.#webhookUrl !== "") {
      throw new Refusal(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    }
    if (args.allowed !== undefined) {
      this.#allowed = args.allowed.length === 0 ? undefined : args.allowed;
    }
    const offset = args.offset ?? 0;
    if (offset > 0) this.#confirm(offset);
    if (offset < 0) {
      this.#confirm(this.#queue.at(offset)?.update.update_id ?? 0);
    }
    const limit = Math.min(MAX_LIMIT, Math.max(1, args.limit ?? MAX_LIMIT));
    const timeoutMs = Math.min(MAX_TIMEOUT, Math.max(0, args.timeout ?? 0)) * 1000;
    const ready = this.#take(limit);
    if (ready.length > 0 || timeoutMs === 0 || signal.aborted) return ready;
    this.#poll?.conflict(
      "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    );
    return await new Promise<Update[]>((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        if (this.#poll === poll) this.#poll = undefined;
      };
      const onAbort = () => {
        end();
        resolve([]);
      };
      const poll: LongPoll = {
        wake: () => {
          end();
          resolve(this.#take(limit));
        },
        conflict: (message) => {
          end();
          reject(new Refusal(409, message));
        },
      };
      const timer = setTimeout(() => poll.wake(), timeoutMs);
      signal.addEventListener("abort", onAbort);
      this.#poll = poll;
    });
  }
}
