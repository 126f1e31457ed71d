/**
 * The nodes of a workflow where they are: inside of instances of subgraphs, inside of instances. Owns paths, and which nodes
 * take part. Does not follow links.
 */
import { ConfigError } from "../../lib/mod.ts";
import { isEditorNode } from "../mod.ts";
import {
  bypassed,
  muted,
  type WebGraph,
  type WebNode,
  type WebSubgraph,
  type WebWorkflow,
} from "./workflow.ts";

/** A graph as one instance has it. */
export interface Scope {
  readonly graph: WebGraph;
  /** Begins the ids of its nodes: `459:` inside of instance 459. */
  readonly path: string;
  /** The instance that it is inside of; undefined for the root. */
  readonly host: Host | undefined;
}

export interface Host {
  readonly scope: Scope;
  readonly node: WebNode;
  readonly definition: WebSubgraph;
}

/** A node at its place. */
export interface Placed {
  readonly scope: Scope;
  readonly node: WebNode;
}

/** No workflow of a person has more; a few nested definitions could make millions. */
const maxNodes = 20_000;
const maxDepth = 30;

export function rootOf({ root }: WebWorkflow): Scope {
  return { graph: root, path: "", host: undefined };
}

/** The id in the API format: ids of instances and the node's own, joined by colons. */
export function idOf({ scope, node }: Placed): string {
  return scope.path + node.id;
}

/** The inside of an instance; undefined for a node that is none. */
export function insideOf(
  { scope, node }: Placed,
  { subgraphs }: WebWorkflow,
): (Scope & { readonly host: Host }) | undefined {
  const definition = subgraphs.get(node.type);
  return definition &&
    { graph: definition, path: `${idOf({ scope, node })}:`, host: { scope, node, definition } };
}

/** True for a node that takes part: neither muted nor bypassed. */
export function isActive({ mode }: WebNode): boolean {
  return mode !== muted && mode !== bypassed;
}

/** The nodes that run or might, outer ones first. Throws ConfigError where subgraphs make too many of them. */
export function activeNodes(workflow: WebWorkflow): readonly Placed[] {
  const found: Placed[] = [];
  const scopes = [{ scope: rootOf(workflow), depth: 0 }];
  for (const { scope, depth } of scopes) {
    if (depth > maxDepth) throw tooLarge("subgraphs lie inside of each other without an end");
    for (const node of scope.graph.nodes.values()) {
      if (!isActive(node)) continue;
      const inside = insideOf({ scope, node }, workflow);
      if (inside) scopes.push({ scope: inside, depth: depth + 1 });
      else if (!isEditorNode(node.type)) found.push({ scope, node });
      if (found.length + scopes.length > maxNodes) {
        throw tooLarge(`its subgraphs make more than ${maxNodes} nodes`);
      }
    }
  }
  return found;
}

/** The node classes of a workflow, each once: what a server must be asked about. */
export function webClassTypes({ root, subgraphs }: WebWorkflow): readonly string[] {
  const nodes = [root, ...subgraphs.values()].flatMap(({ nodes }) => [...nodes.values()]);
  return [
    ...new Set(
      nodes.map(({ type }) => type).filter((type) => !isEditorNode(type) && !subgraphs.has(type)),
    ),
  ].sort();
}

/** Nodes of before subgraphs, whose inside is in no definition: an old group node. */
export function isGroupNode({ type }: WebNode): boolean {
  return /^workflow[>/]/.test(type);
}

function tooLarge(what: string): ConfigError {
  return new ConfigError(`Cannot read the workflow: ${what} (wanted a smaller one)`);
}
