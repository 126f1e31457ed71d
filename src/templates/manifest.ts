/**
 * Parses a template's two files. Owns the manifest's format and how it must match its graph;
 * every error names file, line and column. Reads no files and asks no ComfyUI.
 */
import { z } from "zod";
import { ConfigError, nearest, parseBytes } from "../lib/mod.ts";
import {
  allowedKeysMessage,
  filled,
  parsed,
  parseYamlText,
  type SourceText,
} from "../lib/yaml/mod.ts";
import { type ApiPrompt, isLink, type NodeInput } from "./graph.ts";
import { isFilter, optionMatches } from "./option_filter.ts";
import { maxSeed } from "./params.ts";
import { type ModelFile, type Template, type TemplateParam } from "./template.ts";

/** Reads a manifest and binds it to its graph. Throws ConfigError that names every place where they do not fit. */
export function parseManifest(
  source: SourceText,
  { name, graph, origin }: Pick<Template, "name" | "graph" | "origin">,
): Template {
  const { data, problems } = parseYamlText(source, manifestSchema(graph));
  if (data === undefined) throw new ConfigError(problems.join("\n"));
  return { name, graph, origin, ...data };
}

/** A map of these keys and no others. Messages read after "wanted", as parseYamlText needs them. */
function map<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = allowedKeysMessage(Object.keys(shape));
  return z.strictObject(shape, {
    error: (issue) => issue.code === "unrecognized_keys" ? keys : `a map of ${keys}`,
  });
}

const localized = z.preprocess(
  (value) => typeof value === "string" ? { en: value, ru: value } : value,
  map({ en: filled("a text in English"), ru: filled("a text in Russian") }),
);
const number = z.number({ error: "a number" });
const words = z.string({ error: "a text" });

/** `115.value`, or a list of such, each an input of the graph that holds a value. */
function inputsOf(graph: ApiPrompt) {
  return z.unknown().transform((value, context): readonly NodeInput[] => {
    const listed = Array.isArray(value);
    return (listed ? value : [value]).flatMap((written: unknown, i) => {
      const found = findInput(graph, written);
      if (typeof found !== "string") return [found];
      const path = listed ? [i] : [];
      context.issues.push({ code: "custom", message: found, path, input: written });
      return [];
    });
  });
}

/** The input that `NODE.INPUT` names, or what is wanted instead. */
function findInput(graph: ApiPrompt, written: unknown): NodeInput | string {
  const match = typeof written === "string" ? /^([^.\s]+)\.(\S.*)$/.exec(written) : null;
  if (!match) return "NODE.INPUT, such as 115.value";
  const [, id = "", input = ""] = match;
  if (!Object.hasOwn(graph, id)) return nodeWanted(graph, id);
  const { inputs, class_type } = graph[id]!;
  if (!Object.hasOwn(inputs, input)) {
    return `an input of node ${id} (${class_type}): ${Object.keys(inputs).join(", ") || "none"}`;
  }
  const value = inputs[input];
  if (isLink(value)) return `an input with a value of its own, this one is fed by node ${value[0]}`;
  return { node: id, input };
}

/** What a template's model files are, by its `models`: `118.ckpt_name`, or a map of that and what is known of the file. */
function modelsOf(graph: ApiPrompt) {
  const inputs = inputsOf(graph);
  const known = knownFile(inputs);
  return z.unknown().transform((value, context) => {
    const named: NodeInput[] = [];
    const files: ModelFile[] = [];
    const listed: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
    for (const [i, written] of (listed ?? [value]).entries()) {
      const isMap = typeof written === "object" && written !== null;
      const file = isMap ? known.safeParse(written) : undefined;
      const input = isMap ? undefined : inputs.safeParse(written);
      for (const issue of (file ?? input)?.error?.issues ?? []) {
        const path = [...(listed ? [i] : []), ...issue.path];
        context.issues.push({ ...issue, path, input: written } as z.core.$ZodRawIssue);
      }
      named.push(...(file?.data?.inputs ?? input?.data ?? []));
      if (file?.data) files.push(file.data);
    }
    return { inputs: named, files };
  });
}

function knownFile(inputs: ReturnType<typeof inputsOf>) {
  const rounded = parsed("a size such as 6.76 GB", parseBytes);
  return map({
    input: inputs,
    file: filled("the file's name as the graph has it"),
    folder: words.regex(/^(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*$/, {
      error: "a folder below ComfyUI's models/, such as loras",
    }).optional(),
    url: z.url({ protocol: /^https?$/, error: "an address that begins with https://" }).optional(),
    size: z.union([
      z.int().positive().transform((bytes) => ({ bytes, isExact: true })),
      rounded.transform((bytes) => ({ bytes, isExact: false })),
    ], { error: "a size such as 6.76 GB, or a number of bytes" }).optional(),
    sha256: words.regex(/^[0-9a-fA-F]{64}$/, { error: "64 hexadecimal digits" })
      .transform((digits) => digits.toLowerCase()).optional(),
  }).transform(({ input, file, folder, url, size, sha256 }): ModelFile => ({
    inputs: input,
    file,
    ...(folder !== undefined && { folder }),
    ...(url !== undefined && { url }),
    ...(size !== undefined && { size }),
    ...(sha256 !== undefined && { sha256 }),
  }));
}

function nodeWanted(graph: ApiPrompt, id: string): string {
  return `a node of the graph, such as ${nearest(id, Object.keys(graph)).join(", ")}`;
}

const FILTER = "options such as *lightning*, or /a regular expression/";
const filterText = z.string({ error: FILTER }).refine(isFilter, { error: FILTER });

function paramSchema(graph: ApiPrompt) {
  const inputs = inputsOf(graph);
  const common = { about: localized.optional(), targets: inputs.optional() };
  const numeric = {
    ...common,
    default: number,
    min: number,
    max: number,
    step: z.number({ error: "a number" }).min(0.0001, { error: "a number, 0.0001 at least" }),
    floor: number.optional(),
    scales: words.optional(),
    full_at: z.number({ error: "a number" }).positive({ error: "a number above 0" }).optional(),
  };
  return z.discriminatedUnion("kind", [
    map({ kind: z.literal("int"), ...numeric }),
    map({ kind: z.literal("float"), ...numeric }),
    map({ kind: z.literal("seed"), ...common, default: number.optional(), max: number.optional() }),
    map({
      kind: z.literal("choice"),
      ...common,
      default: filled("the option to begin with"),
      options: z.array(words, { error: "a list of options" }).optional(),
      options_from: inputs.optional(),
      filter: z.union([filterText.transform((one) => [one]), z.array(filterText)], {
        error: FILTER,
      }).optional(),
    }),
    map({
      kind: z.literal("text"),
      ...common,
      default: words.optional(),
      max_length: z.int({ error: "a whole number" }).positive({ error: "a number above 0" })
        .optional(),
    }),
  ], { error: "one of int, float, choice, seed, text" });
}

type ParamEntry = z.output<ReturnType<typeof paramSchema>>;

function manifestSchema(graph: ApiPrompt) {
  const inputs = inputsOf(graph);
  return map({
    title: localized,
    description: localized,
    kind: z.enum(["edit", "upscale", "cutout"], { error: "edit, upscale or cutout" }).optional(),
    factor: z.int({ error: "a whole number" }).min(2, { error: "a number, 2 at least" }).optional(),
    licence: filled("the licence of the model files, such as Apache-2.0").optional(),
    vram_gb: z.number({ error: "a number" }).positive({ error: "a number above 0" }).optional(),
    comfyui: parsed(
      "a version as a text, such as 0.37.0",
      (text) => /^\d+(\.\d+){1,2}$/.test(text) ? text : undefined,
    ).optional(),
    pictures: inputs,
    picture_name: words.includes("{n}", { error: "a name with {n} in it, such as Picture {n}" })
      .optional(),
    prompt_text: inputs.optional(),
    marks: filled("a sentence").optional(),
    outpaint: z.union([z.literal(false), filled("a sentence, or false")], {
      error: "a sentence, or false",
    }).optional(),
    output: z.union([z.string(), z.number()], { error: "a node's id" }).transform(String)
      .superRefine((id, context) => {
        if (Object.hasOwn(graph, id)) return;
        context.addIssue({ code: "custom", message: nodeWanted(graph, id) });
      }),
    filename: inputs.optional(),
    megapixels: inputs.optional(),
    models: modelsOf(graph).optional(),
    node_packs: z.record(z.string(), words, { error: "a map of classes" }).optional(),
    parameters: z.record(
      z.string().regex(/^[a-z][a-z0-9_]*$/),
      paramSchema(graph),
      { error: (issue) => issue.code === "invalid_key" ? "a name such as steps" : "a map" },
    ),
  }).superRefine(({ parameters, kind, prompt_text }, context) => {
    if (!prompt_text && (kind ?? "edit") === "edit") {
      const message = "NODE.INPUT, such as 115.value";
      context.addIssue({ code: "custom", path: ["prompt_text"], message });
    }
    for (const [name, entry] of Object.entries(parameters)) {
      for (const { at, message } of paramProblems(entry, parameters)) {
        context.addIssue({ code: "custom", path: ["parameters", name, ...at], message });
      }
    }
  }).transform((manifest): Omit<Template, "name" | "graph" | "origin"> => ({
    title: manifest.title,
    description: manifest.description,
    kind: manifest.kind ?? "edit",
    ...(manifest.factor !== undefined && { factor: manifest.factor }),
    ...(manifest.licence !== undefined && { licence: manifest.licence }),
    ...(manifest.vram_gb !== undefined && { vramGb: manifest.vram_gb }),
    ...(manifest.comfyui !== undefined && { comfyui: manifest.comfyui }),
    pictures: manifest.pictures,
    ...(manifest.picture_name !== undefined && { pictureName: manifest.picture_name }),
    promptText: manifest.prompt_text ?? [],
    ...(manifest.marks !== undefined && { marks: manifest.marks }),
    ...(manifest.outpaint !== undefined && { outpaint: manifest.outpaint }),
    output: { node: manifest.output, filename: manifest.filename ?? [] },
    megapixels: manifest.megapixels ?? [],
    models: manifest.models?.inputs ?? [],
    modelFiles: manifest.models?.files ?? [],
    ...(manifest.node_packs && { nodePacks: manifest.node_packs }),
    params: Object.fromEntries(
      Object.entries(manifest.parameters).map(([name, entry]) => [name, paramOf(entry)]),
    ),
  }));
}

/** What no schema of one field can see. `message` reads after "wanted". */
function* paramProblems(
  entry: ParamEntry,
  all: Readonly<Record<string, ParamEntry>>,
): Generator<{ at: string[]; message: string }> {
  const scales = "scales" in entry ? entry.scales : undefined;
  if (scales === undefined && (entry.targets ?? []).length === 0) {
    yield { at: ["targets"], message: "NODE.INPUT: a parameter has to change something" };
  }
  if (entry.kind === "choice" && entry.options && !entry.options.includes(entry.default)) {
    yield { at: ["default"], message: `one of its options: ${entry.options.join(", ")}` };
  }
  if (entry.kind === "choice" && !optionMatches(entry.default, entry.filter)) {
    yield { at: ["default"], message: `what the filter lets through: ${entry.filter?.join(", ")}` };
  }
  if (entry.kind !== "int" && entry.kind !== "float") return;
  const { min, max, full_at } = entry;
  if (min > max) yield { at: ["min"], message: `at most max, which is ${max}` };
  else if (entry.default < min || entry.default > max) {
    yield { at: ["default"], message: `a number from ${min} to ${max}` };
  }
  if (entry.kind === "int") {
    for (const key of ["default", "min", "max", "step"] as const) {
      if (!Number.isInteger(entry[key])) yield { at: [key], message: "a whole number" };
    }
  }
  if ((scales === undefined) !== (full_at === undefined)) {
    yield { at: [scales === undefined ? "scales" : "full_at"], message: "both scales and full_at" };
  } else if (scales !== undefined) {
    const scaled = Object.hasOwn(all, scales) ? all[scales] : undefined;
    if (scaled?.kind !== "float" || scaled.scales !== undefined) {
      yield { at: ["scales"], message: "a float that scales nothing itself" };
    }
  }
}

function paramOf(entry: ParamEntry): TemplateParam {
  const targets = entry.targets ?? [];
  const shared = { targets, ...(entry.about && { about: entry.about }) };
  switch (entry.kind) {
    case "int":
    case "float": {
      const { kind, min, max, step, floor, scales, full_at } = entry;
      return {
        ...shared,
        spec: { kind, default: entry.default, min, max, step },
        ...(floor !== undefined && { floor }),
        ...(scales !== undefined && full_at !== undefined && {
          scales: { param: scales, fullAt: full_at },
        }),
      };
    }
    case "seed":
      return {
        ...shared,
        spec: { kind: "seed", default: entry.default ?? 0, max: entry.max ?? maxSeed },
      };
    case "choice": {
      // Options written down are the manifest's own, unless it names where ComfyUI's are.
      const optionsFrom = entry.options_from?.[0] ?? (entry.options ? undefined : targets[0]);
      return {
        ...shared,
        spec: { kind: "choice", default: entry.default, options: entry.options ?? [] },
        ...(optionsFrom && { optionsFrom }),
        ...(optionsFrom && entry.filter && { filter: entry.filter }),
      };
    }
    case "text":
      return {
        ...shared,
        spec: { kind: "text", default: entry.default ?? "", maxLength: entry.max_length ?? 2000 },
      };
  }
}
