/**
 * Drafts a manifest by reading a graph: what of it may change, and where. The parameters, their limits and sentences are those
 * of a template that ships with the program, bound to this graph's inputs. Every guess is said in a note.
 */
import { ConfigError } from "./errors.ts";
import { type GraphRoles, rolesOf, showsOnly } from "./graph_roles.ts";
import { type HeldValue, holderOf, upstream } from "./graph_trace.ts";
import { maxSeed, type ParamSpec } from "./params.ts";
import type { ApiNode, ApiPrompt, NodeInput, Template, TemplateParam } from "./workflow.ts";

/** One key of a manifest, with a comment that says what was guessed. */
export interface DraftEntry {
  readonly key: string;
  readonly value: unknown;
  readonly note?: string;
}

export interface ManifestDraft {
  /** The graph to go with it: the given one, but for an output that ComfyUI would not keep. */
  readonly graph: ApiPrompt;
  readonly entries: readonly DraftEntry[];
  readonly parameters: readonly DraftEntry[];
  /** What somebody should look at, a sentence each. */
  readonly warnings: readonly string[];
}

export interface DraftOptions {
  /** The template's name; its title until somebody writes a better one. */
  readonly name: string;
  /** What the graph was read from, for the description. */
  readonly file: string;
  /** Whose parameters are looked for, in their order. */
  readonly model: Template;
  /** Where node classes come from that ComfyUI does not have itself. */
  readonly nodePacks: Readonly<Record<string, string>>;
}

/** Most pictures that one message can bring. */
const maxPictures = 3;
/** Under which inputs a sampler and what feeds it hold a parameter. */
const heldUnder: Readonly<Record<string, readonly string[]>> = {
  steps: ["steps"],
  cfg: ["cfg"],
  seed: ["seed", "noise_seed"],
  sampler: ["sampler_name"],
  scheduler: ["scheduler"],
  eta: ["eta"],
  denoise: ["denoise"],
};
const modelInput = /(?:^|\.)(ckpt|unet|clip|vae|lora|control_net|style_model|model)_name\d*$/;
/** Under which input a node that scales a picture holds how many megapixels it gets. */
const scalesTo: Readonly<Partial<Record<string, string>>> = {
  ImageScaleToTotalPixels: "megapixels",
  ResizeImageMaskNode: "resize_type.megapixels",
};
const filenameInputs = ["filename_prefix", "filename"];

/** Throws ConfigError where the graph is none that edits a picture by words. */
export function draftManifest(given: ApiPrompt, options: DraftOptions): ManifestDraft {
  const roles = rolesOf(given);
  if (!roles) {
    throw cannot("nothing in it saves a picture", "a Save Image node at the end of the workflow");
  }
  if (roles.pictures.length === 0) {
    throw cannot("no picture flows into its result", "a Load Image node that is used");
  }
  if (roles.promptText.length === 0) {
    throw cannot("no words flow into its result", "a text encoder in front of the sampler");
  }
  const graph = withSavedOutput(given, roles.output);
  const parameters = parametersOf(graph, roles, options.model);
  const about = (id: string) => `node ${id} (${graph[id]!.class_type})`;
  const pictures = roles.pictures.slice(0, maxPictures);
  const flowing = upstream(graph, roles.output);
  const megapixels = flowing.flatMap((node) => {
    const input = scalesTo[graph[node]!.class_type];
    return input === undefined ? [] : holderOf(graph, { node, input }, "number") ?? [];
  });
  const filename = filenameInputs.flatMap((input) =>
    holderOf(graph, { node: roles.output, input }, "string") ?? []
  ).slice(0, 1);
  const models = Object.entries(graph).flatMap(([node, { inputs }]) =>
    Object.keys(inputs).filter((input) => modelInput.test(input) && inputs[input] !== "")
      .flatMap((input) => typeof inputs[input] === "string" ? [{ node, input }] : [])
  );
  const packs = Object.entries(options.nodePacks).filter(([classType]) =>
    Object.values(graph).some(({ class_type }) => class_type === classType)
  );
  const text = (en: string, ru: string) => ({ en, ru });
  return {
    graph,
    entries: [
      {
        key: "title",
        value: text(options.name, options.name),
        note: "What people see in the menu. Write better ones.",
      },
      {
        key: "description",
        value: text(`Imported from ${options.file}.`, `Импортирован из ${options.file}.`),
      },
      {
        key: "pictures",
        value: pictures.map((node) => `${node}.image`),
        note: "Picture 1, 2, 3. Guessed: in the order in which the text encoder takes them.",
      },
      {
        key: "prompt_text",
        value: written(roles.promptText),
        note: "Guessed: the words that flow into the sampler as positive.",
      },
      ...entry("megapixels", megapixels, "What image.scale_megapixels of config.yaml sets."),
      { key: "output", value: roles.output, note: `Guessed: ${about(roles.output)} saves it.` },
      ...entry("filename", filename),
      ...entry("models", models, "Checked against what ComfyUI has."),
      ...(packs.length === 0 ? [] : [{ key: "node_packs", value: Object.fromEntries(packs) }]),
    ],
    parameters,
    warnings: [...warningsOf(given, roles, parameters, options.model)],
  };
}

/** What the graph was drawn with stands in it as each parameter's default. */
function parametersOf(graph: ApiPrompt, roles: GraphRoles, model: Template): DraftEntry[] {
  const found = new Map<string, DraftEntry>();
  for (const [key, param] of Object.entries(model.params)) {
    const at = targetsOf(graph, roles, key, param.spec.kind);
    if (at) found.set(key, { key, value: parameterAt(graph, at, param), note: noteOn(graph, at) });
  }
  return Object.entries(model.params).flatMap(([key, param]) => {
    const { scales } = param;
    // One that only scales another is there with it.
    if (!scales) return found.get(key) ?? [];
    if (!found.has(scales.param)) return [];
    const { kind } = param.spec;
    return { key, value: { kind, ...scaling(scales), ...specOf(param) } };
  });
}

/** The input that reads the value, and where the value stands. */
interface Target {
  readonly read: NodeInput;
  readonly held: readonly HeldValue[];
}

function targetsOf(
  graph: ApiPrompt,
  { sampling, negativeText }: GraphRoles,
  key: string,
  kind: ParamSpec["kind"],
): Target | undefined {
  if (key === "negative_prompt") {
    const held = negativeText.flatMap((at) => holderOf(graph, at, "string") ?? []);
    return held[0] && { read: held[0], held };
  }
  const type = kind === "choice" || kind === "text" ? "string" : "number";
  for (const node of sampling) {
    for (const input of heldUnder[key] ?? []) {
      const held = holderOf(graph, { node, input }, type);
      if (held && canBe(kind, held.value)) return { read: { node, input }, held: [held] };
    }
  }
  return undefined;
}

/** Whether a manifest takes the value as the default of such a parameter. */
function canBe(kind: ParamSpec["kind"], value: number | string): boolean {
  if (kind === "int" || kind === "seed") return Number.isInteger(value);
  return kind !== "choice" || /\S/.test(String(value));
}

function parameterAt(graph: ApiPrompt, { read, held }: Target, param: TemplateParam) {
  const [first] = held;
  const { kind } = param.spec;
  const ownOptions = first!.node === read.node;
  const isChoice = kind === "choice" && ownOptions;
  const floor = /^Clownshar/i.test(graph[read.node]!.class_type) ? param.floor : undefined;
  return {
    kind,
    targets: written(held),
    ...(isChoice ? { options_from: nameOf(read) } : {}),
    ...specOf({ ...param, spec: withDefault(param.spec, first!.value) }),
    ...(floor === undefined ? {} : { floor }),
    ...(param.about ? { about: param.about } : {}),
  };
}

/** The spec with the graph's own value, and limits that hold it. A seed stays random: nobody wants the exported one for ever. */
function withDefault(spec: ParamSpec, value: number | string): ParamSpec {
  switch (spec.kind) {
    case "int":
    case "float": {
      const number = Number(value);
      const [min, max] = [Math.min(spec.min, number), Math.max(spec.max, number)];
      return { ...spec, default: number, min, max };
    }
    case "choice":
    case "text":
      return { ...spec, default: String(value) };
    case "seed":
      return spec;
    default:
      return spec satisfies never;
  }
}

/** The keys of a manifest that say what a parameter may be. */
function specOf({ spec, about, scales }: TemplateParam) {
  const shared = scales && about ? { about } : {};
  switch (spec.kind) {
    case "int":
    case "float": {
      const { min, max, step } = spec;
      return { default: spec.default, min, max, step, ...shared };
    }
    case "seed":
      return { default: spec.default, ...(spec.max === maxSeed ? {} : { max: spec.max }) };
    case "choice":
      return { default: spec.default };
    case "text":
      return { default: spec.default, max_length: Math.max(spec.maxLength, spec.default.length) };
    default:
      return spec satisfies never;
  }
}

function scaling({ param, fullAt }: NonNullable<TemplateParam["scales"]>) {
  return { scales: param, full_at: fullAt };
}

function noteOn(graph: ApiPrompt, { read, held }: Target): string {
  const node = (id: string) => `node ${id} (${graph[id]!.class_type})`;
  const through = held[0]!.node === read.node ? "" : `, which ${node(held[0]!.node)} feeds`;
  return `Guessed: ${read.input} of ${node(read.node)}${through}.`;
}

function* warningsOf(
  graph: ApiPrompt,
  roles: GraphRoles,
  parameters: readonly DraftEntry[],
  model: Template,
): Generator<string> {
  const node = (id: string) => `node ${id} (${graph[id]!.class_type})`;
  const nodes = (ids: readonly string[]) => ids.map(node).join(", ");
  if (showsOnly(graph[roles.output]!)) {
    yield `${
      node(roles.output)
    } only shows the result, and ComfyUI does not keep it: it became a ` +
      "SaveImage in the imported graph.";
  }
  if (roles.otherOutputs.length > 0) {
    yield `The result is what ${node(roles.output)} saves; ${nodes(roles.otherOutputs)} run too.`;
  }
  if (roles.sampling.length === 0) {
    yield "There is no sampler in it that is known: it has no steps, seed and the like to choose.";
  } else {
    const lacking = Object.entries(model.params).filter(([key, { scales }]) =>
      !scales && !parameters.some((entry) => entry.key === key)
    ).map(([key]) => key);
    if (lacking.length > 0) yield `Not found in it: ${lacking.join(", ")}.`;
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
}

/** A node that only shows becomes one that saves: of what is only shown ComfyUI keeps nothing. */
function withSavedOutput(graph: ApiPrompt, output: string): ApiPrompt {
  const node = graph[output]!;
  if (!showsOnly(node)) return graph;
  const saving: ApiNode = {
    class_type: "SaveImage",
    inputs: { filename_prefix: "image-edit-bot", images: node.inputs["images"] },
  };
  return { ...graph, [output]: saving };
}

function entry(key: string, at: readonly NodeInput[], note?: string): DraftEntry[] {
  return at.length === 0 ? [] : [{ key, value: written(at), ...(note ? { note } : {}) }];
}

/** `115.value`, or a list of such; each once. */
function written(inputs: readonly NodeInput[]): string | readonly string[] {
  const names = [...new Set(inputs.map(nameOf))];
  return names.length === 1 ? names[0]! : names;
}

function nameOf({ node, input }: NodeInput): string {
  return `${node}.${input}`;
}

function cannot(what: string, wanted: string): ConfigError {
  return new ConfigError(`Cannot make a template of it: ${what} (wanted ${wanted})`);
}
