/**
 * What ComfyUI says went wrong with a graph, as errors with a readable sentence. Pure.
 */
import {
  WorkflowExecutionError,
  WorkflowInterruptedError,
  WorkflowRefusedError,
} from "../errors.ts";
import type { HistoryEntry, Rejection } from "./answers.ts";

/** A sentence is for people; ComfyUI lists whole folders in it. */
const maxDetailChars = 300;

/** `POST /prompt` answered 400: the graph was refused before it ran. */
export function rejectionError(rejection: Rejection): WorkflowRefusedError {
  const nodes = Object.entries(rejection.node_errors);
  const [first] = nodes;
  if (!first) {
    const { message, details } = rejection.error;
    const sentence = [message, details].filter((part) => part !== "").join(" ");
    return new WorkflowRefusedError(`Cannot run the workflow: ${cut(sentence)}`);
  }
  const sentences = nodes.map(([nodeId, node]) => {
    const reasons = node.errors.map(({ message, details, extra_info }) =>
      // ComfyUI says in `details` either the whole story or only the input's name.
      details === "" || details === extra_info.input_name
        ? [details, message].filter((part) => part !== "").join(": ")
        : details
    );
    return `${nodeName(nodeId, node.class_type)}: ${cut(reasons.join("; ") || "refused")}`;
  });
  const [nodeId, { class_type }] = first;
  return new WorkflowRefusedError(`Cannot run ${sentences.join("; ")}`, nodeId, class_type);
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
