/**
 * Where a prompt stands, from `/history` and `/queue`, and taking it out of there. Knows no socket and no retry.
 */
import type { HistoryEntry, QueueState } from "./answers.ts";
import type { ComfyClient } from "./client.ts";
import type { ApiPrompt } from "../workflow.ts";
import { wait } from "./wait.ts";

/** Where a prompt stands. `absent`: ComfyUI does not know it, or knows it no more. */
export type Standing =
  | { readonly type: "ended"; readonly entry: HistoryEntry }
  | { readonly type: "running" | "pending"; readonly graph: ApiPrompt }
  | { readonly type: "absent" };

/** Asks both, for history is empty for a prompt that waits or runs; and history again, for it may end in between. */
export async function lookUp(
  client: ComfyClient,
  promptId: string,
  signal: AbortSignal,
): Promise<Standing> {
  const before = await client.history(promptId, signal);
  if (before) return { type: "ended", entry: before };
  const queued = standingIn(await client.queue(signal), promptId);
  if (queued) return queued;
  const after = await client.history(promptId, signal);
  return after ? { type: "ended", entry: after } : { type: "absent" };
}

function standingIn(
  queue: QueueState,
  promptId: string,
): Extract<Standing, { graph: ApiPrompt }> | undefined {
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
    let standing = standingIn(await client.queue(signal), promptId);
    if (standing?.type === "pending") {
      await client.deleteFromQueue(promptId, signal);
      standing = standingIn(await client.queue(signal), promptId);
    }
    if (!standing) return;
    if (standing.type === "running") await client.interrupt(promptId, signal);
  }
}
