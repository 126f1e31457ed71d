/**
 * ComfyUI's prompt queue and history: execution.py's `PromptQueue`. Pure state; knows neither frames nor nodes.
 */
import type { Graph } from "../graph.ts";
import { Heap } from "./heap.ts";

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

/** As Python compares the tuples. */
function isBefore(a: QueueItem, b: QueueItem): boolean {
  return a.number === b.number ? a.promptId < b.promptId : a.number < b.number;
}

/** Waiting, running, done. */
export class PromptQueue {
  readonly #waiting = new Heap<QueueItem>(isBefore);
  #running: QueueItem | undefined;
  readonly #history = new Map<string, HistoryEntry>();

  /** In the order in which they run. */
  get pending(): readonly QueueItem[] {
    return this.#waiting.items.toSorted((a, b) => isBefore(a, b) ? -1 : 1);
  }

  /** As `/queue` gives them. */
  get heap(): readonly QueueItem[] {
    return this.#waiting.items;
  }

  get running(): QueueItem | undefined {
    return this.#running;
  }

  /** `queue_remaining`: waiting and running. */
  get remaining(): number {
    return this.#waiting.items.length + (this.#running === undefined ? 0 : 1);
  }

  put(item: QueueItem): void {
    this.#waiting.push(item);
  }

  /** Moves the first waiting prompt to running. */
  take(): QueueItem | undefined {
    this.#running = this.#waiting.pop();
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
    const found = this.#waiting.items.find((item) => item.promptId === promptId);
    if (found) this.#waiting.keep((item) => item !== found);
    return found !== undefined;
  }

  /** Takes all waiting prompts out. */
  clear(): void {
    this.#waiting.keep(() => false);
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
