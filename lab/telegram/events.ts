/**
 * What happens, as it happens: listeners, loops over events, and the wait for a condition. It does not know what the
 * events are about.
 */

import type { UntilOptions } from "./contract.ts";
import { patienceMs } from "../until.ts";

/** How often a condition is looked at when nothing happens, milliseconds. */
const SLOW_MS = 200;

export class Events<T> implements AsyncIterable<T> {
  readonly #listeners = new Set<(event: T) => void>();
  readonly #onStop = new Set<() => void>();
  #count = 0;
  #stopped = false;

  get stopped(): boolean {
    return this.#stopped;
  }

  emit(event: T): void {
    this.#count += 1;
    for (const listener of [...this.#listeners]) listener(event);
  }

  on(listener: (event: T) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Ends the loops and the waits. */
  stop(): void {
    this.#stopped = true;
    for (const end of [...this.#onStop]) end();
    this.#listeners.clear();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    const waiting: T[] = [];
    let wake = () => {};
    const off = this.on((event) => {
      waiting.push(event);
      wake();
    });
    const end = () => wake();
    this.#onStop.add(end);
    try {
      for (;;) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else if (this.#stopped) return;
        else await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      off();
      this.#onStop.delete(end);
    }
  }

  /** Waits until `look` gives something; see `Telegram.until`. `describe` tells the state for the error. */
  async until<R>(
    look: () => R | undefined | false | Promise<R | undefined | false>,
    { timeoutMs = patienceMs, what = "a condition", signal }: UntilOptions,
    describe: () => string,
  ): Promise<R> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const seen = this.#count;
      const found = await look();
      if (found !== undefined && found !== false) return found;
      signal?.throwIfAborted();
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || this.#stopped) {
        const why = this.#stopped ? "the server has stopped" : `not within ${timeoutMs} ms`;
        throw new Error(`Cannot see ${what}: ${why}\n${describe()}`);
      }
      if (this.#count === seen) await this.#next(Math.min(SLOW_MS, leftMs), signal);
    }
  }

  /** Resolves at the next event, after `ms`, at an abort or at the end. */
  #next(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        off();
        this.#onStop.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      const off = this.on(done);
      this.#onStop.add(done);
      signal?.addEventListener("abort", done);
    });
  }
}
