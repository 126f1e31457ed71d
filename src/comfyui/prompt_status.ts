/**
 * The status of a prompt, from the jobs API or else from `/history` and `/queue`, and its cancellation. Knows no socket
 * and no retry.
 */
import { type BackendFile } from "../jobs/mod.ts";
import { wait } from "../lib/mod.ts";
import { type ApiPrompt } from "../templates/mod.ts";
import { type PromptCopies } from "../worker/mod.ts";
import type { ComfyClient } from "./client.ts";
import type { HistoryEntry, QueueState } from "./http_schema.ts";

/** The status of a prompt. `absent`: ComfyUI does not know it, or no longer knows it. */
export type PromptStatus =
  | { readonly type: "ended"; readonly entry: HistoryEntry }
  /** The jobs API has no graph: `queuedGraph` gives it. */
  | { readonly type: "running" | "pending"; readonly graph?: ApiPrompt }
  | { readonly type: "absent" };

/**
 * Without the jobs API both are read, because history has nothing of a prompt that waits or runs; then history again, because
 * the prompt may have ended in between.
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

/** The graph of a prompt that waits or runs; undefined when it no longer does either. */
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

/** Pauses before the status is checked and the interrupt sent again: ComfyUI loses one that comes just as a prompt starts. */
const confirmDelaysMs = [20, 80, 300];

/**
 * Takes a prompt out of the queue, or interrupts it where it runs, and checks again, because it may begin to run in between.
 * An interrupt takes effect at the next step: the prompt may still run when this resolves.
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

/** A picture of one pixel (PNG). */
const blank = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
);

/** What the nodes of a prompt that has ended have written. */
export function savedFiles({ files }: HistoryEntry): BackendFile[] {
  return Object.values(files).flat()
    .filter(({ type }) => type === "output" || type === "temp")
    .map(({ filename, subfolder, type }) => ({ name: filename, subfolder, folder: type }));
}

/**
 * Overwrites the files of a prompt that has ended and takes it out of the history; false while it has not ended. ComfyUI has no way
 * to delete a file, and takes an upload into each of its folders, over one of the same name (server.py, `get_dir_by_type`).
 */
export async function erasePrompt(
  client: ComfyClient,
  { promptId, files }: PromptCopies,
  signal: AbortSignal,
): Promise<boolean> {
  const status = await promptStatus(client, promptId, signal);
  if (status.type === "running" || status.type === "pending") return false;
  const all = [...files, ...status.type === "ended" ? savedFiles(status.entry) : []];
  const unique = new Map(
    all.map((file) => [`${file.folder}/${file.subfolder}/${file.name}`, file]),
  );
  for (const file of unique.values()) await client.overwrite(file, blank, signal);
  await client.deleteFromHistory(promptId, signal);
  return true;
}
