/**
 * Follows the links of a graph in ComfyUI's API format: past the branches that are not taken, from an input back to where its
 * value stands, from a node to all that flows into it. Knows only such nodes as pass a value on.
 */
import { isRawNumber } from "../../lib/mod.ts";
import { type ApiPrompt, isLink, type NodeInput } from "../mod.ts";

/** Inputs under which nodes that hold one value hold it: PrimitiveInt, INTConstant, Seed (rgthree), String Literal, … */
const heldAs = [
  "value",
  "int",
  "float",
  "number",
  "Number",
  "string",
  "String",
  "text",
  "seed",
  "boolean",
  "bool",
];

/** An input that holds a value of its own, and what it holds: a number for what ComfyUI makes one of. */
export interface HeldValue extends NodeInput {
  readonly value: number | string | boolean;
}
export type HeldType = "number" | "string" | "boolean";

/**
 * The graph without the branches that its switches do not take: each switch whose choice stands in the graph keeps one input,
 * the branch. Node ids and the names of inputs stay.
 */
export function takenBranches(graph: ApiPrompt): ApiPrompt {
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => {
      const branch = branchOf(graph, id);
      return [
        id,
        branch === undefined ? node : { ...node, inputs: { [branch]: node.inputs[branch] } },
      ];
    }),
  );
}

/** True for a node that hands on one of its inputs. */
export function isSwitch(classType: string): boolean {
  return /switch|if ?else|conditional ?branch/i.test(classType);
}

/** Inputs that hold a switch's choice. */
const choosesBy = /^(switch|boolean|bool|cond|condition|select|selected|index|input|choice)$/i;
/** How the branches of a choice between two are called. */
const ifTrue = /^(on_?true|if_?true|tt_value|true_value|true)$/i;
const ifFalse = /^(on_?false|if_?false|ff_value|false_value|false|else)$/i;

/** The input that a switch hands on; undefined for what is no switch, and where its choice is made as it runs. */
function branchOf(graph: ApiPrompt, id: string): string | undefined {
  const { class_type, inputs } = graph[id]!;
  const names = Object.keys(inputs);
  const chooses = isSwitch(class_type);
  // rgthree's takes the first that is there.
  if (/^any switch/i.test(class_type)) return names.sort().find((name) => isLink(inputs[name]));
  const named = (pattern: RegExp) => names.find((name) => pattern.test(name));
  const branches = {
    true: named(ifTrue) ?? (chooses ? named(/_a$/) : undefined),
    false: named(ifFalse) ?? (chooses ? named(/_b$/) : undefined),
  };
  for (const input of names.filter((name) => choosesBy.test(name))) {
    const at = { node: id, input };
    const choice = (holderOf(graph, at, "boolean") ?? holderOf(graph, at, "string"))?.value;
    if (choice === true || choice === "true") return branches.true;
    if (choice === false || choice === "false") return branches.false;
    const number = chooses ? holderOf(graph, at, "number")?.value : undefined;
    const numbered = number === undefined
      ? undefined
      : names.find((name) => name !== input && Number(/\d+$/.exec(name)?.[0]) === number);
    if (numbered !== undefined) return numbered;
  }
  return undefined;
}

/**
 * Where the input's value stands: itself, or a node that holds one value and feeds it, reroutes in between. Undefined where
 * the value is made of others, or is of another type.
 */
export function holderOf(
  graph: ApiPrompt,
  { node, input }: NodeInput,
  type: HeldType,
): HeldValue | undefined {
  const seen = new Set<string>();
  for (let at: NodeInput = { node, input }; !seen.has(at.node);) {
    seen.add(at.node);
    const value = graph[at.node]?.inputs[at.input];
    const own = valueAs(value, type);
    if (own !== undefined) return { ...at, value: own };
    if (!isLink(value)) return undefined;
    const [source] = value;
    const inputs = graph[source]?.inputs ?? {};
    const names = Object.keys(inputs);
    const isFed = names.some((name) => isLink(inputs[name]));
    const held = isFed
      ? undefined
      : heldAs.find((name) => valueAs(inputs[name], type) !== undefined);
    if (held === undefined && names.length !== 1) return undefined;
    at = { node: source, input: held ?? names[0]! };
  }
  return undefined;
}

/** ComfyUI makes a number of a text of digits too. */
function valueAs(value: unknown, type: HeldType): HeldValue["value"] | undefined {
  if (type === "string") return typeof value === "string" ? value : undefined;
  if (type === "boolean") return typeof value === "boolean" ? value : undefined;
  if (isRawNumber(value)) return Number(value.rawJSON);
  const isDigits = typeof value === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(value);
  return typeof value === "number" ? value : isDigits ? Number(value) : undefined;
}

/** The nodes that feed one, each once, by their input's name. */
export function feeders(graph: ApiPrompt, id: string): readonly (readonly [string, string])[] {
  return Object.entries(graph[id]?.inputs ?? {})
    .flatMap(([input, value]) => isLink(value) ? [[input, value[0]] as const] : []);
}

/** The node and all that flows into it, the nearest first, in the order of their inputs. */
export function upstream(graph: ApiPrompt, id: string): readonly string[] {
  const found = new Set([id]);
  for (const node of found) { // a Set's iteration takes in what is added on the way
    for (const [, source] of feeders(graph, node)) found.add(source);
  }
  return [...found];
}
