/**
 * ComfyUI's classic output cache: what nodes gave in the last prompt, by class and inputs all the way up. Node ids do not count.
 */
import { type Graph, linkOf } from "../graph.ts";
import { stringifyExact } from "../python.ts";

/** What a node gave. */
export interface NodeResult<Value> {
  readonly values: readonly Value[];
  /** What an output node reports, as in `executed`'s `output`. */
  readonly ui: Readonly<Record<string, unknown>> | undefined;
}

/** Results of the last prompt's nodes, and of the running one's so far. */
export class NodeCache<Value> {
  #results = new Map<string, NodeResult<Value>>();

  /**
   * Turns to a graph: results that it has no node for are dropped. `changed` is a class's `IS_CHANGED`, for LoadImage its
   * file's version.
   */
  turnTo(graph: Graph, changed: (id: string) => unknown): GraphCache<Value> {
    const keys = new Map<string, string>();
    const keyOf = (id: string): string => {
      const known = keys.get(id);
      if (known !== undefined) return known;
      // Only a cycle that no output needs comes back here: validation refuses the others.
      keys.set(id, "cycle");
      const node = graph[id];
      const inputs = Object.entries(node?.inputs ?? {}).sort(([a], [b]) => a < b ? -1 : 1).map(
        ([name, value]) => {
          const link = linkOf(value);
          return link === undefined
            ? `${name}=${stringifyExact(value)}`
            : `${name}<${keyOf(link.node)}>${link.slot}`;
        },
      );
      const key = `${node?.class_type}#${changed(id) ?? ""}(${inputs.join(",")})`;
      keys.set(id, key);
      return key;
    };
    const wanted = new Set(Object.keys(graph).map(keyOf));
    this.#results = new Map([...this.#results].filter(([key]) => wanted.has(key)));
    const results = this.#results;
    return {
      get: (id) => results.get(keyOf(id)),
      set: (id, result) => void results.set(keyOf(id), result),
    };
  }

  clear(): void {
    this.#results.clear();
  }
}

/** The cache as the nodes of one graph see it, by node_id. */
export interface GraphCache<Value> {
  get(id: string): NodeResult<Value> | undefined;
  set(id: string, result: NodeResult<Value>): void;
}
