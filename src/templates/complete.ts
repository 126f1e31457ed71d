/**
 * Completes a graph with defaults from ComfyUI's `/object_info`: ComfyUI rejects a graph without an input that a newer version requires,
 * although it knows the default. Pure. Does not know templates.
 */
import type { ApiNode, ApiPrompt, NodeCatalog, NodeInput, NodeInputInfo } from "./graph.ts";
import { inputsOf, isLinkInput, listsOf } from "./node_inputs.ts";

/** An input that the graph did not have, and what it got. */
export interface FilledInput extends NodeInput {
  readonly value: unknown;
}

/** An input that a node needs and that nothing sets. */
export interface MissingInput {
  readonly nodeId: string;
  readonly classType: string;
  readonly input: string;
  readonly info: NodeInputInfo;
}

/**
 * The graph with a value for each required input that it lacks and for which ComfyUI has one; an empty text where a STRING
 * has none, and false for such a BOOLEAN, as the page has them. Never a link, and never over what the graph says.
 */
export function completeGraph(
  graph: ApiPrompt,
  catalog: NodeCatalog,
): { readonly graph: ApiPrompt; readonly filled: readonly FilledInput[] } {
  const filled: FilledInput[] = [];
  const nodes = Object.entries(graph).map(([id, node]): [string, ApiNode] => {
    const added = addedTo(node, catalog);
    const names = Object.keys(added);
    if (names.length === 0) return [id, node];
    filled.push(...names.map((input) => ({ node: id, input, value: added[input] })));
    return [id, { ...node, inputs: { ...node.inputs, ...added } }];
  });
  return { graph: Object.fromEntries(nodes), filled };
}

/** The required inputs that these nodes of the graph lack; nothing of a class that the catalog does not have. */
export function missingInputs(
  graph: ApiPrompt,
  catalog: NodeCatalog,
  ids: Iterable<string>,
): MissingInput[] {
  return [...ids].flatMap((nodeId) => {
    const { class_type: classType, inputs } = graph[nodeId]!;
    if (!Object.hasOwn(catalog, classType)) return [];
    return Object.entries(inputsOf(catalog[classType]!, inputs))
      .filter(([input, { required }]) => required && !Object.hasOwn(inputs, input))
      .map(([input, info]) => ({ nodeId, classType, input, info }));
  });
}

/**
 * After nodes were taken out: where a growing list lost one of the first inputs, which are needed, those that are left move
 * up. Elsewhere a gap does no harm and stays.
 */
export function closeGaps(before: ApiPrompt, after: ApiPrompt, catalog: NodeCatalog): ApiPrompt {
  return Object.fromEntries(
    Object.entries(after).map(([id, node]) => {
      if (!Object.hasOwn(catalog, node.class_type)) return [id, node];
      let { inputs } = node;
      for (const list of listsOf(catalog[node.class_type]!, inputs)) {
        const isLost = ({ name }: { readonly name: string }) =>
          Object.hasOwn(before[id]!.inputs, name) && !Object.hasOwn(inputs, name);
        if (list.some((item) => item.required && isLost(item))) {
          inputs = movedUp(inputs, list.map(({ name }) => name));
        }
      }
      return [id, inputs === node.inputs ? node : { ...node, inputs }];
    }),
  );
}

/** `93.resolution_steps = 1`. */
export function describeFilled({ node, input, value }: FilledInput): string {
  return `${node}.${input} = ${JSON.stringify(value)}`;
}

function addedTo({ class_type, inputs }: ApiNode, catalog: NodeCatalog): Record<string, unknown> {
  const added: Record<string, unknown> = {};
  if (!Object.hasOwn(catalog, class_type)) return added;
  for (let size = -1; size !== Object.keys(added).length;) { // an option that is filled in brings inputs of its own
    size = Object.keys(added).length;
    const values = { ...inputs, ...added };
    for (const [name, info] of Object.entries(inputsOf(catalog[class_type]!, values))) {
      const value = info.required && !Object.hasOwn(values, name) ? defaultOf(info) : undefined;
      if (value !== undefined) added[name] = value;
    }
  }
  return added;
}

function defaultOf(info: NodeInputInfo): unknown {
  const { type, link } = info;
  const value = info.default;
  if (value !== undefined) {
    // A widget of the page that a program may link to has a value that ComfyUI takes all the same.
    if (isLinkInput(info) && isLinkInput({ type, required: true })) return undefined;
    return Array.isArray(value) ? { __value__: value } : value; // a bare list would be a link
  }
  if (link) return undefined;
  return type === "STRING" ? "" : type === "BOOLEAN" ? false : undefined;
}

function movedUp(inputs: ApiNode["inputs"], names: readonly string[]): ApiNode["inputs"] {
  const given = names.filter((name) => Object.hasOwn(inputs, name));
  const others = Object.entries(inputs).filter(([name]) => !names.includes(name));
  return Object.fromEntries([...others, ...given.map((name, i) => [names[i]!, inputs[name]])]);
}
