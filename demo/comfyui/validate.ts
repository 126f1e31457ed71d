/**
 * Whether ComfyUI would take a graph, and in which words it refuses one: execution.py's `validate_prompt` of 0.3.64.
 * Pure but for one thing that is ComfyUI's too: literal inputs are converted in place (`"8"` becomes 8 for an INT).
 */
import { z } from "zod";
import type { Catalog, InputClass, NodeClass } from "./catalog.ts";
import { checkLiteral, errorOf, isAccepted, type ValidationError } from "./input_check.ts";
import { PythonError, repr } from "./python.ts";

/** One node of a posted graph. */
export interface GraphNode {
  readonly class_type: string;
  readonly inputs: Record<string, unknown>;
}

/** A posted graph, by node_id. */
export type Graph = Readonly<Record<string, GraphNode>>;

interface NodeErrors {
  readonly errors: readonly ValidationError[];
  readonly dependent_outputs: string[];
  readonly class_type: string;
}

/** With `valid`, `outputs` are the output nodes that will run; `nodeErrors` can name others that will not. */
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
  };

const RawNode = z.looseObject({
  class_type: z.string(),
  inputs: z.record(z.string(), z.unknown()),
});
const MAX_DEPTH = 900;

/** The link in an input's value (any list is one to ComfyUI), or undefined for a literal. */
export function linkOf(
  value: unknown,
): { readonly node: string; readonly slot: number } | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  return { node: String(value[0]), slot: Number(value[1]) };
}

/**
 * Validates a graph as posted. `imageExists` answers for LoadImage's `image`.
 */
export function validateGraph(
  posted: Readonly<Record<string, unknown>>,
  catalog: Pick<Catalog, "get">,
  imageExists: (annotated: string) => boolean,
): Validation {
  const graph: Record<string, GraphNode> = {};
  const outputs: string[] = [];
  for (const [id, raw] of Object.entries(posted)) {
    const node = RawNode.safeParse(raw).data;
    if (node === undefined) {
      return refused("Cannot execute because a node is missing the class_type property.", id);
    }
    const nodeClass = catalog.get(node.class_type);
    if (nodeClass === undefined) {
      return refused(`Cannot execute because node ${node.class_type} does not exist.`, id);
    }
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
  return validateOutputs(new InputCheck(graph, catalog, imageExists), graph, outputs);
}

function validateOutputs(check: InputCheck, graph: Graph, outputs: readonly string[]): Validation {
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

interface NodeResult {
  readonly valid: boolean;
  readonly errors: readonly ValidationError[];
}

/** `validate_inputs` with its memory of nodes already seen. */
class InputCheck {
  readonly results = new Map<string, NodeResult>();
  readonly #graph: Graph;
  readonly #catalog: Pick<Catalog, "get">;
  readonly #imageExists: (annotated: string) => boolean;

  constructor(
    graph: Graph,
    catalog: Pick<Catalog, "get">,
    imageExists: (annotated: string) => boolean,
  ) {
    this.#graph = graph;
    this.#catalog = catalog;
    this.#imageExists = imageExists;
  }

  /** Validates from an output node upwards. */
  output(id: string): NodeResult {
    try {
      return this.#node(id, 0);
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      const result = {
        valid: false,
        errors: [
          errorOf(
            "exception_during_validation",
            "Exception when validating node",
            error.message,
            { exception_type: error.type, traceback: [] },
          ),
        ],
      };
      this.results.set(id, result);
      return result;
    }
  }

  #node(id: string, depth: number): NodeResult {
    const known = this.results.get(id);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) {
      throw new PythonError("RecursionError", "maximum recursion depth exceeded");
    }
    const [node, nodeClass] = this.#classOf(id);
    const errors: ValidationError[] = [];
    let valid = true;
    for (const input of nodeClass.inputs) {
      if (!(input.name in node.inputs)) {
        if (input.required) errors.push(missing(input));
        continue;
      }
      const value = node.inputs[input.name];
      if (Array.isArray(value)) {
        const outcome = this.#link(input, value, depth);
        if (outcome === "invalid") valid = false;
        else if (outcome !== "valid") errors.push(outcome);
        continue;
      }
      const outcome = checkLiteral(input, value, nodeClass.name === "LoadImage");
      if ("error" in outcome) errors.push(outcome.error);
      else node.inputs[input.name] = outcome.value;
    }
    if (nodeClass.name === "LoadImage") errors.push(...this.#image(node));
    const result = { valid: valid && errors.length === 0, errors };
    this.results.set(id, result);
    return result;
  }

  #link(
    input: InputClass,
    value: readonly unknown[],
    depth: number,
  ): ValidationError | "valid" | "invalid" {
    const link = linkOf(value);
    if (link === undefined) {
      return errorOf(
        "bad_linked_input",
        "Bad linked input, must be a length-2 list of [node_id, slot_index]",
        input.name,
        { input_name: input.name, input_config: input.config, received_value: value },
      );
    }
    const [, from] = this.#classOf(link.node);
    const received = from.outputs.at(link.slot);
    if (received === undefined) throw new PythonError("IndexError", "tuple index out of range");
    if (!isAccepted(received, input.type)) {
      return errorOf(
        "return_type_mismatch",
        "Return type mismatch between linked nodes",
        `${input.name}, received_type(${received}) mismatch input_type(${input.type})`,
        {
          input_name: input.name,
          input_config: input.config,
          received_type: received,
          linked_node: value,
        },
      );
    }
    try {
      return this.#node(link.node, depth + 1).valid ? "valid" : "invalid";
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      this.results.set(link.node, {
        valid: false,
        errors: [
          errorOf(
            "exception_during_inner_validation",
            "Exception when validating inner node",
            error.message,
            {
              input_name: input.name,
              input_config: input.config,
              exception_message: error.message,
              exception_type: error.type,
              traceback: [],
              linked_node: value,
            },
          ),
        ],
      });
      return "invalid";
    }
  }

  #classOf(id: string): readonly [GraphNode, NodeClass] {
    const node = Object.hasOwn(this.#graph, id) ? this.#graph[id] : undefined;
    const nodeClass = node && this.#catalog.get(node.class_type);
    if (node === undefined || nodeClass === undefined) throw new PythonError("KeyError", repr(id));
    return [node, nodeClass];
  }

  #image(node: GraphNode): readonly ValidationError[] {
    const image = node.inputs["image"];
    if (typeof image !== "string" || this.#imageExists(image)) return [];
    return [
      errorOf(
        "custom_validation_failed",
        "Custom validation failed for node",
        `image - Invalid image file: ${image}`,
        { input_name: "image" },
      ),
    ];
  }
}

function missing(input: InputClass): ValidationError {
  return errorOf("required_input_missing", "Required input is missing", input.name, {
    input_name: input.name,
  });
}

function refused(message: string, id: string): Validation {
  return {
    type: "invalid",
    error: errorOf("invalid_prompt", message, `Node ID '#${id}'`, {}),
    nodeErrors: {},
  };
}
