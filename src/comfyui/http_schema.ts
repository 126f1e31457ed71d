/**
 * What ComfyUI answers over HTTP, parsed at the border into this program's words; ws_schema.ts has the WebSocket half.
 * Read item by item, for custom nodes and prompts of other clients have a say in them: what cannot be read is left out, the
 * rest is kept. Pure: knows no fetch.
 *
 * Shapes are those of ComfyUI's server.py and execution.py, checked against recordings of 0.3.64 and 0.33.
 */
import { z } from "zod";
import { type ApiPrompt } from "../templates/mod.ts";
import { type BackendHealth } from "../worker/mod.ts";

const id = z.union([z.string(), z.number().transform(String)]);

/** The items of a list that `item` can read. */
function readable<S extends z.ZodType>(item: S) {
  return z.array(z.unknown()).transform((items) => items.flatMap((each) => read(item, each)));
}

/** The values of an object that `value` can read. */
function readableValues<S extends z.ZodType>(value: S) {
  return z.record(z.string(), z.unknown()).transform((values): Record<string, z.output<S>> =>
    Object.fromEntries(
      Object.entries(values).flatMap(([key, each]) =>
        read(value, each).map((parsed) => [key, parsed])
      ),
    )
  );
}

/** One item or none. */
function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S>[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [parsed.data] : [];
}

/** A graph that ComfyUI returns; what is not a node is left out. */
const graph = readableValues(
  z.object({ class_type: z.string(), inputs: z.record(z.string(), z.unknown()) }),
).catch({}).transform((nodes): ApiPrompt => nodes);

/** `[number, prompt_id, graph, extra_data, outputs_to_execute, …]`, in the queue and in the history. */
const queueItem = z.tuple([z.number().catch(0), z.string(), graph]).rest(z.unknown())
  .transform(([number, promptId, graph]) => ({ number, promptId, graph }));

/** `GET /queue`; what waits in the order in which it runs: ComfyUI gives its heap as it is. */
export const queueAnswer = z.object({
  queue_running: readable(queueItem),
  queue_pending: readable(queueItem),
}).transform(({ queue_running: running, queue_pending: pending }) => ({
  running,
  pending: pending.toSorted((a, b) => a.number - b.number),
}));
export type QueueState = z.output<typeof queueAnswer>;

const storedFile = z.object({
  filename: z.string().min(1),
  subfolder: z.string().default(""),
  type: z.string().default("output"),
});
/** A file in one of ComfyUI's folders; `type` is `output`, `temp` or `input`. */
export type StoredFile = z.output<typeof storedFile>;

/** `execution_error` and `execution_interrupted` as the history keeps them. */
const executionError = z.object({
  node_id: id.nullish(),
  node_type: z.string().nullish(),
  exception_message: z.string().nullish(),
  exception_type: z.string().nullish(),
}).transform((error) => ({
  nodeId: error.node_id ?? undefined,
  nodeType: error.node_type ?? undefined,
  message: error.exception_message ?? undefined,
  exception: error.exception_type ?? undefined,
}));

/** Files by the node that saved them: `images` of ComfyUI's own nodes, `gifs`, `video` and others of custom ones. */
const savedFiles = readableValues(
  z.record(z.string(), z.unknown()).transform((lists) =>
    Object.values(lists).flatMap((list) => read(readable(storedFile), list).flat())
  ),
).transform((byNode) =>
  Object.fromEntries(Object.entries(byNode).filter(([, files]) => files.length > 0))
);
const endStatus = z.object({
  status_str: z.string(),
  messages: readable(z.tuple([z.string(), z.unknown()])).catch([]),
});

const historyEntry = z.object({
  prompt: queueItem.transform((item) => item.graph).catch({}),
  outputs: savedFiles.catch({}),
  status: endStatus.nullish().catch(undefined),
}).transform(({ prompt, outputs, status }) => entryOf(prompt, outputs, status ?? undefined));
/** A prompt that has ended. */
export type HistoryEntry = z.output<typeof historyEntry>;

function entryOf(
  graph: ApiPrompt,
  files: Readonly<Record<string, readonly StoredFile[]>>,
  status: z.output<typeof endStatus> | undefined,
) {
  const message = (name: string) => status?.messages.find(([type]) => type === name)?.[1];
  const fault = (name: string) => executionError.safeParse(message(name)).data;
  return {
    graph,
    /** Files by the node that saved them, in the order in which they ran. */
    files,
    failed: status?.status_str === "error",
    error: fault("execution_error"),
    interrupted: fault("execution_interrupted"),
    /** Nodes that did not run, for their outputs were there already. */
    cachedNodes: z.object({ nodes: readable(id) })
      .safeParse(message("execution_cached")).data?.nodes ?? [],
  };
}

/** `GET /history/{prompt_id}`: `{}` for a prompt that waits, runs or was never known. */
export const historyAnswer = readableValues(historyEntry);

/**
 * `GET /api/jobs/{id}`: where a prompt stands, and of one that has ended what the history says. One that waits or runs says no
 * graph. An ending without outputs or status is not read: the history may know more.
 */
export const jobAnswer = z.discriminatedUnion("status", [
  z.object({ id: z.string(), status: z.literal("pending") })
    .transform(({ id }) => ({ id, status: { type: "pending" as const } })),
  z.object({ id: z.string(), status: z.literal("in_progress") })
    .transform(({ id }) => ({ id, status: { type: "running" as const } })),
  z.object({
    id: z.string(),
    status: z.enum(["completed", "failed", "cancelled"]),
    outputs: savedFiles,
    execution_status: endStatus,
    workflow: z.object({ prompt: graph }).catch({ prompt: {} }),
  }).transform(({ id, status, outputs, execution_status, workflow }) => {
    const entry = entryOf(workflow.prompt, outputs, execution_status);
    const stopped = status === "cancelled" ? executionError.parse({}) : undefined;
    const interrupted = entry.interrupted ?? stopped;
    return {
      id,
      status: { type: "ended" as const, entry: { ...entry, interrupted } },
    };
  }),
]);

const nodeErrors = readableValues(z.object({
  class_type: z.string().default("?"),
  /** The outputs that do not run because of it. */
  dependent_outputs: readable(id).catch([]),
  errors: readable(z.object({
    message: z.string().default(""),
    details: z.string().default(""),
    extra_info: z.object({ input_name: z.string().optional().catch(undefined) }).catch({}),
  })).catch([]),
})).catch({});
/** What is wrong with a graph, by node. */
export type NodeErrors = z.output<typeof nodeErrors>;

/** `POST /prompt`, accepted: outputs that `node_errors` names do not run, the others do. */
export const submitAnswer = z.object({ prompt_id: z.string(), node_errors: nodeErrors });

/** `POST /prompt`, refused with 400. `node_errors` is `[]` or `{}` where it is not about a node's inputs. */
export const rejectAnswer = z.object({
  error: z.object({
    message: z.string(),
    details: z.string().default(""),
    extra_info: z.object({
      node_id: id.optional().catch(undefined),
      class_type: z.string().optional().catch(undefined),
    }).catch({}),
  }).catch({ message: "the graph is refused", details: "", extra_info: {} }),
  node_errors: nodeErrors,
});
export type Rejection = z.output<typeof rejectAnswer>;

/** `POST /upload/image`; the name may differ from the one asked for. */
export const uploadAnswer = z.object({
  name: z.string().min(1),
  subfolder: z.string().default(""),
});

/** `GET /system_stats`. */
export const systemStatsAnswer = z.object({
  system: z.object({ comfyui_version: z.string().optional().catch(undefined) }),
  devices: z.array(z.object({
    name: z.string(),
    vram_total: z.number(),
    vram_free: z.number(),
  })),
}).transform(({ system, devices }): Pick<BackendHealth, "version" | "devices"> => ({
  version: system.comfyui_version,
  devices: devices.map((device) => ({
    name: device.name,
    vramTotal: device.vram_total,
    vramFree: device.vram_free,
  })),
}));

/** `GET /internal/folder_paths`. */
export const modelFoldersAnswer = z.record(z.string(), z.array(z.string()).catch([]));
/** Absolute paths on ComfyUI's host by the name of a folder under `models/`: `loras`, `diffusion_models`. */
export type ModelFolders = Readonly<Record<string, readonly string[]>>;

/** `GET /features`. */
export const featuresAnswer = z.object({
  supports_preview_metadata: z.boolean().default(false),
  max_upload_size: z.number().positive().optional(),
}).transform((features) => ({
  supportsPreviewMetadata: features.supports_preview_metadata,
  /** Bytes. */
  maxUploadBytes: features.max_upload_size,
}));
export type Features = z.output<typeof featuresAnswer>;

/** `GET /templates/index.json`: `[{moduleName, title, type, templates: [{name, …}]}]`. Gives the names, each once. */
export const templateIndexAnswer = z.array(
  z.object({ templates: z.array(z.object({ name: z.string() })) }),
).transform((groups) => [
  ...new Set(groups.flatMap(({ templates }) => templates.map(({ name }) => name))),
]);
