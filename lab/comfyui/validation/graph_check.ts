/**
 * What ComfyUI says of the nodes of a graph, from an output upwards: execution.py's `validate_inputs` with its memory.
 */
import type { ReleaseTraits } from "../release.ts";
import { type Graph, type GraphNode, linkOf } from "../graph.ts";
import { PythonError, repr } from "../python.ts";
import type { Catalog, InputClass, NodeClass } from "./catalog.ts";
import { finalInputs } from "./dynamic_inputs.ts";
import { checkLiteral, errorOf, isAccepted, type ValidationError } from "./input_check.ts";

/** What validation needs to know. */
export interface ValidationDeps {
  readonly catalog: Pick<Catalog, "get">;
  readonly traits: Pick<ReleaseTraits, "namesMissingNodes" | "findsCycles">;
  /** Answers for LoadImage's `image`. */
  readonly imageExists: (annotated: string) => boolean;
}

/** What was said of one node. */
export interface NodeResult {
  readonly valid: boolean;
  readonly errors: readonly ValidationError[];
}

const MAX_DEPTH = 900;

/** The nodes of one graph, each looked at once. */
export class GraphCheck {
  readonly results = new Map<string, NodeResult>();
  readonly #graph: Graph;
  readonly #deps: ValidationDeps;
  /** The nodes from the output down to the one that is looked at. */
  readonly #path: string[] = [];

  constructor(graph: Graph, deps: ValidationDeps) {
    this.#graph = graph;
    this.#deps = deps;
  }

  /** Validates from an output node upwards. */
  output(id: string): NodeResult {
    try {
      return this.#node(id);
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

  #node(id: string): NodeResult {
    const known = this.results.get(id) ?? this.#cycleAt(id);
    if (known !== undefined) return known;
    if (this.#path.length > MAX_DEPTH) {
      throw new PythonError("RecursionError", "maximum recursion depth exceeded");
    }
    this.#path.push(id);
    try {
      const result = this.#inputs(id);
      // A cycle through this node has said more of it.
      if (!this.results.has(id)) this.results.set(id, result);
      return this.results.get(id) ?? result;
    } finally {
      this.#path.pop();
    }
  }

  #inputs(id: string): NodeResult {
    const [node, nodeClass] = this.#classOf(id);
    const errors: ValidationError[] = [];
    let valid = true;
    for (const input of finalInputs(nodeClass, node.inputs)) {
      if (!(input.name in node.inputs)) {
        if (input.required) errors.push(missing(input));
        continue;
      }
      const value = node.inputs[input.name];
      if (Array.isArray(value)) {
        const outcome = this.#link(input, value);
        if (outcome === "invalid") valid = false;
        else if (outcome !== "valid") errors.push(outcome);
        continue;
      }
      const outcome = checkLiteral(input, value, nodeClass.name === "LoadImage");
      if ("error" in outcome) errors.push(outcome.error);
      else node.inputs[input.name] = outcome.value;
    }
    if (nodeClass.name === "LoadImage") errors.push(...this.#image(node));
    return { valid: valid && errors.length === 0, errors };
  }

  /** What is said of every node of a cycle where the path comes back to one of its own. */
  #cycleAt(id: string): NodeResult | undefined {
    const start = this.#path.indexOf(id);
    if (start < 0 || !this.#deps.traits.findsCycles) return undefined;
    const nodes = this.#path.slice(start);
    const details = [...nodes, id].map((node) => `${node} (${this.#graph[node]?.class_type})`);
    for (const node of nodes) {
      const error = errorOf(
        "dependency_cycle",
        "Dependency cycle detected",
        details.join(" -> "),
        { node_id: node, cycle_nodes: nodes },
      );
      this.results.set(node, { valid: false, errors: [error] });
    }
    return this.results.get(id);
  }

  #link(
    input: InputClass,
    value: readonly unknown[],
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
    if (received === undefined) {
      const kind = from.isV3 ? "list" : "tuple";
      throw new PythonError("IndexError", `${kind} index out of range`);
    }
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
      return this.#node(link.node).valid ? "valid" : "invalid";
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
    const nodeClass = node && this.#deps.catalog.get(node.class_type);
    if (node === undefined || nodeClass === undefined) throw new PythonError("KeyError", repr(id));
    return [node, nodeClass];
  }

  #image(node: GraphNode): readonly ValidationError[] {
    const image = node.inputs["image"];
    if (typeof image !== "string" || this.#deps.imageExists(image)) return [];
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

/** `details` has the last part of a dotted name only. */
function missing({ name }: InputClass): ValidationError {
  const details = name.slice(name.lastIndexOf(".") + 1);
  return errorOf("required_input_missing", "Required input is missing", details, {
    input_name: name,
  });
}
