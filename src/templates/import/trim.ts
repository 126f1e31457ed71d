/**
 * Takes out of a graph what its result does not need: viewers, and what lies behind a switch that does not take it. Owns what may
 * go without a change of the result.
 */
import { type ApiNode, type ApiPrompt, isLink, type NodeCatalog } from "../mod.ts";
import { rolesOf } from "./graph_roles.ts";
import { takenBranches, upstream } from "./graph_trace.ts";

export interface Trimmed {
  readonly graph: ApiPrompt;
  /** Ids of the nodes that went. */
  readonly gone: readonly string[];
}

/** Ends that only show something to the page's user. */
const viewer = /preview|compar|^show|display/i;

/**
 * The graph for its result. A switch of ComfyUI's own whose choice stands in the graph becomes a wire, and so does a preview of a
 * text that stands in it. An end goes where it only shows, or where ComfyUI would not run it: the catalog says that it
 * is no output, or does not have its class.
 */
export function trim(given: ApiPrompt, catalog?: NodeCatalog): Trimmed {
  const graph = wired(given);
  const output = rolesOf(takenBranches(graph))?.output;
  if (output === undefined) return { graph: given, gone: [] };
  const fed = new Set(
    Object.values(graph).flatMap(({ inputs }) => Object.values(inputs).filter(isLink)).map(([id]) =>
      id
    ),
  );
  const runs = ({ class_type }: ApiNode) =>
    !catalog || Object.hasOwn(catalog, class_type) && catalog[class_type]!.outputNode;
  const goes = (node: ApiNode) => viewer.test(node.class_type) || isWire(node) || !runs(node);
  const ends = Object.entries(graph).filter(([id, node]) =>
    id === output || !fed.has(id) && !goes(node)
  );
  const kept = new Set(ends.flatMap(([id]) => upstream(graph, id)));
  return {
    graph: Object.fromEntries(Object.entries(graph).filter(([id]) => kept.has(id))),
    gone: Object.keys(graph).filter((id) => !kept.has(id)),
  };
}

/** Nodes whose one output is one of their inputs. */
function isWire({ class_type }: ApiNode): boolean {
  return class_type === "ComfySwitchNode" || class_type === "PreviewAny";
}

/** The graph whose links go past its wires. */
function wired(graph: ApiPrompt): ApiPrompt {
  const taken = takenBranches(graph);
  /** What a link stands for in the end; undefined where a switch hands on nothing. */
  function follow(value: unknown, seen: ReadonlySet<string>): unknown {
    if (!isLink(value) || seen.has(value[0])) return value;
    const node = taken[value[0]];
    if (!node || !isWire(node)) return value;
    const names = Object.keys(node.inputs);
    const isDecided = node.class_type === "PreviewAny" ||
      names.length < Object.keys(graph[value[0]]!.inputs).length;
    if (!isDecided || names.length !== 1) return value;
    const through = follow(node.inputs[names[0]!], new Set([...seen, value[0]]));
    return node.class_type === "PreviewAny" && typeof through !== "string" ? value : through;
  }
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => {
      const inputs = Object.entries(node.inputs).flatMap(([name, value]) => {
        const through = follow(value, new Set([id]));
        return through === undefined ? [] : [[name, through]];
      });
      return [id, { ...node, inputs: Object.fromEntries(inputs) }];
    }),
  );
}
