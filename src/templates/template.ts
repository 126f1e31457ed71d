/**
 * A template = a graph in ComfyUI's API format + its manifest; filled with a job's values it is an ApiPrompt.
 * Pure. Does not read files, which is loader.ts's, nor ask ComfyUI, which is a Backend's.
 */
import { InvalidParametersError, rawNumber, WorkflowRefusedError } from "../lib/mod.ts";
import { closeGaps, completeGraph, missingInputs } from "./complete.ts";
import { type ApiNode, type ApiPrompt, isLink, type NodeCatalog, type NodeInput } from "./graph.ts";
import {
  clampParam,
  type ParamSpec,
  type ParamSpecs,
  type ParamValue,
  type ParamValues,
} from "./params.ts";

/** A sentence in both languages. */
export interface Localized {
  readonly en: string;
  readonly ru: string;
}

/** A parameter as a template binds it. */
export interface TemplateParam {
  readonly spec: ParamSpec;
  /** One sentence: what it does to the picture. */
  readonly about?: Localized;
  /** Where the value goes. Empty for one that only scales another. */
  readonly targets: readonly NodeInput[];
  /** No smaller number goes into the graph, whatever the limits: for a node that fails at 0. */
  readonly floor?: number;
  /** `strength`: multiplies that parameter by `value / fullAt`, at most by 1. */
  readonly scales?: { readonly param: string; readonly fullAt: number };
  /** For a choice: the node input whose list in ComfyUI is what may be chosen. */
  readonly optionsFrom?: NodeInput;
  /** For such a choice: which of them are offered, as optionMatches() takes it; absent offers all. */
  readonly filter?: readonly string[];
}

/** A model file that a template needs, and where it is to be had. Only what the manifest says; of a graph's own file nothing need be known. */
export interface ModelFile {
  /** The inputs of the graph that name it. */
  readonly inputs: readonly NodeInput[];
  /** As the graph names it: `qwen_image_vae.safetensors`, `sub/a.safetensors`. */
  readonly file: string;
  /** Below ComfyUI's `models/`: `diffusion_models`. */
  readonly folder?: string;
  /** http or https. */
  readonly url?: string;
  /** `isExact` is false for a size that was written as `6.76 GB`. */
  readonly size?: { readonly bytes: number; readonly isExact: boolean };
  /** 64 hexadecimal digits, lowercase. */
  readonly sha256?: string;
}

/** Everything that is known of one template. Immutable; a reload makes a new one. */
export interface Template {
  /** File name without its ending: `qwen_image_edit`. */
  readonly name: string;
  readonly title: Localized;
  readonly description: Localized;
  /** `upscale` makes the picture larger, `cutout` takes its background away; neither is ever chosen for words. */
  readonly kind: "edit" | "upscale" | "cutout";
  /** How many times larger an upscaler makes a picture that has no parameter for the size. */
  readonly factor?: number;
  /** Of the model files: `Apache-2.0`, `Qwen Research, non-commercial`. */
  readonly licence?: string;
  /** Of the graphics cards that it is made for, in GB of 1024³ bytes. */
  readonly vramGb?: number;
  /** The oldest ComfyUI that has its nodes: `0.37.0`. */
  readonly comfyui?: string;
  /** The graph as it is on disk. */
  readonly graph: ApiPrompt;
  /** LoadImage inputs in order: picture 1, 2, 3. Those that a job has no picture for are taken out. */
  readonly pictures: readonly NodeInput[];
  /** How words name a picture to the model, with `{n}` for its number: `Picture {n}`, `<image{n}>`. */
  readonly pictureName?: string;
  /** Empty for a template that takes no words. */
  readonly promptText: readonly NodeInput[];
  /** The sentence by which the model understands what is circled or marked in a picture; absent where it does not. */
  readonly marks?: string;
  /** The words by which the model fills in what is grey around a picture; false where it cannot, absent for those that most understand. */
  readonly outpaint?: string | false;
  readonly params: Readonly<Record<string, TemplateParam>>;
  readonly megapixels: readonly NodeInput[];
  /** The node whose saved picture is the result, and its inputs that name the saved file. */
  readonly output: { readonly node: string; readonly filename: readonly NodeInput[] };
  /** Inputs that name model files: checked against ComfyUI's lists. */
  readonly models: readonly NodeInput[];
  /** What the manifest says of the files that they name. One whose inputs name another file by now is not needed. */
  readonly modelFiles: readonly ModelFile[];
  /** Where node classes that ComfyUI does not have itself come from, by class_type: `{ ClownsharKSampler_Beta: "RES4LYF" }`. */
  readonly nodePacks?: Readonly<Record<string, string>>;
  /** Where each file came from: `{ graph: "embedded", manifest: "workflows/x.yaml" }`. */
  readonly origin: { readonly graph: string; readonly manifest: string };
}

/** What one job puts into a template. */
export interface FillRequest {
  readonly promptText: string;
  /** Names in ComfyUI's input folder, picture 1 first. */
  readonly pictures: readonly string[];
  /** The seed is drawn already. What is absent has its default; the rest is clamped to this template's limits. */
  readonly params: ParamValues;
  /** The size that picture 1 is scaled to, 0.01 … 16; undefined leaves what the graph says. */
  readonly megapixels: number | undefined;
  /** Of the saved picture, without its ending. */
  readonly filename: string;
}

/** True where a user has to say what to change. */
export function takesWords({ promptText }: Template): boolean {
  return promptText.length > 0;
}

/** The specs of a template's parameters, by name. */
export function specsOf(template: Template): ParamSpecs {
  return Object.fromEntries(
    Object.entries(template.params).map(([name, param]) => [name, param.spec]),
  );
}

/** The node classes that a template needs, each once. */
export function classTypesOf(template: Template): string[] {
  return [...new Set(Object.values(template.graph).map((node) => node.class_type))].sort();
}

/**
 * The graph with a job's values in it, without the nodes of the pictures that the job does not have, and completed as the
 * catalog of the ComfyUI that runs it says. Throws InvalidParametersError when there are fewer pictures than one or more
 * than the template takes, WorkflowRefusedError when the result would need an input that nothing gives.
 */
export function fill(template: Template, request: FillRequest, catalog?: NodeCatalog): ApiPrompt {
  const given = request.pictures.length;
  const most = template.pictures.length;
  if (given < 1 || given > most) {
    throw new InvalidParametersError(
      `Cannot fill the workflow ${template.name}: ${given} pictures were given (wanted ${
        most === 1 ? "1" : `1 to ${most}`
      })`,
    );
  }
  const values = valuesToSend(template, request.params);
  const graph = withInputs(template.graph, [
    ...request.pictures.map((picture, i) => ({ at: [template.pictures[i]!], value: picture })),
    {
      at: template.promptText,
      value: namePictures(request.promptText, template.pictureName, given),
    },
    ...Object.entries(template.params).map(([name, { spec, targets }]) => ({
      at: targets,
      value: asGraphHas(spec, values[name]!),
    })),
    ...(request.megapixels === undefined
      ? []
      : [{ at: template.megapixels, value: request.megapixels }]),
    { at: template.output.filename, value: request.filename },
  ]);
  if (!catalog) return graphFor({ ...template, graph }, given);
  const completed = completeGraph(graphFor({ ...template, graph }, given, catalog), catalog).graph;
  const [missing] = missingInputs(completed, catalog, sourcesOf(completed, template.output.node));
  if (missing) {
    const { nodeId, classType, input } = missing;
    const pictures = given === 1 ? "1 picture" : `${given} pictures`;
    throw new WorkflowRefusedError(
      `Cannot fill the workflow ${template.name} with ${pictures}: node ${nodeId} (${classType}) needs the input ` +
        `"${input}", which the graph does not give`,
      nodeId,
      classType,
    );
  }
  return completed;
}

/**
 * A name of a picture with its number: `<image2>`, `Picture 2`, `photo #2`, `на картинке 2`, `фото №2`. A measure is none:
 * "make the picture 2 times larger".
 */
const pictureName = new RegExp(
  "<\\s*image\\s*(?<tag>\\d{1,2})\\s*>|" +
    "(?<![\\p{L}\\p{N}])" +
    "(?:picture|image|photo|картинк\\p{L}{1,3}|фото(?:графи\\p{L}{1,3})?|изображени\\p{L}{1,2})" +
    "\\s*[#№]?\\s*(?<number>\\d{1,2})" +
    "(?![\\p{L}\\p{N}%]|[.,]\\d|\\s*(?:times|x\\b|×|раз))",
  "giu",
);

/** People write "Picture 2" or "картинка 2", and each model was taught a name of its own: the words with each of the job's pictures called as the model knows it; `{n}` in `name` is the picture's number. */
export function namePictures(words: string, name: string | undefined, pictures: number): string {
  if (name === undefined) return words;
  return words.replaceAll(pictureName, (written: string, tag?: string, number?: string) => {
    const n = Number(tag ?? number);
    return n >= 1 && n <= pictures ? name.replaceAll("{n}", String(n)) : written;
  });
}

/** True where the words speak of a picture by its number. */
export function namesPictures(words: string): boolean {
  return words.search(pictureName) >= 0;
}

/**
 * The template's graph for so many pictures: without the nodes of the others, and with no gap left in a list of inputs
 * that needs its first ones, as far as the catalog tells.
 */
export function graphFor(template: Template, pictures: number, catalog?: NodeCatalog): ApiPrompt {
  const nodes = template.pictures.map(({ node }) => node);
  const pruned = withoutPictures(
    template.graph,
    new Set(nodes.slice(pictures)),
    new Set(nodes.slice(0, pictures)),
  );
  return catalog ? closeGaps(template.graph, pruned, catalog) : pruned;
}

/** Every parameter's value as the graph gets it: today's limits kept, scaling done, floors kept. */
function valuesToSend(template: Template, params: ParamValues): ParamValues {
  const all = Object.entries(template.params);
  const values: Record<string, ParamValue> = {};
  for (const [name, { spec }] of all) {
    values[name] = clampParam(spec, params[name] ?? spec.default);
  }
  for (const [name, { scales }] of all) {
    if (!scales) continue;
    const factor = Math.min(1, Number(values[name]) / scales.fullAt);
    values[scales.param] = Number((Number(values[scales.param]) * factor).toFixed(4));
  }
  for (const [name, { floor }] of all) {
    if (floor !== undefined) values[name] = Math.max(floor, Number(values[name]));
  }
  return values;
}

/** A seed of digits is a number in a graph. */
function asGraphHas({ kind }: ParamSpec, value: ParamValue): unknown {
  return kind === "seed" && typeof value === "string" ? rawNumber(value) : value;
}

function withInputs(
  graph: ApiPrompt,
  writes: readonly { readonly at: readonly NodeInput[]; readonly value: unknown }[],
): ApiPrompt {
  const changed: Record<string, ApiNode> = { ...graph };
  for (const { at, value } of writes) {
    for (const { node: id, input } of at) {
      const node = changed[id]!; // the manifest was checked against the graph
      changed[id] = { ...node, inputs: { ...node.inputs, [input]: value } };
    }
  }
  return changed;
}

/**
 * Takes the nodes of unused pictures out, and with them whatever shows nothing but unused pictures (a node that scales
 * one), whatever then feeds nothing any more, and every link to them.
 */
function withoutPictures(
  graph: ApiPrompt,
  unused: ReadonlySet<string>,
  used: ReadonlySet<string>,
): ApiPrompt {
  if (unused.size === 0) return graph;
  const ids = Object.keys(graph);
  const gone = new Set(ids.filter((id) => {
    const sources = sourcesOf(graph, id);
    return !sources.isDisjointFrom(unused) && sources.isDisjointFrom(used);
  }));
  const fedBy = (id: string) => ids.filter((other) => linkedFrom(graph, other).includes(id));
  for (let size = -1; size !== gone.size;) {
    size = gone.size;
    for (const id of ids) {
      const consumers = fedBy(id);
      if (consumers.length > 0 && consumers.every((other) => gone.has(other))) gone.add(id);
    }
  }
  return Object.fromEntries(
    Object.entries(graph).filter(([id]) => !gone.has(id)).map(([id, node]) => [id, {
      ...node,
      inputs: Object.fromEntries(
        Object.entries(node.inputs).filter(([, value]) => !isLink(value) || !gone.has(value[0])),
      ),
    }]),
  );
}

/** The node itself and every node that something flows into it from. */
export function sourcesOf(graph: ApiPrompt, id: string): Set<string> {
  const sources = new Set([id]);
  for (const source of sources) { // a Set's iteration takes in what is added on the way
    for (const next of linkedFrom(graph, source)) sources.add(next);
  }
  return sources;
}

function linkedFrom(graph: ApiPrompt, id: string): string[] {
  return Object.values(graph[id]?.inputs ?? {}).filter(isLink).map(([from]) => from);
}
