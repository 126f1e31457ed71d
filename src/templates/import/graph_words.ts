/**
 * Where words stand in a graph: which node encodes those that flow into a conditioning, and which of its inputs, or of what feeds
 * it, the user's text belongs into. Owns how encoders of words call their inputs.
 */
import { type ApiPrompt, isLink, type NodeInput, type NodeLink } from "../mod.ts";
import { holderOf } from "./graph_trace.ts";

/** An input that words go into, and what stands beside them in the same text. */
export interface WordsAt extends NodeInput {
  /** Inputs whose own words are put before or behind, as the graph has them. */
  readonly beside: readonly NodeInput[];
}

/** Inputs of words, as text encoders have them. */
const textInputs = [
  "prompt",
  "text",
  "text_g",
  "text_l",
  "clip_l",
  "clip_g",
  "t5xxl",
  "llama",
  "bert",
  "mt5xl",
  "user_prompt",
  "instruction",
];
/** Those of a node that takes both kinds of words, and gives both conditionings. */
const bothInputs = {
  positive: ["positive_prompt", "text_positive", "positive"],
  negative: ["negative_prompt", "text_negative", "negative_text", "neg_prompt", "negative"],
};
/** Inputs that win over a node's own words once they are given. */
const overridingInputs =
  /override|^(opt|optional)_?(text|prompt|string)$|^(text|prompt|string)_?(opt|optional|in)$/i;
/** Through which no words come. */
const notWords = /^(clip|vae|model|image|pixels|latent|samples|mask|control_net|style_model)/;
/** Inputs of a node that makes a text of texts: StringConcatenate, Text Concatenate, StringReplace, TextGenerate, … */
const partInputs =
  /^(string|text|str|prompt|source|value|input|any|words|content|phrase|user|positive|instruction|caption|[a-d]$)/i;
const notParts = /system|negative|delimiter|separator|format|count|type/i;

/** The nearest node with words that flows into this conditioning. */
export function encoderInto(graph: ApiPrompt, link: NodeLink): string | undefined {
  const seen = new Set<string>();
  const links = [link];
  for (const [id, output] of links) {
    if (seen.has(id) || zeroes(graph, id)) continue;
    seen.add(id);
    if (wordsOf(graph, id).length > 0) return id;
    const { inputs } = graph[id]!;
    // A ControlNet and its like hand both through: positive comes out first.
    const handsBoth = isLink(inputs["positive"]) && isLink(inputs["negative"]);
    for (const [input, value] of Object.entries(inputs)) {
      if (!isLink(value) || notWords.test(input)) continue;
      if (handsBoth && input === (output === 0 ? "negative" : "positive")) continue;
      links.push(value);
    }
  }
  return undefined;
}

/** True for a node after which no words count. */
export function zeroes(graph: ApiPrompt, id: string): boolean {
  return graph[id]!.class_type === "ConditioningZeroOut";
}

/** Where the words of a text encoder stand. */
export function wordsOf(graph: ApiPrompt, id: string): readonly WordsAt[] {
  const { inputs } = graph[id]!;
  const overriding = Object.keys(inputs).filter((input) => overridingInputs.test(input))
    .flatMap((input) => {
      const found = wordsAt(graph, { node: id, input });
      return found && (isLink(inputs[input]) || valueOf(graph, found) !== "") ? [found] : [];
    });
  if (overriding.length > 0) return overriding;
  const own = textInputs.flatMap((input) => {
    if (inputs["clip"] === undefined && input !== "prompt") return [];
    return wordsAt(graph, { node: id, input }) ?? [];
  });
  return own.length > 0 ? own : bothOf(graph, id, "positive");
}

/** Where the negative words of a node stand that takes both kinds; empty for one that does not. */
export function negativeWordsOf(graph: ApiPrompt, id: string): readonly WordsAt[] {
  return bothOf(graph, id, "negative");
}

function bothOf(graph: ApiPrompt, id: string, kind: "positive" | "negative"): WordsAt[] {
  return bothInputs[kind].flatMap((input) => {
    const held = holderOf(graph, { node: id, input }, "string");
    return held ? [{ node: held.node, input: held.input, beside: [] }] : [];
  }).slice(0, 1);
}

/** Where the words of an input stand: itself, what feeds it, or a part of the text that is made for it. */
function wordsAt(
  graph: ApiPrompt,
  at: NodeInput,
  seen: ReadonlySet<string> = new Set(),
): WordsAt | undefined {
  const held = holderOf(graph, at, "string");
  if (held) return { node: held.node, input: held.input, beside: [] };
  const link = graph[at.node]?.inputs[at.input];
  if (!isLink(link) || seen.has(link[0])) return undefined;
  const [source] = link;
  const before = new Set([...seen, at.node]);
  const names = Object.keys(graph[source]!.inputs);
  const parts =
    (names.length === 1
      ? names
      : names.filter((input) => partInputs.test(input) && !notParts.test(input))).flatMap(
        (input) => {
          const found = wordsAt(graph, { node: source, input }, new Set([...before, source]));
          return found ? [{ found, rank: rankOf(graph, { node: source, input }, found) }] : [];
        },
      );
  const [best, ...others] = parts.sort((a, b) => a.rank - b.rank).map(({ found }) => found);
  if (!best) return undefined;
  const beside = others.filter((other) => valueOf(graph, other) !== "");
  return { ...best, beside: [...best.beside, ...beside] };
}

/** Which parts of a text are the user's, the likeliest first: those of a node of their own, of one that is called so, empty ones. */
function rankOf(graph: ApiPrompt, at: NodeInput, found: NodeInput): number {
  const isOwn = isLink(graph[at.node]!.inputs[at.input]);
  const isCalled = /prompt|instruct|user|your|words|text input/i.test(titleOf(graph, found.node));
  const isEmpty = valueOf(graph, found) === "";
  return (isOwn ? 0 : 4) + (isOwn && isCalled ? 0 : 2) + (isEmpty ? 0 : 1);
}

function titleOf(graph: ApiPrompt, id: string): string {
  const { _meta } = graph[id]!;
  if (typeof _meta !== "object" || _meta === null || !("title" in _meta)) return "";
  return String(_meta.title);
}

function valueOf(graph: ApiPrompt, { node, input }: NodeInput): unknown {
  return graph[node]!.inputs[input];
}
