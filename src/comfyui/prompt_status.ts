/**
 * Where a prompt stands, from the jobs API or else from `/history` and `/queue`, and taking it out of there. Knows no socket
 * and no retry.
 */
import { wait } from "../lib/mod.ts";
import { type ApiPrompt } from "../templates/mod.ts";
import type { ComfyClient } from "./client.ts";
import type { HistoryEntry, QueueState } from "./http_schema.ts";

/** Where a prompt stands. `absent`: ComfyUI does not know it, or knows it no more. */
export type PromptStatus =
  | { readonly type: "ended"; readonly entry: HistoryEntry }
  /** The jobs API says no graph: `queuedGraph` does. */
  | { readonly type: "running" | "pending"; readonly graph?: ApiPrompt }
  | { readonly type: "absent" };

/**
 * Without the jobs API both are asked, for history is empty for a prompt that waits or runs; and history again, for it may end
 * in between.
 */
export async function promptStatus(
  client: ComfyClient,
  promptId: string,
  signal: AbortSignal,
): Promise<PromptStatus> {
  const job = await client.job(promptId, signal);
  if (job) return job;
  const before = await client.history(promptId, signal);
  if (before) return { type: "ended", entry: before };
  const queued = statusIn(await client.queue(signal), promptId);
  if (queued) return queued;
  const after = await client.history(promptId, signal);
  return after ? { type: "ended", entry: after } : { type: "absent" };
}

/** The graph of a prompt that waits or runs; undefined where it does neither any more. */
export async function queuedGraph(
  client: ComfyClient,
  promptId: string,
  signal: AbortSignal,
): Promise<ApiPrompt | undefined> {
  return statusIn(await client.queue(signal), promptId)?.graph;
}

function statusIn(
  queue: QueueState,
  promptId: string,
): { readonly type: "running" | "pending"; readonly graph: ApiPrompt } | undefined {
  const isIt = (item: { promptId: string }) => item.promptId === promptId;
  const running = queue.running.find(isIt);
  if (running) return { type: "running", graph: running.graph };
  const pending = queue.pending.find(isIt);
  return pending && { type: "pending", graph: pending.graph };
}

/** Looks after an interrupt, each further one sent again: ComfyUI forgets one that comes just as a prompt starts. */
const confirmDelaysMs = [20, 80, 300];

/**
 * Takes a prompt out of the queue, or interrupts it where it runs, and looks again, for it may begin to run in between.
 * An interrupt takes effect at the next step: it may still run when this resolves.
 */
export async function withdraw(
  client: ComfyClient,
  promptId: string,
  signal: AbortSignal,
): Promise<void> {
  for (const delayMs of [0, ...confirmDelaysMs]) {
    if (delayMs > 0) await wait(delayMs, signal);
    const isStopped = await client.cancelJob(promptId, signal) ??
      await stopInQueue(client, promptId, signal);
    if (!isStopped) return;
  }
}

/** Without the jobs API. False where there was nothing to stop, or nothing is left of it. */
async function stopInQueue(
  client: ComfyClient,
  promptId: string,
  signal: AbortSignal,
): Promise<boolean> {
  let status = statusIn(await client.queue(signal), promptId);
  if (status?.type === "pending") {
    await client.deleteFromQueue(promptId, signal);
    status = statusIn(await client.queue(signal), promptId);
  }
  if (status?.type === "running") await client.interrupt(promptId, signal);
  return status !== undefined;
}
