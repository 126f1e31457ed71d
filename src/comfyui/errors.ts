/**
 * What ComfyUI says went wrong with a graph, as errors with a readable sentence. Pure.
 */
import {
  ComfyUIConnectionError,
  WorkflowExecutionError,
  WorkflowInterruptedError,
  WorkflowRefusedError,
} from "../lib/mod.ts";
import type { HistoryEntry, NodeErrors, Rejection } from "./http_schema.ts";

/** Longest detail in a message: ComfyUI lists whole folders in some. */
const maxDetailChars = 300;

/**
 * ComfyUI's own code failed over a graph: 500 with a line of plain text, where a graph that it understands is answered 200 or
 * 400. It may pass, as what is wrong with a server may; when it does not, it is the graph.
 */
export class SubmitFaultError extends ComfyUIConnectionError {}

/** `POST /prompt` answered 400: the graph was refused before it ran. */
export function rejectionError({ error, node_errors }: Rejection): WorkflowRefusedError {
  const nodes = Object.entries(node_errors);
  if (nodes.length > 0) return nodesError(nodes);
  const sentence = [...new Set([error.message, error.details])].filter((part) => part !== "");
  return new WorkflowRefusedError(
    `Cannot run the workflow: ${cut(sentence.join(" "))}`,
    error.extra_info.node_id,
    error.extra_info.class_type,
  );
}

/** `POST /prompt` answered 200: the refusal of what `outputNode` needs, undefined where that runs. */
export function refusedOutput(
  errors: NodeErrors,
  outputNode: string,
): WorkflowRefusedError | undefined {
  const nodes = Object.entries(errors).filter(([nodeId, { dependent_outputs }]) =>
    nodeId === outputNode || dependent_outputs.includes(outputNode)
  );
  return nodes.length > 0 ? nodesError(nodes) : undefined;
}

type NodeError = NodeErrors[string];

/** `nodes` is not empty; the error is the first one's. */
function nodesError(nodes: readonly [nodeId: string, NodeError][]): WorkflowRefusedError {
  const sentences = nodes.map(([nodeId, { class_type, errors }]) =>
    `${nodeName(nodeId, class_type)}: ${cut(errors.map(reasonOf).join("; ") || "refused")}`
  );
  const [nodeId, first] = nodes[0]!;
  return new WorkflowRefusedError(`Cannot run ${sentences.join("; ")}`, nodeId, first.class_type);
}

/**
 * ComfyUI says in `details` the whole story, beginning with the input's name; or that name alone, of a dotted input only its
 * last part; or what its code said.
 */
function reasonOf({ message, details, extra_info: { input_name } }: NodeError["errors"][number]) {
  const isName = details === input_name || input_name?.endsWith(`.${details}`);
  if (!isName && input_name !== undefined && details.startsWith(input_name)) return details;
  const parts = [input_name ?? "", message, isName ? "" : details];
  return parts.filter((part) => part !== "").join(": ");
}

/** The history says that the prompt ended badly; undefined where it ended well. */
export function historyError(
  entry: HistoryEntry,
): WorkflowExecutionError | WorkflowInterruptedError | undefined {
  if (entry.interrupted) {
    const { nodeId, nodeType } = entry.interrupted;
    const where = nodeId === undefined ? "" : ` at ${nodeName(nodeId, nodeType)}`;
    return new WorkflowInterruptedError(`Cannot finish the workflow: it was interrupted${where}`);
  }
  if (!entry.failed) return undefined;
  const { nodeId, nodeType, message, exception } = entry.error ?? {};
  const what = nodeId === undefined ? "the workflow" : nodeName(nodeId, nodeType);
  return new WorkflowExecutionError(
    `Cannot run ${what}: ${explain(exception, message)}`,
    nodeId,
    nodeType,
  );
}

/** PyTorch's out-of-memory errors: `torch.OutOfMemoryError`, `torch.cuda.OutOfMemoryError`, or a message that says so. */
function explain(exception = "", message = ""): string {
  if (/OutOfMemory/.test(exception) || /out of memory|Allocation on device/i.test(message)) {
    return "the GPU is out of memory (wanted a smaller picture, or free VRAM)";
  }
  const name = exception.split(".").at(-1) ?? "";
  const text = cut(message.trim().replaceAll(/\s+/g, " "));
  return [name, text].filter((part) => part !== "").join(": ") || "ComfyUI does not say why";
}

function nodeName(nodeId: string, nodeType = "?"): string {
  return `node ${nodeId} (${nodeType})`;
}

function cut(text: string): string {
  return text.length > maxDetailChars ? `${text.slice(0, maxDetailChars)}…` : text;
}
