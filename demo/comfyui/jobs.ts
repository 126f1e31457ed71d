/**
 * `GET /api/jobs/{id}` of ComfyUI 0.6 and up: comfy_execution/jobs.py's view of the queue and the history.
 */
import type { HistoryEntry, PromptQueue } from "./queue.ts";

/** The job of that prompt id, or undefined where neither queue nor history knows it. */
export function jobOf(queue: PromptQueue, promptId: string): unknown {
  const entry = queue.historyOf(promptId);
  if (entry !== undefined) return endedJob(promptId, entry);
  const { running, pending } = queue;
  if (running?.promptId === promptId) return waitingJob(promptId, "in_progress", running.number);
  const waiting = pending.find((item) => item.promptId === promptId);
  return waiting && waitingJob(promptId, "pending", waiting.number);
}

function waitingJob(id: string, status: "in_progress" | "pending", priority: number) {
  return { id, status, priority, outputs_count: 0 };
}

function endedJob(id: string, entry: HistoryEntry) {
  const { status, outputs, item } = entry;
  const find = (event: string) => status.messages.find(([type]) => type === event)?.[1];
  const interrupted = find("execution_interrupted");
  const error = find("execution_error");
  const end = find("execution_success") ?? error ?? interrupted;
  const isDone = status.status_str === "success";
  return {
    id,
    status: isDone ? "completed" : interrupted === undefined ? "failed" : "cancelled",
    priority: item.number,
    execution_start_time: find("execution_start")?.["timestamp"],
    execution_end_time: end?.["timestamp"],
    execution_error: error,
    outputs_count: Object.keys(outputs).length,
    outputs,
    execution_status: status,
    workflow: { prompt: item.graph, extra_data: item.extraData },
  };
}
