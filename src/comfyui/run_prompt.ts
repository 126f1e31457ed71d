/**
 * One prompt from its pictures to its result. The socket is for progress; the truth is `/history` and `/queue`, or the jobs
 * API, asked when a frame says that the prompt has ended, after each reconnect, and whenever nothing was heard for `pollMs`.
 *
 *   look up --known--> accepted(attached)
 *           --absent--> upload, fill, POST (retried: look up again first) --> accepted
 *   accepted --events…--> ask: pending, running -> on | ended -> done or error | absent twice -> lost
 */
import type { Logger } from "@logtape/logtape";
import {
  backoff,
  ComfyUIConnectionError,
  messageOf,
  PromptLostError,
  retry,
  wait,
  WorkflowExecutionError,
  WorkflowRefusedError,
} from "../lib/mod.ts";
import { type ApiPrompt } from "../templates/mod.ts";
import {
  type BackendEvent,
  type BackendRequest,
  type PictureBytes,
  type PictureUpload,
} from "../worker/mod.ts";
import type { ComfyClient } from "./client.ts";
import { historyError, refusedOutput, SubmitFaultError } from "./errors.ts";
import type { HistoryEntry, StoredFile } from "./http_schema.ts";
import type { PromptEventItem, PromptEvents } from "./prompt_events.ts";
import { type PromptStatus, promptStatus, queuedGraph, savedFiles } from "./prompt_status.ts";
import type { ComfySocket } from "./socket.ts";

export interface RunDeps {
  /** The backend's. */
  readonly name: string;
  readonly client: ComfyClient;
  readonly socket: Pick<ComfySocket, "ready" | "kick" | "heardAt">;
  readonly feed: PromptEvents;
  readonly now: () => number;
  readonly logger: Logger;
}

export interface RunOptions {
  readonly clientId: string;
  /** The truth is asked when nothing was heard for so long. */
  readonly pollMs: number;
  /** The socket is opened anew when it says nothing for so long while a prompt runs. */
  readonly staleMs: number;
  /** So long a ComfyUI that was reached before may be unreachable. */
  readonly bridgeMs: number;
  /** Pauses between the tries to submit: one try more than there are pauses. */
  readonly retryDelaysMs: readonly number[];
  /** The job was cancelled, or the backend is disposed of. */
  readonly signal: AbortSignal;
  /** The backend is disposed of. */
  readonly lifetime: AbortSignal;
}

/** History is written a moment after `execution_success` goes out; under load that was seen to take a while. */
const firstHistoryDelayMs = 10;
const maxHistoryLagMs = 2_000;
/** Between the two looks that make a prompt lost. */
const absentPauseMs = 250;
const firstBridgeDelayMs = 50;
const maxBridgeDelayMs = 1_000;

/** Runs or attaches, and follows to the end; see `Backend.run`, but for what happens when the signal aborts. */
export async function* runPrompt(
  deps: RunDeps,
  request: BackendRequest,
  options: RunOptions,
): AsyncGenerator<BackendEvent, void, void> {
  const { feed, client } = deps;
  const { signal } = options;
  let { status, attached } = await submit(deps, request, options);
  yield { type: "accepted", attached };
  while (true) {
    switch (status.type) {
      case "ended": {
        const { entry } = status;
        const [file, ...more] = resultFiles(entry, request.outputNode);
        for (const each of more) {
          const picture = await bridged(deps, options, () => further(deps, each, signal));
          if (picture) yield { type: "extra", picture };
        }
        const picture = await bridged(deps, options, () => client.view(file, signal));
        const cached = isCached(entry, request.outputNode);
        yield { type: "done", picture, cached, saved: savedFiles(entry) };
        return;
      }
      case "running":
      case "pending":
        if (status.graph) feed.graph = status.graph;
        if (status.type === "running") feed.start();
        break;
      case "absent":
        throw new PromptLostError(
          "Cannot follow the workflow: ComfyUI no longer knows it (it restarted, or its queue was cleared)",
        );
      default:
        status satisfies never;
    }
    let item = await feed.next(options.pollMs, signal);
    for (; item.type === "event"; item = await feed.next(options.pollMs, signal)) yield item.event;
    const { why } = item;
    status = await bridged(deps, options, () => askTruth(deps, why, options));
  }
}

/** Finds the prompt in ComfyUI or puts it there. */
async function submit(
  { name, client, socket, feed, logger }: RunDeps,
  request: BackendRequest,
  { clientId, retryDelaysMs, signal, lifetime }: RunOptions,
): Promise<{ status: PromptStatus; attached: boolean }> {
  const { promptId } = feed;
  let pictures: readonly PictureUpload[] | undefined;
  let graph: ApiPrompt | undefined;
  let posted = false;

  /** After a lost answer to the POST the next attempt finds the prompt, and does not post it again. */
  async function attempt(): Promise<PromptStatus> {
    // Open before the POST, or a short run is over before its first frame. Without it, asking still finds the end.
    if (!await socket.ready(signal)) logger.debug("No WebSocket: polling instead", { promptId });
    const status = await promptStatus(client, promptId, signal);
    if (status.type === "running" || status.type === "pending") {
      const known = status.graph ?? graph ?? await queuedGraph(client, promptId, signal);
      return { type: status.type, graph: known ?? {} };
    }
    if (status.type === "ended") return status;
    if (!graph) {
      pictures ??= await request.pictures();
      graph = request.fill(
        await Promise.all(pictures.map((picture) => client.upload(picture, signal))),
      );
    }
    posted = true;
    // Not ended by a cancel: a POST that is cut off may still take effect after the prompt was withdrawn.
    const { outputNode, previews = false } = request;
    const errors = await client.submit({ promptId, clientId, graph, previews }, lifetime);
    const refusal = refusedOutput(errors, outputNode);
    if (refusal) throw refusal;
    return { type: "pending", graph };
  }

  try {
    const status = await retry(async (number) => {
      if (number > 1) await request.beforeRetry?.();
      return await attempt();
    }, {
      delaysMs: retryDelaysMs,
      isTransient: isUnreachable,
      signal,
      onRetry(error, delayMs) {
        const reason = messageOf(error);
        logger.warn("Cannot submit, trying again: {reason}", {
          promptId,
          delayMs,
          reason,
          outage: name,
        });
      },
    });
    return { status, attached: !posted };
  } catch (error) {
    throw error instanceof SubmitFaultError ? lasting(error) : error;
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof ComfyUIConnectionError;
}

/** The server answers all the rest and fails over this graph each time: no other try would help. */
function lasting(fault: SubmitFaultError): WorkflowRefusedError {
  return new WorkflowRefusedError(
    "Cannot run the workflow: ComfyUI fails on it every time (status 500; see ComfyUI's log)",
    undefined,
    undefined,
    { cause: fault },
  );
}

/** Where the prompt stands, looked at twice before it counts as absent. */
async function askTruth(
  { client, socket, feed, now }: RunDeps,
  why: Extract<PromptEventItem, { type: "ask" }>["why"],
  { staleMs, signal }: RunOptions,
): Promise<PromptStatus> {
  const { promptId } = feed;
  if (why === "ended") {
    const until = now() + maxHistoryLagMs;
    for (const delayMs of backoff(firstHistoryDelayMs, maxHistoryLagMs)) {
      if (now() >= until) break;
      const entry = await client.history(promptId, signal);
      if (entry) return { type: "ended", entry };
      await wait(delayMs, signal);
    }
  }
  if (why === "silent" && feed.running && now() - socket.heardAt >= staleMs) socket.kick();
  const status = await promptStatus(client, promptId, signal);
  if (status.type !== "absent") return status;
  await wait(absentPauseMs, signal);
  return await promptStatus(client, promptId, signal);
}

/** Tries again for `bridgeMs` while ComfyUI is unreachable: it may be restarting. */
async function bridged<T>(
  { name, feed, now, logger }: RunDeps,
  { bridgeMs, signal }: RunOptions,
  act: () => Promise<T>,
): Promise<T> {
  const until = now() + bridgeMs;
  return await retry(act, {
    delaysMs: backoff(firstBridgeDelayMs, maxBridgeDelayMs),
    isTransient: (error) => isUnreachable(error) && now() < until,
    signal,
    onRetry(error) {
      logger.warn("Lost sight of the prompt, looking again: {reason}", {
        promptId: feed.promptId,
        reason: messageOf(error),
        outage: name,
      });
    },
  });
}

/** A file beside the first one; undefined where ComfyUI does not give it: the result is there all the same. */
async function further(
  { client, feed, logger }: RunDeps,
  file: StoredFile,
  signal: AbortSignal,
): Promise<PictureBytes | undefined> {
  try {
    return await client.view(file, signal);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionError)) throw error;
    logger.warn("One of several results is left out: {reason}", {
      promptId: feed.promptId,
      reason: messageOf(error),
    });
    return undefined;
  }
}

/**
 * The files that the output node saved, else those that it keeps for a while, as one does that only shows (PreviewImage):
 * `/view` has both; then those that other nodes saved. Throws what the history says went wrong.
 */
function resultFiles(
  entry: HistoryEntry,
  outputNode: string,
): readonly [StoredFile, ...StoredFile[]] {
  const error = historyError(entry);
  if (error) throw error;
  const of = (nodeId: string, type: string) =>
    (entry.files[nodeId] ?? []).filter((file) => file.type === type);
  const [file, ...more] = ["output", "temp"].map((type) => of(outputNode, type))
    .find((files) => files.length > 0) ?? [];
  const failure = (sentence: string) =>
    new WorkflowExecutionError(sentence, outputNode, entry.graph[outputNode]?.class_type);
  if (!file) throw failure(`Cannot find the result: node ${outputNode} saved no picture`);
  if (isOutside(file)) {
    throw failure(
      `Cannot fetch the result: node ${outputNode} saved it in ${file.subfolder} (wanted a folder below ComfyUI's ${file.type})`,
    );
  }
  const others = Object.keys(entry.files).filter((nodeId) => nodeId !== outputNode)
    .flatMap((nodeId) => of(nodeId, "output"));
  return [file, ...[...more, ...others].filter((each) => !isOutside(each))];
}

/** True where `/view` does not give it, and answers 403 as a login before ComfyUI does. */
function isOutside({ subfolder }: StoredFile): boolean {
  return /^([\\/]|[A-Za-z]:)/.test(subfolder) || subfolder.split(/[\\/]/).includes("..");
}

/** True where nothing was computed: all that the output node is linked to came from ComfyUI's cache. */
function isCached(entry: HistoryEntry, outputNode: string): boolean {
  const sources = Object.values(entry.graph[outputNode]?.inputs ?? {})
    .flatMap((input) => Array.isArray(input) ? [String(input[0])] : []);
  return sources.length > 0 && sources.every((nodeId) => entry.cachedNodes.includes(nodeId));
}
