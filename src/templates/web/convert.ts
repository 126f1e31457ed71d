/**
 * A workflow of the web page as a graph in the API format, equal to what the page would send (its graphToPrompt). What the
 * file does not tell is said, not guessed. Pure.
 */
import { type ApiNode, type ApiPrompt, isLink, type NodeCatalog } from "../mod.ts";
import { createLinks } from "./links.ts";
import { activeNodes, idOf, isActive, isGroupNode, type Placed } from "./scope.ts";
import { sent, widgetValues } from "./widgets.ts";
import type { WebModel, WebWorkflow } from "./workflow.ts";

/** Something of a node that is not sure. */
export interface Doubt {
  readonly node: string;
  readonly classType: string;
  /** True where an input of it has no value because none could be known. */
  readonly isUnknown: boolean;
  /** `node 5 (KSampler): …`. */
  readonly message: string;
}

export interface Converted {
  readonly graph: ApiPrompt;
  readonly doubts: readonly Doubt[];
  /** Where the files of each node come from, as far as the page knows. */
  readonly models: Readonly<Record<string, readonly WebModel[]>>;
}

/**
 * Converts the workflow for the server of which the catalog is; ask it for `webClassTypes`. Throws ConfigError where its
 * subgraphs have no end.
 */
export function webToApi(workflow: WebWorkflow, catalog: NodeCatalog): Converted {
  const links = createLinks(workflow, catalog);
  const doubts: Doubt[] = [];
  const models: Record<string, readonly WebModel[]> = {};
  const doubt = (placed: Placed, isUnknown: boolean, why: string) => {
    const [node, classType] = [idOf(placed), placed.node.type];
    doubts.push({ node, classType, isUnknown, message: `node ${node} (${classType}): ${why}` });
  };
  const written = activeNodes(workflow).filter(({ node }) =>
    Object.hasOwn(catalog, node.type) || flowsAnything(node)
  ).map((placed): [string, ApiNode] => {
    const { node } = placed;
    const nodeClass = Object.hasOwn(catalog, node.type) ? catalog[node.type] : undefined;
    const own = widgetValues(node, nodeClass);
    if (own.unknown !== undefined) doubt(placed, true, own.unknown);
    if (own.note !== undefined) doubt(placed, false, own.note);
    const inputs: Record<string, unknown> = { ...own.values };
    for (const input of node.inputs) {
      const source = links.sourceOf(placed, input);
      switch (source.type) {
        case "node":
          inputs[input.name] = [source.id, source.slot];
          break;
        case "value":
          inputs[input.name] = sent(source.value);
          break;
        case "nothing":
          break;
        case "unknown":
          doubt(placed, true, `what feeds ${input.name} cannot be known: ${source.why}`);
          break;
        default:
          source satisfies never;
      }
    }
    if (node.models.length > 0) models[idOf(placed)] = node.models;
    return [idOf(placed), {
      inputs,
      class_type: node.type,
      _meta: { title: node.title ?? node.type },
    }];
  });
  for (const node of workflow.root.nodes.values()) {
    if (!isActive(node) || !isGroupNode(node)) continue;
    const placed = { scope: { graph: workflow.root, path: "", host: undefined }, node };
    doubt(
      placed,
      true,
      "it is an old group node, whose inside the page alone knows (wanted a subgraph)",
    );
  }
  return { graph: withoutLoose(Object.fromEntries(written)), doubts, models };
}

/** False for what stands beside the graph and has nothing to do with it: a label, a bookmark of some pack. */
function flowsAnything({ inputs, outputs }: Placed["node"]): boolean {
  return outputs.length > 0 || inputs.some(({ link }) => link !== undefined);
}

/** Without the links to nodes that were not written. */
function withoutLoose(graph: ApiPrompt): ApiPrompt {
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => {
      const inputs = Object.entries(node.inputs).filter(([, value]) =>
        !isLink(value) || Object.hasOwn(graph, value[0])
      );
      return [id, { ...node, inputs: Object.fromEntries(inputs) }];
    }),
  );
}
