/**
 * Alerts for admins: the first of a cause at once; those that follow within a quarter of an hour are counted and sent together
 * at its end. Owns how often; knows neither what an alert says nor who gets it.
 *
 *   quiet ──tell──▶ told at once, watched for a window ──ends, nothing more──▶ quiet
 *                       ▲    │ tell: counted
 *                       └────┴──ends, some more──▶ the count and the last of them told, watched for another window
 */
import { setTimeout as pause } from "node:timers/promises";

/** How long what follows is only counted. */
export const alertWindowMs = 900_000;

export interface AlertThrottleDeps<T> {
  /** Sends it on; `count` is how many of its cause it stands for. Must not throw. */
  readonly send: (notice: T, count: number) => void;
  /** Resolves after so many milliseconds; rejects when the signal aborts. Default: the host's clock. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Takes in that something has happened; `cause` is the same for what is the same trouble. */
export type Tell<T> = (cause: string, notice: T) => void;

/** Begins quiet. When `signal` aborts, counts that were not told yet are dropped. */
export function createAlertThrottle<T>(
  { send, wait = (ms, signal) => pause(ms, undefined, { signal }) }: AlertThrottleDeps<T>,
  signal: AbortSignal,
): Tell<T> {
  /** What has come of each watched cause since it was last told. */
  const watched = new Map<string, { count: number; latest: T }>();

  async function watch(cause: string, held: { count: number; latest: T }): Promise<void> {
    while (!signal.aborted) {
      await wait(alertWindowMs, signal);
      if (held.count === 0) break;
      send(held.latest, held.count);
      held.count = 0;
    }
    watched.delete(cause);
  }

  return (cause, notice) => {
    const held = watched.get(cause);
    if (held) {
      held.count++;
      held.latest = notice;
      return;
    }
    const window = { count: 0, latest: notice };
    watched.set(cause, window);
    send(notice, 1);
    watch(cause, window).catch(() => watched.delete(cause));
  };
}
