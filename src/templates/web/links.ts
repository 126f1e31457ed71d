/**
 * Where an input's value comes from: through reroutes, bypassed nodes, in and out of subgraphs, to a node that runs or to a
 * value. Owns how the page follows links (its ExecutableNodeDTO). Writes no graph.
 */
import { inputsOf, isEditorNode, type NodeCatalog } from "../mod.ts";
import { type Host, idOf, insideOf, type Placed, type Scope } from "./scope.ts";
import { isWidget, short, suits, widgetValues } from "./widgets.ts";
import {
  bypassed,
  inputNode,
  muted,
  type WebInput,
  type WebLink,
  type WebNode,
  type WebWorkflow,
} from "./workflow.ts";

/** What feeds an input. */
export type Source =
  | { readonly type: "node"; readonly id: string; readonly slot: number }
  | { readonly type: "value"; readonly value: unknown }
  | { readonly type: "nothing" }
  /** It cannot be known: completes "node 5 (KSampler): what feeds steps cannot be known: …". */
  | { readonly type: "unknown"; readonly why: string };

/** Nobody draws so many reroutes in a row. */
const maxHops = 500;

const nothing: Source = { type: "nothing" };

/** Follows links of one workflow; `catalog` tells which inputs are widgets. */
export interface Links {
  /** What feeds this input of the node, if anything does. */
  sourceOf(placed: Placed, input: WebInput): Source;
}

export function createLinks(workflow: WebWorkflow, catalog: NodeCatalog): Links {
  const classOf = ({ type }: WebNode) => Object.hasOwn(catalog, type) ? catalog[type] : undefined;

  function sourceOf(
    { scope, node }: Placed,
    input: WebInput,
    seen: ReadonlySet<string>,
    type = input.type,
  ): Source {
    const key = `${scope.path}${node.id} ${input.name} ${input.link}`;
    if (input.link === undefined || seen.has(key)) return nothing;
    if (seen.size > maxHops) {
      return unknown(`it comes over more than ${maxHops} nodes that hand it on`);
    }
    const link = scope.graph.links.get(input.link);
    return link ? originOf(scope, link, type, new Set([...seen, key])) : nothing;
  }

  function originOf(
    scope: Scope,
    link: WebLink,
    type: string,
    seen: ReadonlySet<string>,
  ): Source {
    if (link.from !== inputNode) {
      const node = scope.graph.nodes.get(link.from);
      return node ? outputOf({ scope, node }, link.fromSlot, type, seen) : nothing;
    }
    const { host } = scope;
    const name = host?.definition.inputs[link.fromSlot]?.name;
    if (!host || name === undefined) return nothing;
    const outer = host.node.inputs.find((each) => each.name === name);
    return outer?.link === undefined ? hostValue(host, link.fromSlot) : sourceOf(host, outer, seen);
  }

  function outputOf(
    placed: Placed,
    slot: number,
    type: string,
    seen: ReadonlySet<string>,
  ): Source {
    const { node } = placed;
    if (node.mode === bypassed) {
      const through = passedBy(node, slot, type);
      return through ? sourceOf(placed, through, seen) : nothing;
    }
    const inside = insideOf(placed, workflow);
    if (inside) {
      const [id] = inside.host.definition.outputs[slot] ?? [];
      const link = id === undefined ? undefined : inside.graph.links.get(id);
      return link ? originOf(inside, link, type, seen) : nothing;
    }
    switch (node.type) {
      case "PrimitiveNode": {
        const [value] = node.values;
        return value === undefined || value === null ? nothing : { type: "value", value };
      }
      case "GetNode":
        return setFor(placed, type, seen);
    }
    if (isEditorNode(node.type)) {
      const through = node.inputs[slot] ?? node.inputs[0];
      return through ? sourceOf(placed, through, seen, type) : nothing;
    }
    return { type: "node", id: idOf(placed), slot };
  }

  /** A GetNode gives what the SetNode of its name takes, here or outside. */
  function setFor(placed: Placed, type: string, seen: ReadonlySet<string>): Source {
    const name = nameIn(placed.node);
    for (let scope: Scope | undefined = placed.scope; scope; scope = scope.host?.scope) {
      const setters = [...scope.graph.nodes.values()].filter((each) =>
        each.type === "SetNode" && nameIn(each) === name && each.mode !== muted
      );
      const [node, another] = setters;
      const [input] = node?.inputs ?? [];
      if (another) {
        return unknown(`several Set nodes are called ${JSON.stringify(name)}`);
      }
      if (node && input) return sourceOf({ scope, node }, input, seen, type);
    }
    return unknown(`no Set node is called ${JSON.stringify(name)}`);
  }

  /**
   * What the widget of an instance holds that nothing is linked to. As many values as there are such widgets are theirs;
   * else those of the first widget inside stand.
   */
  function hostValue(host: Host, slot: number): Source {
    const shown = host.definition.inputs.flatMap((_, i) => widgetBehind(host, i) ? [i] : []);
    const { values } = host.node;
    if (values.length > 0 && values.length === shown.length) {
      const odd = shown.findIndex((each, i) => !canHold(host, each, values[i]));
      if (odd >= 0) {
        return unknown(
          `node ${idOf(host)} has ${short(values[odd])} for its ` +
            `${host.definition.inputs[shown[odd]!]?.name}, so its values are in another order`,
        );
      }
      const at = shown.indexOf(slot);
      const value = at < 0 ? undefined : values[at];
      return value === undefined || value === null ? nothing : { type: "value", value };
    }
    const inner = widgetBehind(host, slot);
    return inner ? ownValue(inner.placed, inner.name) : nothing;
  }

  /** False where the widget inside can never have held the value: a page may have saved them in another order. */
  function canHold(host: Host, slot: number, value: unknown): boolean {
    const inner = widgetBehind(host, slot);
    if (!inner || value === undefined || value === null) return true;
    const { placed: { node }, name } = inner;
    const inside = insideOf(inner.placed, workflow);
    if (inside) {
      const at = inside.host.definition.inputs.findIndex((each) => each.name === name);
      return at < 0 || canHold(inside.host, at, value);
    }
    const nodeClass = classOf(node);
    const info = nodeClass && inputsOf(nodeClass, widgetValues(node, nodeClass).values)[name];
    return !info || suits(value, info);
  }

  /** What a widget holds by itself. */
  function ownValue({ scope, node }: Placed, name: string): Source {
    const inside = insideOf({ scope, node }, workflow);
    if (inside) {
      const slot = inside.host.definition.inputs.findIndex((each) => each.name === name);
      return slot < 0 ? nothing : hostValue(inside.host, slot);
    }
    const { values } = widgetValues(node, classOf(node));
    return Object.hasOwn(values, name) ? { type: "value", value: values[name] } : nothing;
  }

  /** The first widget that an input of a subgraph feeds. */
  function widgetBehind(
    host: Host,
    slot: number,
  ): { readonly placed: Placed; readonly name: string } | undefined {
    const inside = insideOf(host, workflow)!;
    for (const id of host.definition.inputs[slot]?.links ?? []) {
      const link = inside.graph.links.get(id);
      const node = link && inside.graph.nodes.get(link.to);
      const input = node?.inputs.find((each) => each.link === id);
      if (node && input && isWidgetOf({ scope: inside, node }, input)) {
        return { placed: { scope: inside, node }, name: input.name };
      }
    }
    return undefined;
  }

  function isWidgetOf(placed: Placed, { name, isWidget: isMarked }: WebInput): boolean {
    const inside = insideOf(placed, workflow);
    if (inside) {
      const slot = inside.host.definition.inputs.findIndex((each) => each.name === name);
      return slot >= 0 && widgetBehind(inside.host, slot) !== undefined;
    }
    const info = classOf(placed.node)?.inputs[name];
    return isMarked || info !== undefined && isWidget(info);
  }

  return { sourceOf: (placed, input) => sourceOf(placed, input, new Set()) };
}

/** What a bypassed node hands on in place of an output: the input beside it if that fits, else the first that does. */
function passedBy({ inputs, outputs }: WebNode, slot: number, type: string): WebInput | undefined {
  if (type === "*") return inputs[slot] ?? inputs[0];
  const given = outputs[slot] ?? "*";
  const fits = (input: WebInput) => connects(input.type, given) && connects(input.type, type);
  const beside = inputs[slot];
  return beside && fits(beside)
    ? beside
    : inputs.find((each) => each.type === type) ?? inputs.find(fits);
}

/** Whether slots of these types go together: "A,B" with any that has one of them. */
function connects(one: string, other: string): boolean {
  const of = (type: string) => type.toUpperCase().split(",").map((each) => each.trim());
  const others = of(other);
  return of(one).some((each) => each === "*" || others.includes("*") || others.includes(each));
}

function nameIn({ values, named }: WebNode): unknown {
  return named?.["Constant"] ?? values[0];
}

function unknown(why: string): Source {
  return { type: "unknown", why };
}
