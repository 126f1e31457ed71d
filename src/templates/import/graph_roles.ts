/**
 * What the nodes of an unknown graph are for: which one saves the result, which samples, which encode the words, where the
 * pictures come in. Owns the guesses; what becomes of them is draft.ts's.
 */
import { type ApiNode, type ApiPrompt, isLink, type NodeLink } from "../mod.ts";
import { isLoader, isPicture, loadsInline, masksInto, picturesInto } from "./graph_pictures.ts";
import { feeders, holderOf, isSwitch, upstream } from "./graph_trace.ts";
import { encoderInto, negativeWordsOf, type WordsAt, wordsOf, zeroes } from "./graph_words.ts";

/** The nodes that a manifest is about. */
export interface GraphRoles {
  /** Saves the result. */
  readonly output: string;
  /** Other nodes that save or show something. */
  readonly otherOutputs: readonly string[];
  /**
   * The sampler, and the nodes that hold settings for it (SamplerCustom's guider, sigmas, noise); without a sampler the node
   * that takes the words, where that draws by a seed (an API node).
   */
  readonly sampling: readonly string[];
  /** Samplers whose settings stay as they are. */
  readonly otherSamplers: readonly string[];
  /** Switches whose branch is chosen as the graph runs. */
  readonly undecided: readonly string[];
  /** Where the user's text goes. */
  readonly promptText: readonly WordsAt[];
  readonly negativeText: readonly WordsAt[];
  /** True where the negative conditioning is emptied: no words and no cfg above 1 are meant. */
  readonly zeroesNegative: boolean;
  /** True where the sampler begins with a picture, false where with an empty latent. */
  readonly paintsOver: boolean;
  /** Nodes that load a picture, in the order in which they are used: picture 1 first. */
  readonly pictures: readonly string[];
  /** Nodes that load a mask, which users cannot send. */
  readonly masks: readonly string[];
  /** Nodes that load a picture from elsewhere than ComfyUI's input folder. */
  readonly otherLoaders: readonly string[];
}

/** Inputs through which settings flow into a sampler. */
const settingInputs = ["noise", "guider", "sampler", "sigmas"];
/** Inputs through which a sampler gets what it begins with. */
const latentInputs = ["latent_image", "latent", "samples"];
/** Inputs that only a node has that draws. */
const drawsBy = [...settingInputs, "seed", "noise_seed", "steps", "sampler_name"];

/** True for an output of which ComfyUI keeps nothing in its history: it is shown, sent on, or saved in silence. */
export function keepsNothing({ class_type, inputs }: ApiNode): boolean {
  return showsOnly(class_type) || inputs["show_previews"] === "false";
}

/** True for an output that only shows or hands on: PreviewImage, SaveImageWebsocket. */
function showsOnly(classType: string): boolean {
  return /preview|websocket|base64|clipboard/i.test(classType);
}

/** Finds the roles, or undefined where nothing saves or shows a picture. */
export function rolesOf(graph: ApiPrompt): GraphRoles | undefined {
  const ids = Object.keys(graph);
  const isSampler = (id: string) => isSamplerOf(graph, id);
  const saving = ids.filter((id) => savesPicture(graph, id));
  const made = saving.filter((id) => upstream(graph, id).some(isSampler));
  const output = lastOf(graph, made.length > 0 ? made : saving);
  if (output === undefined) return undefined;

  const flowing = upstream(graph, output);
  const samplers = flowing.filter(isSampler);
  // Of several the first one makes the edit; those that follow refine it.
  const sampler = samplers.findLast((id) =>
    upstream(graph, id).slice(1).every((other) => !isSampler(other))
  );
  const settings = sampler === undefined ? [] : settingsInto(graph, sampler);
  const positive = linkInto(graph, settings, ["positive", "conditioning", "cond1"]);
  const negative = linkInto(graph, settings, ["negative"]);
  const encoder = positive
    ? encoderInto(graph, positive)
    : sampler === undefined
    ? flowing.find((id) => wordsOf(graph, id).length > 0)
    : undefined;
  const refusing = negative && encoderInto(graph, negative);
  const sampling = sampler === undefined ? drawingNode(graph, flowing, encoder) : settings;
  const latent = sampler === undefined ? undefined : linkInto(graph, [sampler], latentInputs);
  const pictures = [
    ...(positive ? picturesInto(graph, positive[0]) : []),
    ...(latent ? picturesInto(graph, latent[0]) : []),
    ...picturesInto(graph, output),
  ];
  return {
    output,
    otherOutputs: saving.filter((id) => id !== output),
    sampling,
    otherSamplers: samplers.filter((id) => id !== sampler),
    undecided: flowing.filter((id) =>
      isSwitch(graph[id]!.class_type) && feeders(graph, id).length > 1
    ),
    promptText: encoder === undefined ? [] : wordsOf(graph, encoder),
    negativeText: refusing === undefined
      ? []
      : refusing === encoder
      ? negativeWordsOf(graph, refusing)
      : wordsOf(graph, refusing),
    zeroesNegative: negative !== undefined && refusing === undefined &&
      upstream(graph, negative[0]).some((id) => zeroes(graph, id)),
    paintsOver: latent !== undefined && isPicture(graph, latent),
    pictures: [...new Set(pictures)],
    masks: masksInto(graph, output),
    otherLoaders: flowing.filter((id) =>
      !pictures.includes(id) &&
      (loadsInline(graph, id) || isLoader(graph[id]!.class_type)) &&
      !masksInto(graph, output).includes(id)
    ),
  };
}

function savesPicture(graph: ApiPrompt, id: string): boolean {
  const { class_type, inputs } = graph[id]!;
  return /save|preview|send|websocket|upload|combine/i.test(class_type) &&
    ["images", "image", "video"].some((input) => isLink(inputs[input])) &&
    !/latent|mask/i.test(class_type);
}

/**
 * The saver of what is made last: of what no other one saves something made further. A node that saves comes before one that
 * only shows, and both before a picture of several side by side.
 */
function lastOf(graph: ApiPrompt, saving: readonly string[]): string | undefined {
  const rank = (id: string) =>
    (showsOnly(graph[id]!.class_type) ? 1 : 0) + (compares(graph, id) ? 2 : 0);
  const best = Math.min(...saving.map(rank));
  const candidates = saving.filter((id) => rank(id) === best);
  const sources = (id: string) => new Set(feeders(graph, id).map(([, source]) => source));
  const isFurther = (id: string, than: string) => {
    const [own, others] = [sources(id), sources(than)];
    const before = upstream(graph, id).slice(1).filter((node) => !own.has(node));
    return before.some((node) => others.has(node));
  };
  return candidates.find((id) => candidates.every((other) => !isFurther(other, id))) ??
    candidates[0];
}

/** True where what is saved is put together of a picture that was made and one that was not, as it came in. */
function compares(graph: ApiPrompt, id: string): boolean {
  const isMade = (node: string) => upstream(graph, node).some((each) => isSamplerOf(graph, each));
  return feeders(graph, id).some(([, source]) => {
    const joined = feeders(graph, source).map(([, node]) => isMade(node));
    return /stitch|conca|compar|grid|batch|side/i.test(graph[source]!.class_type) &&
      joined.includes(true) && joined.includes(false);
  });
}

function isSamplerOf(graph: ApiPrompt, id: string): boolean {
  const { inputs } = graph[id]!;
  return latentInputs.some((name) => isLink(inputs[name])) &&
    (isLink(inputs["guider"]) ||
      isLink(inputs["positive"]) && drawsBy.some((name) => inputs[name] !== undefined));
}

function settingsInto(graph: ApiPrompt, sampler: string): readonly string[] {
  const found = new Set([sampler]);
  for (const id of found) {
    for (const [input, source] of feeders(graph, id)) {
      // A switch or a reroute in between has one input.
      const handsOn = id !== sampler && Object.keys(graph[id]!.inputs).length === 1;
      if (settingInputs.includes(input) || handsOn) found.add(source);
    }
  }
  return [...found];
}

/** Of a graph without a sampler that we know: the node that takes the words, or one behind it, that has a seed. */
function drawingNode(
  graph: ApiPrompt,
  flowing: readonly string[],
  encoder: string | undefined,
): readonly string[] {
  if (encoder === undefined) return [];
  const draws = (id: string) =>
    ["seed", "noise_seed"].some((input) => holderOf(graph, { node: id, input }, "number"));
  const behind = flowing.findLast((id) => draws(id) && upstream(graph, id).includes(encoder));
  return behind === undefined ? [] : [behind];
}

/** What flows into the first of these inputs that is linked. */
function linkInto(
  graph: ApiPrompt,
  nodes: readonly string[],
  inputs: readonly string[],
): NodeLink | undefined {
  for (const id of nodes) {
    for (const input of inputs) {
      const link = graph[id]?.inputs[input];
      if (isLink(link)) return link;
    }
  }
  return undefined;
}
