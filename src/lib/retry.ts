/**
 * Trying again with pauses between. Owns the loop, the pauses, and that a full disk stops no job and loses none. Which errors
 * are worth another try is the caller's to say.
 */
import { getLogger } from "@logtape/logtape";
import { wait } from "./abort.ts";
import { isDiskError, messageOf } from "./errors.ts";

const log = getLogger(["bot", "disk"]);

export interface RetryOptions {
  /** Pauses between two attempts, in milliseconds; when there is none left, the last error is thrown. */
  readonly delaysMs: Iterable<number>;
  /** True where another attempt may succeed; any other error is thrown at once. */
  readonly isTransient: (error: unknown) => boolean;
  /** Ends a pause, and with it the call: rejects with its reason. The first attempt is made even where it has aborted. */
  readonly signal: AbortSignal;
  /** Called before each pause. What it throws ends the call. */
  readonly onRetry?: (error: unknown, delayMs: number) => void;
  /** Shortest pause after this error, in milliseconds: a server's `retry_after`. Default 0. */
  readonly minDelayMs?: (error: unknown) => number;
}

/** Calls `act` until it resolves, with the number of the attempt: 1, 2, … */
export async function retry<T>(
  act: (attempt: number) => Promise<T>,
  { delaysMs, isTransient, signal, onRetry, minDelayMs = () => 0 }: RetryOptions,
): Promise<T> {
  const delays = Iterator.from(delaysMs);
  for (let attempt = 1;; attempt++) {
    try {
      return await act(attempt);
    } catch (error) {
      if (!isTransient(error)) throw error;
      const next = delays.next();
      if (next.done) throw error;
      const delayMs = Math.max(next.value, minDelayMs(error));
      onRetry?.(error, delayMs);
      await wait(delayMs, signal);
    }
  }
}

/** Pauses in milliseconds that double from the first to the longest, without end. */
export function* backoff(firstMs: number, maxMs: number): Generator<number, never, void> {
  for (let delayMs = firstMs;; delayMs = Math.min(2 * delayMs, maxMs)) yield delayMs;
}

/** The same pause without end; `delayMs` is asked before each. */
export function* steady(delayMs: () => number): Generator<number, never, void> {
  for (;;) yield delayMs();
}

export interface RetryOnDiskErrorOptions {
  /** What is to be written or read, for the log: `the result of job 5k`. */
  readonly what: string;
  /** Pause between two attempts, in milliseconds. */
  readonly retryMs: number;
  /** Ends the waiting: the last error of the disk is thrown then. The first attempt is made even where it has aborted. */
  readonly signal: AbortSignal;
  /** Called after the first error. */
  readonly onWait?: (error: unknown) => void;
}

/**
 * Tries again while the disk is in trouble (see isDiskError), for as long as it takes: what is to be written is in memory,
 * and in ComfyUI. Throws any other error at once. The log has one line at the first error, and one when it worked.
 */
export async function retryOnDiskError<T>(
  act: () => Promise<T>,
  { what, retryMs, signal, onWait }: RetryOnDiskErrorOptions,
): Promise<T> {
  let diskError: unknown;
  try {
    const written = await retry(act, {
      delaysMs: steady(() => retryMs),
      isTransient: isDiskError,
      signal,
      onRetry(error) {
        if (diskError === undefined && !signal.aborted) {
          log.error("Cannot write or read {what}: {error}; it is tried again until it works", {
            what,
            error: messageOf(error),
            outage: "the disk",
          });
          onWait?.(error);
        }
        diskError = error;
      },
    });
    if (diskError !== undefined) log.info("Written or read at last: {what}", { what });
    return written;
  } catch (error) {
    throw error === signal.reason ? diskError ?? error : error;
  }
}
