/**
 * A ComfyUI as a Backend: one HTTP client, one socket, and a feed for each run. Owns which run gets which frame and
 * what happens to a prompt that is cancelled; run_prompt.ts follows a run.
 */
import { getLogger, type Logger } from "@logtape/logtape";
import {
  ComfyUIConnectionError,
  fetchOnce,
  joinSignals,
  messageOf,
  WorkflowRefusedError,
} from "../lib/mod.ts";
import { type NodeCatalog } from "../templates/mod.ts";
import { type Backend } from "../worker/mod.ts";
import type { ComfyAddress } from "./address.ts";
import { type ComfyClient, createComfyClient } from "./client.ts";
import { type ModelFolders } from "./http_schema.ts";
import { PromptEvents } from "./prompt_events.ts";
import { erasePrompt, withdraw } from "./prompt_status.ts";
import { runPrompt } from "./run_prompt.ts";
import { ComfySocket } from "./socket.ts";

import { type BackendConfig, type Config } from "../config/mod.ts";
import { probeSocket } from "./socket_probe.ts";

export interface ComfyBackendDeps {
  /** Sends a request with an effect once at most. Default: fetchOnce. */
  readonly fetch?: typeof fetchOnce;
  /** Milliseconds of a clock that is never set: only spans are measured. */
  readonly now: () => number;
  /** Default: the category `bot.comfyui`. */
  readonly logger?: Logger;
}

export interface ComfyBackendOptions extends ComfyAddress {
  readonly name: string;
  /** The same over restarts, and unique to this bot: ComfyUI sends a prompt's events to the client that submitted it. */
  readonly clientId: string;
  /** ComfyUI is asked where a prompt stands when nothing was heard of it for so long. Default 3 s. */
  readonly pollMs?: number;
  /** A socket that is silent for so long while a prompt runs is opened anew. Default 30 s. */
  readonly staleMs?: number;
  /** So long ComfyUI may be unreachable under a running prompt. Default 20 s. */
  readonly bridgeMs?: number;
  /** Default 15 s; it may stall while a model loads. */
  readonly requestTimeoutMs?: number;
  /** For pictures, up and down. Default 60 s. */
  readonly transferTimeoutMs?: number;
  /** For the socket. Default 3 s. */
  readonly openTimeoutMs?: number;
  /** Pauses between the tries to submit. Default 4 s, 10 s: three tries. */
  readonly retryDelaysMs?: readonly number[];
}

/** So many node classes are asked for at a time: with many backends each question is an open connection. */
const questionsAtOnce = 4;

/** Connects to nothing yet: the socket opens with the first run. */
export function createComfyBackend(deps: ComfyBackendDeps, options: ComfyBackendOptions): Backend {
  const { name, baseUrl, headers = {}, clientId } = options;
  const { now } = deps;
  const logger = (deps.logger ?? getLogger(["bot", "comfyui"])).with({ backend: name });
  const feeds = new Set<PromptEvents>();
  const lifetime = new AbortController();
  const client = createComfyClient({ fetch: deps.fetch ?? fetchOnce }, {
    baseUrl,
    headers,
    requestTimeoutMs: options.requestTimeoutMs ?? 15_000,
    transferTimeoutMs: options.transferTimeoutMs ?? 60_000,
  });
  const socket = new ComfySocket(
    {
      now,
      logger,
      onFrame: (frame) => feeds.forEach((feed) => feed.onFrame(frame)),
      onReconnected() {
        client.relearn();
        feeds.forEach((feed) => feed.onReconnected());
      },
    },
    { baseUrl, headers, clientId, openTimeoutMs: options.openTimeoutMs ?? 3_000 },
  );

  /** Stops a prompt that is not wanted any more; a ComfyUI that cannot be reached cannot be told. */
  async function abandon(promptId: string): Promise<void> {
    try {
      await withdraw(client, promptId, lifetime.signal);
    } catch (error) {
      logger.warn("Cannot stop a cancelled prompt: {reason}", {
        promptId,
        reason: messageOf(error),
      });
    }
  }

  return {
    name,
    async *run(request, { signal }) {
      const { promptId } = request;
      using either = joinSignals(signal, lifetime.signal);
      const feed = new PromptEvents(promptId, now);
      feeds.add(feed);
      try {
        yield* runPrompt({ name, client, socket, feed, now, logger }, request, {
          clientId,
          pollMs: options.pollMs ?? 3_000,
          staleMs: options.staleMs ?? 30_000,
          bridgeMs: options.bridgeMs ?? 20_000,
          retryDelaysMs: options.retryDelaysMs ?? [4_000, 10_000],
          signal: either.signal,
          lifetime: lifetime.signal,
        });
      } catch (error) {
        // Other outputs of a graph whose result was refused would run for nothing.
        if (signal.aborted || error instanceof WorkflowRefusedError) await abandon(promptId);
        throw signal.aborted ? signal.reason : error;
      } finally {
        feeds.delete(feed);
      }
    },
    interrupt: (promptId, { signal }) => withdraw(client, promptId, signal),
    async health({ signal }) {
      const [stats, queue] = await Promise.all([client.systemStats(signal), client.queue(signal)]);
      return {
        ...stats,
        running: queue.running.map(({ promptId }) => promptId),
        pending: queue.pending.map(({ promptId }) => promptId),
      };
    },
    async catalog(classTypes, { signal }) {
      if (classTypes.length === 0) return await client.objectInfo(undefined, signal);
      const asked = new Set(classTypes).values();
      const catalog: NodeCatalog = {};
      const askInTurn = async () => {
        for (const each of asked) Object.assign(catalog, await client.objectInfo(each, signal));
      };
      await Promise.all(Array.from({ length: questionsAtOnce }, askInTurn));
      return catalog;
    },
    erase: (copies, { signal }) => erasePrompt(client, copies, signal),
    free: ({ signal }) => client.free(signal),
    async [Symbol.asyncDispose]() {
      lifetime.abort(new ComfyUIConnectionError(`Cannot use the backend ${name}: it is closed`));
      await socket[Symbol.asyncDispose]();
    },
  };
}

/** The backends of the configuration, in its order; nothing is connected yet. */
export function openBackends({ comfyui }: Config, clientId: string): Backend[] {
  return comfyui.backends.map(({ name, url, headers }) =>
    // Only spans are measured: a monotonic clock, or a jump of the system's would stop the polling.
    createComfyBackend({ now: () => performance.now() }, {
      name,
      baseUrl: url,
      headers,
      clientId,
      pollMs: comfyui.pollMs,
      retryDelaysMs: comfyui.retryMs,
    })
  );
}

/** Looks whether a backend's WebSocket opens and says something: see socket_probe.ts. */
export function probeBackendSocket(
  { url, headers }: BackendConfig,
  signal: AbortSignal,
): Promise<void> {
  return probeSocket({ baseUrl: url, headers }, "image-edit-bot-doctor-socket", signal);
}

/** Where a backend looks for model files: see ComfyClient.modelFolders. Rejects as it does. */
export function askModelFolders(
  backend: BackendConfig,
  signal: AbortSignal,
): Promise<ModelFolders> {
  return clientOf(backend).modelFolders(signal);
}

/**
 * The file of one of the workflows that ComfyUI brings with it, in the web page's format; the names of all that it has where there
 * is none of that name. Rejects with ComfyUIConnectionError.
 */
export async function readOfficialWorkflow(
  backend: BackendConfig,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly file: Uint8Array } | { readonly names: readonly string[] }> {
  const client = clientOf(backend);
  const file = await client.ownTemplate(name, signal);
  return file ? { file } : { names: await client.ownTemplateNames(signal) };
}

/** For a question or two; a backend has its own. */
function clientOf({ url, headers }: BackendConfig): ComfyClient {
  return createComfyClient({ fetch: fetchOnce }, {
    baseUrl: url,
    headers,
    requestTimeoutMs: 15_000,
    transferTimeoutMs: 60_000,
  });
}
