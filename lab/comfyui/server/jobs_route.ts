/**
 * `/api/jobs` as recorded from 0.33: comfy_execution/jobs.py's view of the queue and the history. Changes nothing.
 */
import type { HistoryEntry, PromptQueue, QueueItem } from "../engine/queue.ts";

type Job = Readonly<Record<string, unknown>>;

const STATUSES = ["pending", "in_progress", "completed", "failed", "cancelled"];
const PREVIEWABLE = new Set(["images", "video", "audio"]);

/** What is asked of the list; the query of the request. */
export interface JobsAnswer {
  readonly status: 200 | 400;
  readonly body: unknown;
}

/** `GET /api/jobs/{id}`: the job of that prompt id, or undefined where neither queue nor history knows it. */
export function jobOf(queue: PromptQueue, promptId: string): Job | undefined {
  const entry = queue.historyOf(promptId);
  if (entry !== undefined) {
    const { item, outputs, status } = entry;
    return {
      ...endedJob(entry),
      outputs,
      execution_status: status,
      workflow: { prompt: item.graph, extra_data: item.extraData },
    };
  }
  const { running, pending } = queue;
  if (running?.promptId === promptId) return waitingJob(running, "in_progress");
  const waiting = pending.find((item) => item.promptId === promptId);
  return waiting && waitingJob(waiting, "pending");
}

/** `GET /api/jobs`: the latest first, of the statuses asked for, `limit` of them from `offset` on. */
export function listJobs(queue: PromptQueue, query: URLSearchParams): JobsAnswer {
  const wanted = query.get("status")?.split(",") ?? STATUSES;
  const unknown = wanted.filter((status) => !STATUSES.includes(status));
  if (unknown.length > 0) {
    const valid = STATUSES.join(", ");
    const error = `Invalid status value(s): ${unknown.join(", ")}. Valid values: ${valid}`;
    return { status: 400, body: { error } };
  }
  const all: readonly Job[] = [
    ...(queue.running === undefined ? [] : [waitingJob(queue.running, "in_progress")]),
    ...queue.pending.map((item) => waitingJob(item, "pending")),
    ...Object.values(queue.history()).map(endedJob),
  ];
  const jobs = all
    .filter((job) => wanted.includes(String(job["status"])))
    .sort((a, b) =>
      Number(b["create_time"]) - Number(a["create_time"]) ||
      Number(b["priority"]) - Number(a["priority"])
    );
  const offset = Number(query.get("offset") ?? 0);
  const limit = query.has("limit") ? Number(query.get("limit")) : null;
  const end = limit === null ? jobs.length : offset + limit;
  const pagination = { offset, limit, total: jobs.length, has_more: end < jobs.length };
  return { status: 200, body: { jobs: jobs.slice(offset, end), pagination } };
}

function waitingJob(item: QueueItem, status: "in_progress" | "pending"): Job {
  return {
    id: item.promptId,
    status,
    priority: item.number,
    create_time: item.extraData["create_time"],
    outputs_count: 0,
    previewable_outputs_count: 0,
  };
}

function endedJob({ status, outputs, item }: HistoryEntry): Job {
  const find = (event: string) => status.messages.find(([type]) => type === event)?.[1];
  const interrupted = find("execution_interrupted");
  const error = find("execution_error");
  const end = find("execution_success") ?? error ?? interrupted;
  const isDone = status.status_str === "success";
  const items = outputItems(outputs);
  const previewable = items.filter(({ mediaType }) => PREVIEWABLE.has(mediaType));
  const preview = previewable.find(({ item }) => item["type"] === "output") ?? previewable[0];
  return {
    id: item.promptId,
    status: isDone ? "completed" : interrupted === undefined ? "failed" : "cancelled",
    priority: item.number,
    create_time: item.extraData["create_time"],
    execution_start_time: find("execution_start")?.["timestamp"],
    execution_end_time: end?.["timestamp"],
    execution_error: error,
    outputs_count: items.length,
    previewable_outputs_count: previewable.length,
    preview_output: preview &&
      { ...preview.item, nodeId: preview.nodeId, mediaType: preview.mediaType },
  };
}

interface OutputItem {
  readonly nodeId: string;
  /** `images`, … */
  readonly mediaType: string;
  readonly item: Readonly<Record<string, unknown>>;
}

function outputItems(outputs: Readonly<Record<string, unknown>>): readonly OutputItem[] {
  return Object.entries(outputs).flatMap(([nodeId, output]) =>
    Object.entries(output ?? {}).flatMap(([mediaType, items]) =>
      Array.isArray(items)
        ? items.filter((item) => typeof item === "object" && item !== null)
          .map((item) => ({ nodeId, mediaType, item }))
        : []
    )
  );
}
