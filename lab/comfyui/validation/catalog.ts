/**
 * What is installed: the node classes of `/object_info`, their inputs and outputs. Owns reading object_info_AGE.json, whose content
 * was recorded from a ComfyUI of that release with RES4LYF and ComfyUI-Image-Saver, and completed: with the model files of our templates in
 * 0.3.64, with ImageCrop in both, and with six more classes in 0.3.64.
 */
import { z } from "zod";
import { traitsOf } from "../release.ts";
import type { Folders } from "../folders.ts";
import type { ComfySettings } from "../options.ts";
import { parseExact } from "../python.ts";
import { MODEL_LISTS, type ModelFiles, withFiles } from "./model_lists.ts";

/** One input, as `INPUT_TYPES` declares it. */
export interface InputClass {
  readonly name: string;
  readonly required: boolean;
  /** The declaration itself, as errors repeat it: `["FLOAT", {"min": 0.01}]`. */
  readonly config: readonly unknown[];
  /** `IMAGE`, `INT`, `FLOAT`, `STRING`, `COMBO`, `COMFY_AUTOGROW_V3`, … */
  readonly type: string;
  /** The list of a COMBO. */
  readonly options: readonly unknown[] | undefined;
  /** Several items of the list may be given. */
  readonly multiselect: boolean;
  /** What it is linked to runs only where the node asks for it. */
  readonly lazy: boolean;
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
  /** Written against ComfyUI's V3 schema. */
  readonly isV3: boolean;
}

/** The installed node classes. */
export interface Catalog {
  get(classType: string): NodeClass | undefined;
  /** The entry as `/object_info` gives it, with today's list of input pictures. */
  raw(classType: string): unknown;
  readonly classTypes: readonly string[];
  /** Has the loaders list these files, as after a look into the folders. */
  setModels(models: ModelFiles): void;
}

/** Inputs by name, as `required` and `optional` hold them. */
export const Declarations = z.record(z.string(), z.array(z.unknown()).min(1));
const RawClass = z.looseObject({
  input: z.looseObject({
    required: Declarations.default({}),
    optional: Declarations.default({}),
  }),
  output: z.array(z.unknown()).default([]),
  output_node: z.boolean().default(false),
  price_badge: z.unknown().optional(),
});
type RawClass = z.infer<typeof RawClass>;
const RawCatalog = z.record(z.string(), z.unknown());
const WithRequired = z.looseObject({
  input: z.looseObject({ required: Declarations }),
});
const Limit = z.union([z.number(), z.bigint()]).optional().catch(undefined);
const Extra = z.looseObject({
  min: Limit,
  max: Limit,
  options: z.array(z.unknown()).optional().catch(undefined),
  multiselect: z.boolean().catch(false),
  lazy: z.boolean().catch(false),
});

/** The classes that list the pictures of the input folder. */
const PICTURE_LOADERS: ReadonlySet<string> = new Set(["LoadImage", "LoadImageMask"]);

/** Reads the file of the release and puts `settings.objectInfo` over it. Throws where an entry has not the shape of one. */
export async function loadCatalog(
  settings: Pick<ComfySettings, "release" | "objectInfo" | "models">,
  folders: Pick<Folders, "names">,
): Promise<Catalog> {
  const { objectInfo } = traitsOf(settings.release);
  const text = await Deno.readTextFile(new URL(objectInfo, import.meta.url));
  const entries = new Map(Object.entries(RawCatalog.parse(parseExact(text))));
  for (const [name, entry] of Object.entries(settings.objectInfo)) {
    if (entry === null) entries.delete(name);
    else entries.set(name, entry);
  }
  const classes = new Map(
    [...entries].map(([name, entry]) => [name, classOf(name, RawClass.parse(entry))]),
  );
  function setModels(models: ModelFiles): void {
    for (const [folder, lists] of Object.entries(MODEL_LISTS)) {
      for (const [classType, input] of lists) {
        const entry = entries.get(classType);
        if (entry === undefined) continue;
        const changed = withInput(
          entry,
          input,
          (config) => withFiles(config, models[folder] ?? []),
        );
        entries.set(classType, changed);
        classes.set(classType, classOf(classType, RawClass.parse(changed)));
      }
    }
  }
  if (settings.models) setModels(settings.models);
  return {
    setModels,
    get: (classType) => classes.get(classType),
    raw: (classType) => {
      const entry = entries.get(classType);
      return PICTURE_LOADERS.has(classType) && entry !== undefined
        ? withPictures(entry, folders.names("input", ""))
        : entry;
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
    isV3: entry.price_badge !== undefined,
  };
}

/** An input from its declaration. */
export function inputOf(name: string, config: readonly unknown[], required: boolean): InputClass {
  const [type, second] = config;
  const extra = Extra.parse(typeof second === "object" && second !== null ? second : {});
  const isList = Array.isArray(type);
  return {
    name,
    required,
    config,
    type: isList ? "COMBO" : String(type),
    options: isList ? type : type === "COMBO" ? extra.options : undefined,
    multiselect: extra.multiselect,
    lazy: extra.lazy,
    min: extra.min,
    max: extra.max,
  };
}

function withPictures(raw: unknown, names: readonly string[]): unknown {
  return withInput(raw, "image", (config) => [names, ...config.slice(1)]);
}

/** The entry with another declaration of one of its required inputs. */
function withInput(
  raw: unknown,
  input: string,
  change: (config: readonly unknown[]) => readonly unknown[],
): unknown {
  const entry = WithRequired.parse(raw);
  const required = {
    ...entry.input.required,
    [input]: change(entry.input.required[input] ?? []),
  };
  return { ...entry, input: { ...entry.input, required } };
}
