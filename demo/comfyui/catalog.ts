/**
 * What is installed: the node classes of `/object_info`, their inputs and outputs. Owns reading object_info.json, whose content was
 * recorded from ComfyUI 0.3.64 with RES4LYF and ComfyUI-Image-Saver, and completed with the model files of our templates.
 */
import { z } from "zod";
import type { Folders } from "./folders.ts";
import type { ComfySettings } from "./options.ts";
import { parseExact } from "./python.ts";

/** One input, as `INPUT_TYPES` declares it. */
export interface InputClass {
  readonly name: string;
  readonly required: boolean;
  /** The declaration itself, as errors repeat it: `["FLOAT", {"min": 0.01}]`. */
  readonly config: readonly unknown[];
  /** `IMAGE`, `INT`, `FLOAT`, `STRING`, `COMBO`, … */
  readonly type: string;
  /** The list of a COMBO. */
  readonly options: readonly unknown[] | undefined;
  readonly min: number | bigint | undefined;
  readonly max: number | bigint | undefined;
}

/** One node class. */
export interface NodeClass {
  readonly name: string;
  /** Required ones first. */
  readonly inputs: readonly InputClass[];
  /** Types of its outputs. */
  readonly outputs: readonly string[];
  readonly outputNode: boolean;
}

/** The installed node classes. */
export interface Catalog {
  get(classType: string): NodeClass | undefined;
  /** The entry as `/object_info` gives it, with today's list of input pictures. */
  raw(classType: string): unknown;
  readonly classTypes: readonly string[];
}

const Declarations = z.record(z.string(), z.array(z.unknown()).min(1));
const RawClass = z.looseObject({
  input: z.looseObject({
    required: Declarations.default({}),
    optional: Declarations.default({}),
  }),
  output: z.array(z.unknown()).default([]),
  output_node: z.boolean().default(false),
});
type RawClass = z.infer<typeof RawClass>;
const RawCatalog = z.record(z.string(), RawClass);
const Limit = z.union([z.number(), z.bigint()]).optional().catch(undefined);
const Extra = z.looseObject({
  min: Limit,
  max: Limit,
  options: z.array(z.unknown()).optional().catch(undefined),
});

/** Reads object_info.json and puts `settings.objectInfo` over it. Throws where an entry has not the shape of one. */
export async function loadCatalog(
  settings: Pick<ComfySettings, "objectInfo">,
  folders: Pick<Folders, "names">,
): Promise<Catalog> {
  const text = await Deno.readTextFile(new URL("./object_info.json", import.meta.url));
  const entries = new Map(Object.entries(RawCatalog.parse(parseExact(text))));
  for (const [name, entry] of Object.entries(settings.objectInfo)) {
    if (entry === null) entries.delete(name);
    else entries.set(name, RawClass.parse(entry));
  }
  const classes = new Map([...entries].map(([name, entry]) => [name, classOf(name, entry)]));
  return {
    get: (classType) => classes.get(classType),
    raw: (classType) => {
      const entry = entries.get(classType);
      return entry === undefined || classType !== "LoadImage"
        ? entry
        : withPictures(entry, folders.names("input", ""));
    },
    classTypes: [...entries.keys()],
  };
}

function classOf(name: string, entry: RawClass): NodeClass {
  const { required, optional } = entry.input;
  return {
    name,
    inputs: [
      ...Object.entries(required).map(([input, config]) => inputOf(input, config, true)),
      ...Object.entries(optional).map(([input, config]) => inputOf(input, config, false)),
    ],
    outputs: entry.output.map((type) => Array.isArray(type) ? "COMBO" : String(type)),
    outputNode: entry.output_node,
  };
}

function inputOf(name: string, config: readonly unknown[], required: boolean): InputClass {
  const [type, second] = config;
  const extra = Extra.safeParse(second ?? {}).data ?? {};
  return {
    name,
    required,
    config,
    type: Array.isArray(type) ? "COMBO" : String(type),
    options: Array.isArray(type) ? type : extra.options,
    min: extra.min,
    max: extra.max,
  };
}

function withPictures(entry: RawClass, names: readonly string[]): unknown {
  const image = entry.input.required["image"] ?? [];
  const required = { ...entry.input.required, image: [names, ...image.slice(1)] };
  return { ...entry, input: { ...entry.input, required } };
}
