/**
 * What reaches a node that runs: its literals, and what the nodes that it is linked to gave (execution.py's `get_input_data`).
 */
import type { Folders } from "../folders.ts";
import { type Graph, type GraphNode, linkOf } from "../graph.ts";
import { wantedLazily } from "../nodes/nodes.ts";
import type { Value } from "../nodes/values.ts";
import { PythonError, str } from "../python.ts";
import type { Catalog, NodeClass } from "../validation/catalog.ts";
import { finalInputs, unchosenCombos } from "../validation/dynamic_inputs.ts";
import type { GraphCache } from "./node_cache.ts";

/** The inputs of the nodes of one graph, while it runs. */
export class GraphInputs {
  readonly #graph: Graph;
  readonly #catalog: Pick<Catalog, "get">;
  readonly #cache: Pick<GraphCache<Value>, "get">;

  constructor(
    graph: Graph,
    catalog: Pick<Catalog, "get">,
    cache: Pick<GraphCache<Value>, "get">,
  ) {
    this.#graph = graph;
    this.#catalog = catalog;
    this.#cache = cache;
  }

  classOf(id: string): NodeClass | undefined {
    return this.#catalog.get(this.#graph[id]?.class_type ?? "");
  }

  /** By name, links followed. What the class does not know of does not reach it. */
  of(id: string): ReadonlyMap<string, Value> {
    const inputs = new Map<string, Value>();
    const nodeClass = this.classOf(id);
    const given = this.#graph[id]?.inputs ?? {};
    const known = nodeClass && new Set(finalInputs(nodeClass, given).map(({ name }) => name));
    for (const [name, value] of Object.entries(given)) {
      if (known?.has(name) === false) continue;
      const link = linkOf(value);
      const found = link === undefined
        ? { type: "literal", value } as const
        : this.#cache.get(link.node)?.values[link.slot];
      if (found !== undefined) inputs.set(name, found);
    }
    return inputs;
  }

  /** Names of the lazy inputs of its class. */
  lazy(id: string): readonly string[] {
    const inputs = this.classOf(id)?.inputs ?? [];
    return inputs.filter(({ lazy }) => lazy).map(({ name }) => name);
  }

  /** The nodes behind lazy inputs that it wants and that have not run. */
  stillNeeded(id: string): readonly string[] {
    const lazy = this.lazy(id);
    if (lazy.length === 0) return [];
    const node = { classType: this.#graph[id]?.class_type ?? "", inputs: this.of(id) };
    return wantedLazily(node, lazy).flatMap((input) => {
      const link = linkOf(this.#graph[id]?.inputs[input]);
      return link === undefined || this.#cache.get(link.node) !== undefined ? [] : [link.node];
    });
  }

  /**
   * Throws as Python does where an argument is missing: an option that a dynamic combo has not is none
   * (recordings-0.33/execution_error_dynamic_combo_unknown_option).
   */
  check(id: string): void {
    const nodeClass = this.classOf(id);
    const [name] = nodeClass ? unchosenCombos(nodeClass, this.#graph[id]?.inputs ?? {}) : [];
    if (name === undefined) return;
    throw new PythonError(
      "TypeError",
      `${nodeClass?.name}.execute() missing 1 required positional argument: '${name}'`,
    );
  }
}

/** `IS_CHANGED` of LoadImage: another number whenever its file may be another. */
export function fileVersion(
  folders: Pick<Folders, "find">,
  node: GraphNode | undefined,
): number | undefined {
  return node?.class_type === "LoadImage"
    ? folders.find(str(node.inputs["image"]))?.version
    : undefined;
}
