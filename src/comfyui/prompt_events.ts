/**
 * The events of one run: frames of its prompt in, backend events out, and when to poll ComfyUI for its status.
 * Buffers events for a slow reader; of steps, previews and signs of life only the latest. Knows no HTTP.
 */
import { type ApiPrompt } from "../templates/mod.ts";
import { type BackendEvent } from "../worker/mod.ts";
import type { Frame } from "./ws_schema.ts";

/** What `next` gives. */
export type PromptEventItem =
  | { readonly type: "event"; readonly event: BackendEvent }
  /** Poll history and queue: `ended` the prompt has ended, `reconnected` frames may have been missed, `silent` no frame came. */
  | { readonly type: "ask"; readonly why: "ended" | "reconnected" | "silent" };

/** One run's feed. `starting -> running -> ended`, by frames or by what the queue says. */
export class PromptEvents {
  readonly promptId: string;
  readonly #now: () => number;
  #graph: ApiPrompt = {};
  #running = false;
  #started = false;
  #nodeId: string | undefined;
  #heardAt: number;
  #items: PromptEventItem[] = [];
  #wake: () => void = () => {};

  constructor(promptId: string, now: () => number) {
    this.promptId = promptId;
    this.#now = now;
    this.#heardAt = now();
  }

  get running(): boolean {
    return this.#running;
  }

  /** The graph that runs, for the class of a node. */
  set graph(graph: ApiPrompt) {
    this.#graph = graph;
  }

  /** Takes a frame; frames of other prompts are ignored. */
  onFrame(frame: Frame): void {
    if (!this.#isOurs(frame)) {
      // ComfyUI runs one prompt at a time: when another one starts, this one has ended and its frame was missed.
      if (frame.type === "execution_start" && this.#running) this.#end();
      return;
    }
    this.#heardAt = this.#now();
    switch (frame.type) {
      case "execution_start":
        return this.start();
      case "executing":
        // The first one after a reconnect names no prompt. It gives ComfyUI's state, and is no progress: it makes no event, or
        // a stuck prompt would seem alive each time the socket reconnects.
        if (frame.promptId === undefined) return;
        if (frame.nodeId === undefined) return this.#end();
        this.start();
        this.#nodeId = frame.nodeId;
        return this.#push(this.#executing(frame.nodeId));
      case "progress": {
        this.start();
        const nodeId = frame.nodeId ?? this.#nodeId;
        if (nodeId === undefined) return this.#push(this.#executing(undefined));
        return this.#push({ type: "step", nodeId, value: frame.value, max: frame.max });
      }
      case "preview":
        return this.#push({ type: "preview", picture: frame.picture });
      case "execution_success":
      case "execution_error":
      case "execution_interrupted":
        return this.#end();
      case "text":
      case "unknown":
        return this.#push(this.#executing(undefined));
      case "status":
      case "feature_flags":
      case "execution_cached":
      case "executed":
      case "progress_state":
        return;
      default:
        frame satisfies never;
    }
  }

  /** Texts, previews of type 1, and old servers, name no prompt: they belong to the one that runs. */
  #isOurs(frame: Frame): boolean {
    switch (frame.type) {
      case "text":
      case "preview":
      case "progress":
      case "executing":
        return frame.promptId === undefined ? this.#running : frame.promptId === this.promptId;
      default:
        return frame.promptId === this.promptId;
    }
  }

  /** The socket is open again. */
  onReconnected(): void {
    this.#ask("reconnected");
  }

  /** It runs, as a frame or the queue says. */
  start(): void {
    this.#running = true;
    if (this.#started) return;
    this.#started = true;
    this.#push({ type: "started" });
  }

  /**
   * The next event, or the next reason to poll: `silent` once no frame came for `silentMs`, and again
   * each `silentMs`. Rejects with the signal's reason.
   */
  async next(silentMs: number, signal: AbortSignal): Promise<PromptEventItem> {
    while (true) {
      signal.throwIfAborted();
      const item = this.#items.shift();
      if (item) return item;
      const leftMs = this.#heardAt + silentMs - this.#now();
      if (leftMs <= 0) {
        this.#heardAt = this.#now();
        return { type: "ask", why: "silent" };
      }
      await this.#woken(leftMs, signal);
    }
  }

  #woken(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        this.#wake = () => {};
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      signal.addEventListener("abort", wake, { once: true });
      this.#wake = wake;
    });
  }

  #executing(nodeId: string | undefined): BackendEvent {
    const classType = nodeId === undefined ? undefined : this.#graph[nodeId]?.class_type;
    return { type: "executing", nodeId, classType };
  }

  #end(): void {
    this.#running = false;
    this.#ask("ended");
  }

  #ask(why: "ended" | "reconnected"): void {
    if (this.#items.some((item) => item.type === "ask" && item.why === why)) return;
    this.#items.push({ type: "ask", why });
    this.#wake();
  }

  #push(event: BackendEvent): void {
    const stale = this.#items.findLastIndex((item) =>
      item.type === "event" && replaces(event, item.event)
    );
    if (stale >= 0) this.#items.splice(stale, 1);
    this.#items.push({ type: "event", event });
    this.#wake();
  }
}

/** True where `newer` makes `older` superfluous. */
function replaces(newer: BackendEvent, older: BackendEvent): boolean {
  switch (newer.type) {
    case "step":
    case "preview":
      return older.type === newer.type;
    case "executing":
      return older.type === "executing" && older.nodeId === newer.nodeId;
    default:
      return false;
  }
}
