/** Warnings about a drafted manifest, a sentence each: what to check by hand. Owns the English sentences. */
import { type ApiPrompt, type NodeInput, type Template } from "../mod.ts";
import { type GraphRoles, keepsNothing } from "./graph_roles.ts";

/** Nodes whose pictures stand in ComfyUI's history once they have run. */
const knownSavers =
  /^(Save|Preview)(Image|Animated\w+|WEBM|Video|ImageAdvanced|ImageExtended|ImageWebsocket)$|^Image Save(r( Simple)?)?$|^VHS_VideoCombine$/;

export interface DraftedOf {
  /** The names of the parameters that were found. */
  readonly parameters: readonly string[];
  readonly model: Template;
  /** Most pictures that one message can bring. */
  readonly maxPictures: number;
  /** Parameters that were left out though the graph has them. */
  readonly leftOut: readonly string[];
}

/** The warnings on what was drafted of a graph that plays these roles. */
export function* draftWarnings(
  graph: ApiPrompt,
  roles: GraphRoles,
  { parameters, model, maxPictures, leftOut }: DraftedOf,
): Generator<string> {
  const node = (id: string) => `node ${id} (${graph[id]!.class_type})`;
  const nodes = (ids: readonly string[]) => ids.map(node).join(", ");
  const keep = (ids: readonly string[], one: string, several: string) =>
    ids.length === 1 ? one : several;
  const output = graph[roles.output]!;
  if (keepsNothing(output)) {
    yield `${
      node(roles.output)
    } only shows the result, and ComfyUI does not keep it: it became a ` +
      "SaveImage in the imported graph.";
  } else if (!knownSavers.test(output.class_type)) {
    yield `Whether ComfyUI keeps what ${node(roles.output)} saves is not known: where a run ends ` +
      "without a picture, put a Save Image node in its place.";
  }
  if (roles.otherOutputs.length > 0) {
    yield `The result is what ${node(roles.output)} saves; ${nodes(roles.otherOutputs)} ${
      keep(roles.otherOutputs, "runs", "run")
    } too.`;
  }
  if (roles.sampling.length === 0) {
    yield "It has no known sampler, so steps, seed and the like cannot be set.";
  } else {
    const lacking = Object.entries(model.params).filter(([key, { scales }]) =>
      !scales && !parameters.includes(key) && !leftOut.includes(key)
    ).map(([key]) => key);
    if (lacking.length > 0) yield `Not found in it: ${lacking.join(", ")}.`;
    if (lacking.includes("seed")) {
      yield "Without a seed the same text gives the same picture: there is no 🔁 Again under results.";
    }
  }
  if (leftOut.includes("steps")) {
    yield `${leftOut.join(", ")} are left out: ${
      node(roles.sampling[0]!)
    } is set to one step, as for a ` +
      "model that is made for one.";
  } else if (leftOut.includes("denoise")) {
    yield `denoise and strength are left out: ${
      node(roles.sampling[0]!)
    } begins with an empty latent, not with the picture.`;
  }
  if (leftOut.includes("cfg") && !leftOut.includes("steps")) {
    yield "cfg is left as it is: the negative prompt is zeroed out, so cfg would only cost time.";
  }
  for (const { node: id, input, beside } of [...roles.promptText, ...roles.negativeText]) {
    if (beside.length === 0) continue;
    const places = beside.map((at) => placeOf(graph, at)).join(", ");
    yield `The user's text goes into ${placeOf(graph, { node: id, input })}; ` +
      `the other parts of the prompt stay: ${places}.`;
  }
  if (roles.undecided.length > 0) {
    yield `Which branch is taken at ${nodes(roles.undecided)} is decided at run time: what was ` +
      "found may be on another branch.";
  }
  if (roles.otherSamplers.length > 0) {
    yield `The parameters are those of ${node(roles.sampling[0]!)}; ${
      nodes(roles.otherSamplers)
    } keep their values.`;
  }
  const left = roles.pictures.slice(maxPictures);
  if (left.length > 0) {
    yield `Only ${maxPictures} pictures can be sent: ${nodes(left)} keep the files that they name.`;
  }
  const { masks, otherLoaders } = roles;
  if (masks.length > 0) {
    yield `Users cannot send a mask: ${nodes(masks)} ${
      keep(masks, "uses the same one", "use the same ones")
    } for every picture, and a picture without transparency has none.`;
  }
  if (otherLoaders.length > 0) {
    yield `${nodes(otherLoaders)} ${
      keep(otherLoaders, "keeps its picture", "keep their pictures")
    }: a user's picture can only come in through a Load Image node.`;
  }
}

function placeOf(graph: ApiPrompt, { node, input }: NodeInput): string {
  return `${node}.${input} (${graph[node]!.class_type})`;
}
