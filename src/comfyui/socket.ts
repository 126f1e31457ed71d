/**
 * The one WebSocket to a ComfyUI: opens, introduces itself, parses frames, and opens again for ever when it is lost.
 * Knows no prompt. It may go silent at any time: callers ask over HTTP too, and may `kick` it.
 *
 *   idle --ready--> opening --open--> open
 *   opening | open --lost--> waiting (0.25 s … 5 s, growing) --timer or ready--> opening
 *   any --dispose--> closed
 */
import type { Logger } from "@logtape/logtape";
import { backoff } from "../lib/mod.ts";
import { type ComfyAddress, openSocket } from "./address.ts";
import { featureFlagsMessage, type Frame, parseFrame } from "./ws_schema.ts";

export interface ComfySocketDeps {
  /** Milliseconds of a clock that is never set. */
  readonly now: () => number;
  readonly logger: Logger;
  readonly onFrame: (frame: Frame) => void;
  /** It is open again after it was not: frames may have been missed. */
  readonly onReconnected: () => void;
}

export interface ComfySocketOptions extends ComfyAddress {
  /** Stable: ComfyUI sends the events of a prompt to the `client_id` that submitted it. */
  readonly clientId: string;
  /** An opening that takes longer has failed. */
  readonly openTimeoutMs: number;
}

const firstRetryMs = 250;
const maxRetryMs = 5_000;
/** A peer that is gone never answers our closing; then the socket is left to the system. */
const closeTimeoutMs = 1_000;

/** See the file's head. Construct it, then ask `ready` before the first submission. */
export class ComfySocket implements AsyncDisposable {
  readonly #deps: ComfySocketDeps;
  readonly #options: ComfySocketOptions;
  /** Opening, open or closing. */
  #socket: WebSocket | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** Pauses before the next openings; undefined while the last one succeeded. */
  #delaysMs: Iterator<number, never> | undefined;
  #lostOnce = false;
  #closed = false;
  #heardAt: number;
  /** Told once how the present opening ends. */
  readonly #waiting = new Set<(open: boolean) => void>();

  constructor(deps: ComfySocketDeps, options: ComfySocketOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#heardAt = deps.now();
  }

  /** When it opened or the last frame came, by `now`. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /**
   * Opens it where it is not, at once even if a retry is due later. True when it is open, false when this opening failed;
   * it goes on trying then. Rejects with the signal's reason.
   */
  ready(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (this.#socket?.readyState === WebSocket.OPEN) return Promise.resolve(true);
    if (this.#closed) return Promise.resolve(false);
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiting.add(resolve);
    if (!this.#socket) this.#open();
    return promise.finally(() => {
      this.#waiting.delete(resolve);
      signal.removeEventListener("abort", onAbort);
    });
  }

  /** Closes an open socket and opens another: it has been silent for too long. */
  kick(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#deps.logger.info("The socket is silent: opening another");
    this.#delaysMs = undefined;
    void this.#shut(this.#socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    this.#settle(false);
    if (this.#socket) await this.#shut(this.#socket);
  }

  #open(): void {
    clearTimeout(this.#retryTimer);
    const { now, logger, onFrame, onReconnected } = this.#deps;
    const socket = openSocket(this.#options, this.#options.clientId);
    this.#socket = socket;
    const openTimer = setTimeout(() => socket.close(), this.#options.openTimeoutMs);

    socket.onopen = () => {
      clearTimeout(openTimer);
      this.#heardAt = now();
      socket.send(featureFlagsMessage);
      logger.debug("The socket is open");
      this.#delaysMs = undefined;
      this.#settle(true);
      if (this.#lostOnce) onReconnected();
    };
    socket.onmessage = ({ data }) => {
      this.#heardAt = now();
      onFrame(parseFrame(data));
    };
    socket.onclose = () => {
      clearTimeout(openTimer);
      this.#lost(socket);
    };
  }

  #lost(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#lostOnce = true;
    this.#settle(false);
    if (this.#closed) return;
    if (!this.#delaysMs) this.#deps.logger.info("The socket is lost: opening it again");
    this.#delaysMs ??= backoff(firstRetryMs, maxRetryMs);
    this.#retryTimer = setTimeout(() => this.#open(), this.#delaysMs.next().value);
  }

  /**
   * Resolves when it is closed. The next one opens only then: ComfyUI forgets a `clientId` when its old connection ends,
   * even if a new one has come in between (server.py, `websocket_handler`).
   */
  async #shut(socket: WebSocket): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.addEventListener("close", () => resolve(), { once: true });
    socket.close();
    const timer = setTimeout(resolve, closeTimeoutMs);
    await promise;
    clearTimeout(timer);
    this.#lost(socket);
  }

  #settle(open: boolean): void {
    for (const tell of this.#waiting) tell(open);
    this.#waiting.clear();
  }
}
