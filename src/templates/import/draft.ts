/**
 * Drafts a manifest from a graph: which inputs may change. Parameters, limits and descriptions are those of an embedded template, bound
 * to this graph's inputs; every guess is marked by a note. Does not know where the files go.
 */
import { Document, isMap, isScalar, YAMLMap } from "yaml";
import { ConfigError } from "../../lib/mod.ts";
import { type ApiNode, type ApiPrompt, type NodeInput, type Template } from "../mod.ts";
import { type GraphRoles, keepsNothing, rolesOf } from "./graph_roles.ts";
import { type HeldValue, holderOf, takenBranches, upstream } from "./graph_trace.ts";
import { loraParameters } from "./loras.ts";
import { type DraftEntry, parametersOf, written } from "./params.ts";
import { draftWarnings } from "./warnings.ts";

export interface ManifestDraft {
  /** The graph that belongs to it; differs from the exported one where ComfyUI would not save the output. */
  readonly graph: ApiPrompt;
  readonly entries: readonly DraftEntry[];
  readonly parameters: readonly DraftEntry[];
  /** Points to check by hand, a sentence each. */
  readonly warnings: readonly string[];
}

export interface DraftOptions {
  /** The template's first title. */
  readonly name: string;
  /** The name of the exported file, for the description. */
  readonly file: string;
  /** The template whose parameters are bound, in their order. */
  readonly model: Template;
  /** Node packs of classes that are not ComfyUI's own. */
  readonly nodePacks: Readonly<Record<string, string>>;
  /** Where the model files of a node come from, where that is known. */
  readonly models?: Readonly<Record<string, readonly KnownModel[]>>;
}

/** A model file as the web page knows it. */
interface KnownModel {
  readonly name: string;
  readonly url: string;
  readonly directory: string;
}

/** Pictures in one request at most: an album's. */
const maxPictures = 10;
const modelInput = /(?:^|\.)(ckpt|unet|clip|vae|lora|control_net|style_model|model)_name\d*$/;
/** Scaling nodes → their input for megapixels. */
const scalesTo: Readonly<Partial<Record<string, string>>> = {
  ImageScaleToTotalPixels: "megapixels",
  ResizeImageMaskNode: "resize_type.megapixels",
};
/** Text encoders that give their pictures names for the words → these names. */
const namesOfPictures: Readonly<Partial<Record<string, string>>> = {
  TextEncodeQwenImageEditPlus: "Picture {n}",
  TextEncodeQwenImage21: "<image{n}>",
};
const filenameInputs = ["filename_prefix", "filename"];

/** Throws ConfigError where the graph is none that edits a picture by words, upscales one or removes its background. */
export function draftManifest(given: ApiPrompt, options: DraftOptions): ManifestDraft {
  const roles = rolesOf(takenBranches(given));
  if (!roles) {
    throw cannot("nothing in it saves a picture", "a Save Image node at the end of the workflow");
  }
  if (roles.pictures.length === 0) {
    const [other] = roles.otherLoaders;
    throw other === undefined
      ? cannot("no picture flows into its result", "a Load Image node that is used")
      : cannot(
        `its picture comes in by node ${other} (${
          given[other]!.class_type
        }), which does not read ComfyUI's input folder`,
        "a Load Image node in its place",
      );
  }
  const hasWords = roles.promptText.length > 0;
  const isCutout = upstream(given, roles.output).some((id) => removesBackground(given[id]!));
  const isUpscaler = upstream(given, roles.output).some((id) => upscales(given[id]!, roles));
  if (!hasWords && !isCutout && !isUpscaler) {
    throw cannot("no words flow into its result", "a text encoder in front of the sampler");
  }
  const graph = withSavedOutput(given, roles.output);
  const taken = takenBranches(graph);
  const { parameters: known, leftOut } = parametersOf(taken, roles, options.model);
  const scalers = scalersOf(taken, roles);
  const parameters = [
    // What an upscaler makes is as large as people want, not as a picture is scaled to before an edit.
    ...(hasWords ? [] : sizeParameter(scalers)),
    ...known,
  ];
  const about = (id: string) => `node ${id} (${graph[id]!.class_type})`;
  const pictures = roles.pictures.slice(0, maxPictures);
  const filename = filenameInputs.flatMap((input) =>
    holderOf(taken, { node: roles.output, input }, "string") ?? []
  ).slice(0, 1);
  const models = Object.entries(graph).flatMap(([node, { inputs }]) =>
    Object.keys(inputs).filter((input) => modelInput.test(input) && inputs[input] !== "")
      .flatMap((input) => {
        const file = inputs[input];
        return typeof file === "string" ? [modelEntry({ node, input }, file, options.models)] : [];
      })
  );
  const packs = Object.entries(options.nodePacks).filter(([classType]) =>
    Object.values(graph).some(({ class_type }) => class_type === classType)
  );
  const pictureName = upstream(taken, roles.output)
    .map((id) => namesOfPictures[graph[id]!.class_type]).find((name) => name !== undefined);
  const text = (en: string, ru: string) => ({ en, ru });
  return {
    graph,
    entries: [
      {
        key: "title",
        value: text(options.name, options.name),
        note: "What users see in the menu. Write better ones.",
      },
      {
        key: "description",
        value: text(`Imported from ${options.file}.`, `Импортирован из ${options.file}.`),
      },
      ...(hasWords ? [] : [{
        key: "kind",
        value: isCutout ? "cutout" : "upscale",
        note: `Guessed: it takes no words, and has a node that ${
          isCutout ? "removes the background" : "makes pictures larger"
        }.`,
      }]),
      {
        key: "pictures",
        value: pictures.map((node) => `${node}.image`),
        note: "Picture 1, 2, 3. Guessed: in the order in which the text encoder takes them.",
      },
      ...(pictureName === undefined || pictures.length < 2 ? [] : [{
        key: "picture_name",
        value: pictureName,
        note: "As the text encoder calls them.",
      }]),
      ...entry(
        "prompt_text",
        roles.promptText,
        "Guessed: the words that flow into the sampler as positive.",
      ),
      ...(hasWords
        ? entry("megapixels", scalers, "What image.scale_megapixels of config.yaml sets.")
        : []),
      { key: "output", value: roles.output, note: `Guessed: ${about(roles.output)} saves it.` },
      ...entry("filename", filename),
      ...(models.length === 0 ? [] : [{
        key: "models",
        value: models.length === 1 ? models[0] : models,
        note: "Checked against what ComfyUI has.",
      }]),
      ...(packs.length === 0 ? [] : [{ key: "node_packs", value: Object.fromEntries(packs) }]),
    ],
    parameters: [...parameters, ...loraParameters(taken, roles.output)],
    warnings: [
      ...draftWarnings(given, roles, {
        parameters: parameters.map(({ key }) => key),
        model: options.model,
        maxPictures,
        leftOut,
      }),
    ],
  };
}

/** True for a node of those that take a picture's background away. */
function removesBackground({ class_type }: ApiNode): boolean {
  return /rmbg|rembg|birefnet|inspyrenet|matting|remove_?(bg|background)|background_?remov|cutout/i
    .test(class_type);
}

/** True for a node of those that make a picture larger; where something is drawn, scaling is only a part of it. */
function upscales({ class_type }: ApiNode, { sampling }: GraphRoles): boolean {
  return /upscal|seedvr/i.test(class_type) ||
    sampling.length === 0 && /scale|resize/i.test(class_type);
}

/** `118.ckpt_name`, or a map of that and where the file comes from. */
function modelEntry(
  { node, input }: NodeInput,
  file: string,
  known: DraftOptions["models"],
): unknown {
  const at = `${node}.${input}`;
  const from = known?.[node]?.find(({ name }) => name === file.replace(/^.*[\\/]/, ""));
  const isUsable = from && /^https?:\/\/\S+$/.test(from.url) &&
    /^(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*$/.test(from.directory);
  return isUsable ? { input: at, file, folder: from.directory, url: from.url } : at;
}

/** Where the size stands to which pictures are scaled as they come in, picture 1 first; nothing that scales what was made. */
function scalersOf(graph: ApiPrompt, { output, pictures, sampling, otherSamplers }: GraphRoles) {
  const made = [sampling[0], ...otherSamplers];
  return upstream(graph, output).flatMap((node) => {
    const input = scalesTo[graph[node]!.class_type];
    const at = input === undefined ? undefined : holderOf(graph, { node, input }, "number");
    const above = upstream(graph, node);
    const picture = pictures.findIndex((id) => above.includes(id));
    return !at || picture < 0 || above.some((id) => made.includes(id)) ? [] : [{ at, picture }];
  }).sort((a, b) => a.picture - b.picture).map(({ at }) => at);
}

/** The size of the result, for users to choose. */
function sizeParameter(scalers: readonly HeldValue[]): DraftEntry[] {
  const [first] = scalers;
  if (!first) return [];
  const megapixels = Number(first.value);
  return [{
    key: "megapixels",
    value: {
      kind: "float",
      targets: written(scalers),
      default: megapixels,
      min: Math.min(1, megapixels),
      max: Math.max(16, megapixels),
      step: 0.5,
      about: {
        en: "How large the result is, in millions of pixels; its shape stays.",
        ru: "Размер результата в миллионах пикселей; пропорции сохраняются.",
      },
    },
    note: `Guessed: ${first.input} of node ${first.node}.`,
  }];
}

/** A node that only shows becomes one that saves: of what is only shown ComfyUI keeps nothing. */
function withSavedOutput(graph: ApiPrompt, output: string): ApiPrompt {
  const node = graph[output]!;
  if (!keepsNothing(node)) return graph;
  const saving: ApiNode = {
    class_type: "SaveImage",
    inputs: {
      filename_prefix: "image-edit-bot",
      images: node.inputs["images"] ?? node.inputs["image"],
    },
  };
  return { ...graph, [output]: saving };
}

function entry(key: string, at: readonly NodeInput[], note?: string): DraftEntry[] {
  return at.length === 0 ? [] : [{ key, value: written(at), ...(note ? { note } : {}) }];
}

function cannot(what: string, wanted: string): ConfigError {
  return new ConfigError(`Cannot make a template from it: ${what} (wanted ${wanted})`);
}

/** The manifest as YAML, with notes as comments; `head` is its first comment. */
export function manifestText(draft: ManifestDraft, head: string): string {
  const document = new Document(new YAMLMap());
  add(document, document.contents, draft.entries);
  const parameters = new YAMLMap();
  add(document, parameters, draft.parameters);
  document.set("parameters", parameters);
  document.commentBefore = ` ${head}`;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function add(document: Document, map: unknown, entries: readonly DraftEntry[]): void {
  if (!isMap(map)) return;
  for (const { key, value, note } of entries) {
    const pair = document.createPair(key, value);
    if (isScalar(pair.key) && note !== undefined) pair.key.commentBefore = ` ${note}`;
    map.items.push(pair);
  }
}
