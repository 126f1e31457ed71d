/**
 * `/object_info` read as a NodeCatalog: what each node class takes. Lenient: a class or an input that cannot be read is
 * skipped, because custom nodes may write anything. Knows both forms of an input: that of V1 nodes, and that of V3
 * nodes (comfy_api/latest/_io.py; recordings of 0.33 show them).
 */
import { z } from "zod";
import {
  type DynamicInput,
  type NodeCatalog,
  type NodeClass,
  type NodeInputInfo,
  type NodeInputs,
} from "../templates/mod.ts";

/**
 * An input is `[type, config?]`. A list of choices stands in the type's place (`[["a", "b"], {…}]`) or, from newer nodes,
 * in the config's (`["COMBO", { options: ["a", "b"] }]`).
 */
const inputSpec = z.tuple([z.union([z.string(), z.array(z.unknown())])]).rest(z.unknown());
const inputs = z.record(z.string(), z.unknown()).optional().catch(undefined);
const sections = z.object({ required: inputs, optional: inputs });
const bool = z.boolean().optional().catch(undefined);
const inputConfig = z.object({
  options: z.array(z.unknown()).optional().catch(undefined),
  min: z.number().optional().catch(undefined),
  max: z.number().optional().catch(undefined),
  default: z.unknown().optional(),
  forceInput: bool,
  rawLink: bool,
  socketless: bool,
  widgetType: z.string().optional().catch(undefined),
  control_after_generate: z.unknown().optional(),
}).catch({ default: undefined });
type InputConfig = z.output<typeof inputConfig>;
const nodeClass = z.object({ input: sections, output_node: z.boolean().catch(false) });

/** `GET /object_info` and `GET /object_info/{class_type}` (`{}` for a class that is not installed). */
export const objectInfoAnswer = z.record(z.string(), z.unknown()).transform(
  (classes): NodeCatalog =>
    Object.fromEntries(
      Object.entries(classes).flatMap(([classType, value]) => {
        const read = readClass(value);
        return read ? [[classType, read]] : [];
      }),
    ),
);

/** One class of it; undefined where it cannot be read. */
export function readClass(value: unknown): NodeClass | undefined {
  const parsed = nodeClass.safeParse(value).data;
  return parsed && { inputs: readSections(parsed.input), outputNode: parsed.output_node };
}

/** In the web page's order: required inputs first. */
function readSections({ required, optional }: z.output<typeof sections>): NodeInputs {
  const needed = readInputs(required, true);
  return { ...needed, ...readInputs(optional, false), ...needed };
}

function readInputs(specs: Readonly<Record<string, unknown>> = {}, required: boolean): NodeInputs {
  return Object.fromEntries(
    Object.entries(specs).flatMap(([name, spec]) => {
      const parsed = inputSpec.safeParse(spec).data;
      return parsed ? [[name, readInput(parsed, required)]] : [];
    }),
  );
}

function readInput([written, rest]: z.output<typeof inputSpec>, required: boolean): NodeInputInfo {
  const config = inputConfig.parse(rest);
  const choices = typeof written === "string" ? config.options : written;
  const link = linkOf(config);
  return {
    type: typeof written === "string" ? written : "COMBO",
    required,
    ...(choices ? { options: choices.flatMap(nameOfChoice) } : {}),
    ...(config.min === undefined ? {} : { min: config.min }),
    ...(config.max === undefined ? {} : { max: config.max }),
    ...(config.default === undefined || config.default === null ? {} : { default: config.default }),
    ...(link === undefined ? {} : { link }),
    ...(config.control_after_generate ? { control: true } : {}),
    ...(typeof written === "string" && isDynamic(written) ? readDynamic(written, rest) : {}),
  };
}

/** `forceInput` takes a value's place on the page from it; `socketless` and `widgetType` give one to what else is linked. */
function linkOf({ forceInput, rawLink, socketless, widgetType }: InputConfig): boolean | undefined {
  if (forceInput || rawLink) return true;
  return socketless || widgetType !== undefined ? false : undefined;
}

/** The value that a graph holds for a choice: the choice itself, or what names it where it is an object. */
function nameOfChoice(choice: unknown): string[] {
  if (typeof choice !== "object" || choice === null) return [String(choice)];
  const { key, content } = named.parse(choice);
  const name = key ?? content;
  return name === undefined ? [] : [name];
}

const name = z.string().optional().catch(undefined);
/** An option of a dynamic combo has a key; pickers with pictures (ComfyUI-Custom-Scripts) give a choice's name as content. */
const named = z.object({ key: name, content: name }).catch({});

/** The types whose config describes further inputs; future ones will be named alike. */
function isDynamic(type: string): boolean {
  return /^COMFY_\w+_V\d+$/.test(type) && type !== "COMFY_MULTITYPED_V3";
}

const comboConfig = z.object({ options: z.array(z.object({ key: z.string(), inputs: sections })) });
const slotConfig = z.object({ slotType: z.string(), inputs: sections });
const growConfig = z.object({
  template: z.object({
    input: sections,
    names: z.array(z.string()).optional(),
    prefix: z.string().optional(),
    min: z.number().default(0),
    max: z.number().default(100),
  }),
});
const matchConfig = z.object({ template: z.object({ allowed_types: z.string() }) });
const unknownKind = { dynamic: { kind: "unknown" } } as const;

function readDynamic(
  type: string,
  config: unknown,
): { readonly type?: string; readonly link?: boolean; readonly dynamic?: DynamicInput } {
  switch (type) {
    case "COMFY_MATCHTYPE_V3": {
      const types = matchConfig.safeParse(config).data?.template.allowed_types;
      return { type: types ?? "*", link: true };
    }
    case "COMFY_DYNAMICCOMBO_V3": {
      const read = comboConfig.safeParse(config).data;
      if (!read) return unknownKind;
      const inputs = read.options.map(({ key, inputs }) => [key, readSections(inputs)]);
      return { dynamic: { kind: "choice", inputs: Object.fromEntries(inputs) } };
    }
    case "COMFY_DYNAMICSLOT_V3": {
      const read = slotConfig.safeParse(config).data;
      if (!read) return unknownKind;
      const inputs = readSections(read.inputs);
      return { type: read.slotType, link: true, dynamic: { kind: "slot", inputs } };
    }
    case "COMFY_AUTOGROW_V3": {
      const template = growConfig.safeParse(config).data?.template;
      const item = template && Object.values(readSections(template.input))[0];
      if (!item || (template.names ?? template.prefix) === undefined) return unknownKind;
      const { prefix, min, max } = template;
      const names = template.names ??
        Array.from({ length: Math.min(max, mostInList) }, (_, i) => `${prefix}${i}`);
      return { dynamic: { kind: "list", names, min, item } };
    }
    default:
      return unknownKind;
  }
}

/** ComfyUI's own limit (Autogrow._MaxNames). */
const mostInList = 100;
