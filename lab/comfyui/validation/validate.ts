/**
 * Whether ComfyUI would take a graph, and in which words it refuses one: execution.py's `validate_prompt`, of either release.
 * Pure but for one thing that is ComfyUI's too: literal inputs are converted in place (`"8"` becomes 8 for an INT).
 */
import { z } from "zod";
import type { Graph, GraphNode } from "../graph.ts";
import { GraphCheck, type ValidationDeps } from "./graph_check.ts";
import { errorOf, type ValidationError } from "./input_check.ts";

interface NodeErrors {
  readonly errors: readonly ValidationError[];
  readonly dependent_outputs: string[];
  readonly class_type: string;
}

/**
 * With `valid`, `outputs` are the output nodes that will run; `nodeErrors` can name others that will not. `crash`: the server falls
 * over the graph and answers 500.
 */
export type Validation =
  | {
    readonly type: "valid";
    readonly graph: Graph;
    readonly outputs: readonly string[];
    readonly nodeErrors: Readonly<Record<string, NodeErrors>>;
  }
  | {
    readonly type: "invalid";
    readonly error: ValidationError;
    readonly nodeErrors: Readonly<Record<string, NodeErrors>>;
  }
  | { readonly type: "crash" };

const RawNode = z.looseObject({
  class_type: z.string(),
  inputs: z.record(z.string(), z.unknown()),
});
const Titled = z.looseObject({ _meta: z.looseObject({ title: z.string() }) });
const MISSING_CLASS_TYPE = "Cannot execute because a node is missing the class_type property.";

/** Validates a graph as posted. */
export function validateGraph(
  posted: Readonly<Record<string, unknown>>,
  deps: ValidationDeps,
): Validation {
  const graph: Record<string, GraphNode> = {};
  const outputs: string[] = [];
  for (const [id, raw] of Object.entries(posted)) {
    const node = RawNode.safeParse(raw).data;
    if (node === undefined) return withoutClass(id, raw, deps.traits);
    const nodeClass = deps.catalog.get(node.class_type);
    if (nodeClass === undefined) return missingClass(id, node, deps.traits);
    graph[id] = node;
    if (nodeClass.outputNode) outputs.push(id);
  }
  if (outputs.length === 0) {
    return {
      type: "invalid",
      error: errorOf("prompt_no_outputs", "Prompt has no outputs", "", {}),
      nodeErrors: {},
    };
  }
  return validateOutputs(new GraphCheck(graph, deps), graph, outputs);
}

function validateOutputs(check: GraphCheck, graph: Graph, outputs: readonly string[]): Validation {
  const good: string[] = [];
  const details: string[] = [];
  const nodeErrors: Record<string, NodeErrors> = {};
  for (const output of outputs) {
    const own = check.output(output);
    if (own.valid) {
      good.push(output);
      continue;
    }
    details.push(...own.errors.map(({ message, details }) => `${message}: ${details}`));
    for (const [id, { valid, errors }] of check.results) {
      if (valid || errors.length === 0) continue;
      const entry = nodeErrors[id] ??= {
        errors,
        dependent_outputs: [],
        class_type: graph[id]?.class_type ?? "",
      };
      entry.dependent_outputs.push(output);
    }
  }
  if (good.length > 0) return { type: "valid", graph, outputs: good, nodeErrors };
  return {
    type: "invalid",
    error: errorOf(
      "prompt_outputs_failed_validation",
      "Prompt outputs failed validation",
      details.join("\n"),
      {},
    ),
    nodeErrors,
  };
}

/** A node that is none: what is no object at all (a workflow of the web page's format) makes Python raise. */
function withoutClass(
  id: string,
  raw: unknown,
  { namesMissingNodes }: ValidationDeps["traits"],
): Validation {
  const isObject = typeof raw === "object" && raw !== null;
  if (!namesMissingNodes) {
    return isObject || typeof raw === "string"
      ? refused("invalid_prompt", MISSING_CLASS_TYPE, id, {})
      : { type: "crash" };
  }
  if (!isObject || Array.isArray(raw)) return { type: "crash" };
  const title = titleOf(raw);
  return refused(
    "missing_node_type",
    `Node '${title ?? `ID #${id}`}' has no class_type. ` +
      "The workflow may be corrupted or a custom node is missing.",
    id,
    { node_id: id, class_type: null, node_title: title ?? null },
  );
}

function missingClass(
  id: string,
  node: GraphNode,
  { namesMissingNodes }: ValidationDeps["traits"],
): Validation {
  const { class_type } = node;
  if (!namesMissingNodes) {
    const message = `Cannot execute because node ${class_type} does not exist.`;
    return refused("invalid_prompt", message, id, {});
  }
  const title = titleOf(node) ?? class_type;
  return refused(
    "missing_node_type",
    `Node '${title}' not found. The custom node may not be installed.`,
    id,
    { node_id: id, class_type, node_title: title },
  );
}

function titleOf(node: unknown): string | undefined {
  return Titled.safeParse(node).data?._meta.title;
}

function refused(
  type: string,
  message: string,
  id: string,
  extra: Readonly<Record<string, unknown>>,
): Validation {
  const error = errorOf(type, message, `Node ID '#${id}'`, extra);
  return { type: "invalid", error, nodeErrors: {} };
}
