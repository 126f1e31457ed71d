/**
 * What happens to the jobs of one worker's queue, as its events say it. Owns which job gets which event. Events may be missed: they are for
 * speed, the job's record is the truth.
 */
import type { QueueEvents } from "bullmq";
import { limitSignal, race } from "../lib/mod.ts";

/** `ended`: the job's record has the outcome. */
export type FeedItem =
  | { readonly type: "progress"; readonly data: unknown }
  | { readonly type: "ended" }
  | { readonly type: "silent" };

export interface Feed extends Disposable {
  /** The next item; `silent` when there was none for `waitMs`. Rejects with the signal's reason. */
  next(waitMs: number, signal: AbortSignal): Promise<FeedItem>;
}

export interface Feeds {
  /** From now on. */
  listen(jobId: string): Feed;
}

export function createFeeds(events: Pick<QueueEvents, "on">): Feeds {
  const listeners = new Map<string, Set<(item: FeedItem) => void>>();
  const tell = (jobId: string, item: FeedItem) =>
    listeners.get(jobId)?.forEach((listener) => listener(item));
  events.on("progress", ({ jobId, data }) => tell(jobId, { type: "progress", data }));
  events.on("completed", ({ jobId }) => tell(jobId, { type: "ended" }));
  events.on("failed", ({ jobId }) => tell(jobId, { type: "ended" }));
  events.on("removed", ({ jobId }) => tell(jobId, { type: "ended" }));

  return {
    listen(jobId) {
      const items: FeedItem[] = [];
      let bell = Promise.withResolvers<void>();
      const listener = (item: FeedItem) => {
        items.push(item);
        bell.resolve();
      };
      const all = listeners.get(jobId) ?? new Set();
      listeners.set(jobId, all.add(listener));
      return {
        async next(waitMs, signal) {
          if (items.length === 0) {
            bell = Promise.withResolvers();
            using limit = limitSignal(signal, waitMs);
            await race([bell.promise, limit.over]);
            signal.throwIfAborted();
          }
          return items.shift() ?? { type: "silent" };
        },
        [Symbol.dispose]() {
          all.delete(listener);
          if (all.size === 0) listeners.delete(jobId);
        },
      };
    },
  };
}
