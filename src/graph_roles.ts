/**
 * What the nodes of an unknown graph are for: which one saves the result, which samples, which encode the words, where the
 * pictures come in. Owns the guesses; what becomes of them is manifest_draft.ts's.
 */
import { feeders, holderOf, upstream } from "./graph_trace.ts";
import { type ApiNode, type ApiPrompt, isLink, type NodeInput } from "./workflow.ts";

/** The nodes that a manifest is about. */
export interface GraphRoles {
  /** Saves the result. */
  readonly output: string;
  /** Other nodes that save or show something. */
  readonly otherOutputs: readonly string[];
  /** The sampler, and the nodes that hold settings for it (SamplerCustom's guider, sigmas, noise); none without a sampler. */
  readonly sampling: readonly string[];
  /** Samplers whose settings stay as they are. */
  readonly otherSamplers: readonly string[];
  /** Where a person's words go. */
  readonly promptText: readonly NodeInput[];
  readonly negativeText: readonly NodeInput[];
  /** LoadImage nodes in the order in which they are used: picture 1 first. */
  readonly pictures: readonly string[];
}

/** Inputs through which settings flow into a sampler. */
const settingInputs = ["noise", "guider", "sampler", "sigmas"];
/** Inputs of words, as text encoders have them. */
const textInputs = ["prompt", "text", "text_g", "text_l", "clip_l", "t5xxl"];
/** Through which no words come. */
const notWords = /^(clip|vae|model|image|pixels|latent|samples|mask|control_net|style_model)/;

/** True for an output of which ComfyUI keeps nothing: PreviewImage, SaveImageWebsocket. */
export function showsOnly({ class_type }: ApiNode): boolean {
  return /preview|websocket/i.test(class_type);
}

/** Finds the roles, or undefined where nothing saves or shows a picture. */
export function rolesOf(graph: ApiPrompt): GraphRoles | undefined {
  const ids = Object.keys(graph);
  const isSampler = (id: string) => isSamplerOf(graph, id);
  const saving = ids.filter((id) => savesPicture(graph, id))
    .sort((a, b) => rankOf(graph, a) - rankOf(graph, b));
  // What is made last is the result; a source that is saved as it came in is none.
  const output = saving.find((id) => upstream(graph, id).some(isSampler)) ?? saving[0];
  if (output === undefined) return undefined;

  const flowing = upstream(graph, output);
  const samplers = flowing.filter(isSampler);
  // Of several the first one makes the edit; those that follow refine it.
  const sampler = samplers.findLast((id) =>
    upstream(graph, id).slice(1).every((other) => !isSampler(other))
  );
  const sampling = sampler === undefined ? [] : settingsInto(graph, sampler);
  const positive = encoderOf(graph, sampling, ["positive", "conditioning", "cond1"]);
  const negative = encoderOf(graph, sampling, ["negative"]);
  const encoder = positive ?? (sampler === undefined ? anyEncoder(graph, flowing) : undefined);
  return {
    output,
    otherOutputs: saving.filter((id) => id !== output),
    sampling,
    otherSamplers: samplers.filter((id) => id !== sampler),
    promptText: encoder === undefined ? [] : textOf(graph, encoder),
    negativeText: negative === undefined || negative === encoder ? [] : textOf(graph, negative),
    pictures: picturesOf(graph, encoder, flowing),
  };
}

function savesPicture(graph: ApiPrompt, id: string): boolean {
  const { class_type, inputs } = graph[id]!;
  return /save|preview/i.test(class_type) && /image/i.test(class_type) &&
    (isLink(inputs["images"]) || isLink(inputs["image"]));
}

/** A node that saves before one that only shows. */
function rankOf(graph: ApiPrompt, id: string): number {
  return showsOnly(graph[id]!) ? 1 : 0;
}

function isSamplerOf(graph: ApiPrompt, id: string): boolean {
  const { inputs } = graph[id]!;
  const latent = ["latent_image", "latent", "samples"].some((name) => isLink(inputs[name]));
  return latent && (isLink(inputs["positive"]) || isLink(inputs["guider"]));
}

function settingsInto(graph: ApiPrompt, sampler: string): readonly string[] {
  const found = new Set([sampler]);
  for (const id of found) {
    for (const [input, source] of feeders(graph, id)) {
      if (settingInputs.includes(input)) found.add(source);
    }
  }
  return [...found];
}

/** The nearest node with words that flows into one of these inputs. */
function encoderOf(
  graph: ApiPrompt,
  nodes: readonly string[],
  inputs: readonly string[],
): string | undefined {
  for (const id of nodes) {
    for (const input of inputs) {
      const link = graph[id]?.inputs[input];
      if (isLink(link)) return wordsInto(graph, link);
    }
  }
  return undefined;
}

function wordsInto(graph: ApiPrompt, link: readonly [string, number]): string | undefined {
  const seen = new Set<string>();
  const links = [link];
  for (const [id, output] of links) {
    if (seen.has(id) || graph[id]!.class_type === "ConditioningZeroOut") continue;
    seen.add(id);
    if (textOf(graph, id).length > 0) return id;
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

/** Where the words of a text encoder stand. */
function textOf(graph: ApiPrompt, id: string): readonly NodeInput[] {
  return textInputs.flatMap((input) => {
    if (graph[id]?.inputs["clip"] === undefined && input !== "prompt") return [];
    const held = holderOf(graph, { node: id, input }, "string");
    return held ? [{ node: held.node, input: held.input }] : [];
  });
}

/** Of a graph without a sampler that we know (an API node, a pack of its own): whatever takes words. */
function anyEncoder(graph: ApiPrompt, flowing: readonly string[]): string | undefined {
  return flowing.find((id) => textOf(graph, id).length > 0);
}

/** Those that the encoder sees, in the order of its inputs, then the others. */
function picturesOf(
  graph: ApiPrompt,
  encoder: string | undefined,
  flowing: readonly string[],
): readonly string[] {
  const loads = (id: string) =>
    graph[id]!.class_type === "LoadImage" && typeof graph[id]!.inputs["image"] === "string";
  const seen = encoder === undefined ? [] : feeders(graph, encoder)
    .filter(([input]) => /^image/.test(input))
    .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
    .flatMap(([, source]) => upstream(graph, source).filter(loads));
  return [...new Set([...seen, ...flowing.filter(loads)])];
}
