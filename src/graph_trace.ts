/**
 * Follows the links of a graph in ComfyUI's API format: from an input back to where its value stands, from a node to all that
 * flows into it. Knows only such nodes as pass a value on.
 */
import { type ApiPrompt, isLink, type NodeInput } from "./workflow.ts";

/** Inputs under which nodes that hold one value hold it: PrimitiveInt, INTConstant, Seed (rgthree), String Literal, … */
const heldAs = ["value", "int", "float", "number", "Number", "string", "String", "text", "seed"];

/** An input that holds a value of its own, and what it holds. */
export interface HeldValue extends NodeInput {
  readonly value: number | string;
}

/**
 * Where the input's value stands: itself, or a node that holds one value and feeds it, reroutes in between. Undefined where
 * the value is made of others, or is of another type.
 */
export function holderOf(
  graph: ApiPrompt,
  { node, input }: NodeInput,
  type: "number" | "string",
): HeldValue | undefined {
  const seen = new Set<string>();
  for (let at: NodeInput = { node, input }; !seen.has(at.node);) {
    seen.add(at.node);
    const value = graph[at.node]?.inputs[at.input];
    if (isValue(value, type)) return { ...at, value };
    if (!isLink(value)) return undefined;
    const [source] = value;
    const inputs = graph[source]?.inputs ?? {};
    const names = Object.keys(inputs);
    const isFed = names.some((name) => isLink(inputs[name]));
    const held = isFed ? undefined : heldAs.find((name) => isValue(inputs[name], type));
    if (held === undefined && names.length !== 1) return undefined;
    at = { node: source, input: held ?? names[0]! };
  }
  return undefined;
}

function isValue(value: unknown, type: "number" | "string"): value is number | string {
  return type === "number" ? typeof value === "number" : typeof value === "string";
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
