/**
 * ComfyUI's prompt queue and history: execution.py's `PromptQueue`. Pure state; knows neither frames nor nodes.
 */
import type { Graph } from "../graph.ts";

/** A prompt that was taken. */
export interface QueueItem {
  /** Lower runs first. */
  readonly number: number;
  readonly promptId: string;
  readonly clientId: string | undefined;
  readonly graph: Graph;
  /** What the client sent as `extra_data`, with its `client_id`. */
  readonly extraData: Readonly<Record<string, unknown>>;
  /** The output nodes that run. */
  readonly outputs: readonly string[];
}

/** One entry of `/history`; `item` goes out under `prompt`, as `wireOf` gives it. */
export interface HistoryEntry {
  readonly item: QueueItem;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly status: {
    readonly status_str: "success" | "error";
    readonly completed: boolean;
    readonly messages: readonly (readonly [string, Readonly<Record<string, unknown>>])[];
  };
  readonly meta: Readonly<Record<string, unknown>>;
}

const MAX_HISTORY = 10_000;

/** The item as `/queue` and `/history` give it. */
export function wireOf(item: QueueItem): readonly unknown[] {
  return [item.number, item.promptId, item.graph, item.extraData, item.outputs];
}

/** Waiting, running, done. */
export class PromptQueue {
  #pending: QueueItem[] = [];
  #running: QueueItem | undefined;
  readonly #history = new Map<string, HistoryEntry>();

  get pending(): readonly QueueItem[] {
    return this.#pending;
  }

  get running(): QueueItem | undefined {
    return this.#running;
  }

  /** `queue_remaining`: waiting and running. */
  get remaining(): number {
    return this.#pending.length + (this.#running === undefined ? 0 : 1);
  }

  put(item: QueueItem): void {
    const at = this.#pending.findIndex((other) => other.number > item.number);
    this.#pending.splice(at < 0 ? this.#pending.length : at, 0, item);
  }

  /** Moves the first waiting prompt to running. */
  take(): QueueItem | undefined {
    this.#running = this.#pending.shift();
    return this.#running;
  }

  /** The running prompt has ended. */
  end(promptId: string, entry: HistoryEntry): void {
    this.#running = undefined;
    if (this.#history.size >= MAX_HISTORY) {
      const [oldest] = this.#history.keys();
      if (oldest !== undefined) this.#history.delete(oldest);
    }
    this.#history.delete(promptId);
    this.#history.set(promptId, entry);
  }

  /** Takes the first waiting prompt of that id out; false where none waits. */
  delete(promptId: string): boolean {
    const at = this.#pending.findIndex((item) => item.promptId === promptId);
    if (at >= 0) this.#pending.splice(at, 1);
    return at >= 0;
  }

  /** Takes all waiting prompts out. */
  clear(): void {
    this.#pending = [];
  }

  historyOf(promptId: string): HistoryEntry | undefined {
    return this.#history.get(promptId);
  }

  /** Entries from `offset` on, oldest first; a negative offset with a limit gives the latest. */
  history(maxItems?: number, offset = -1): Readonly<Record<string, HistoryEntry>> {
    const entries = [...this.#history];
    const from = offset >= 0
      ? offset
      : maxItems === undefined
      ? 0
      : Math.max(0, entries.length - maxItems);
    return Object.fromEntries(
      entries.slice(from, maxItems === undefined ? undefined : from + maxItems),
    );
  }

  forget(promptId: string): void {
    this.#history.delete(promptId);
  }

  forgetAll(): void {
    this.#history.clear();
  }
}
