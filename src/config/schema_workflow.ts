/**
 * The `workflow` section of config.yaml: names, defaults, limits and model files that override a template's manifest. Knows these
 * parameters by name, not where a template binds them.
 */
import { z } from "zod";
import { filled, float, int, optional, parsed, section } from "../lib/yaml/mod.ts";

/** The widest valid limits: those of a template and of `workflow.limits` are narrower. */
const NUMBERS = {
  steps: int(1, 10_000),
  cfg: float(0, 100),
  strength: float(0, 1),
  eta: float(-100, 100),
  denoise: float(0, 1),
};
type NumberName = keyof typeof NUMBERS;
const NUMBER_NAMES = Object.keys(NUMBERS) as readonly NumberName[];

const defaults = section({
  steps: NUMBERS.steps.nullish(),
  cfg: NUMBERS.cfg.nullish(),
  sampler: filled("a sampler's name as ComfyUI lists it").nullish(),
  scheduler: filled("a scheduler's name as ComfyUI lists it").nullish(),
  seed: int(0, Number.MAX_SAFE_INTEGER).nullish(),
  strength: NUMBERS.strength.nullish(),
  eta: NUMBERS.eta.nullish(),
  denoise: NUMBERS.denoise.nullish(),
  negative_prompt: z.string({ error: "a text" }).nullish(),
});

const limits = section({
  min_steps: NUMBERS.steps.nullish(),
  max_steps: NUMBERS.steps.nullish(),
  min_cfg: NUMBERS.cfg.nullish(),
  max_cfg: NUMBERS.cfg.nullish(),
  min_strength: NUMBERS.strength.nullish(),
  max_strength: NUMBERS.strength.nullish(),
  min_eta: NUMBERS.eta.nullish(),
  max_eta: NUMBERS.eta.nullish(),
  min_denoise: NUMBERS.denoise.nullish(),
  max_denoise: NUMBERS.denoise.nullish(),
});

/** A model file that replaces the one in a template's graph. */
export interface ModelOverride {
  readonly node: string;
  readonly input: string;
  readonly file: string;
}

const TEMPLATE_NAME = "a template's name, such as qwen_image_edit";
const NODE_INPUT = "NODE.INPUT, such as 118.ckpt_name";

const nodeFiles = z.record(
  z.string().regex(/^[^.\s]+\.\S+$/),
  filled("a model's file name"),
  { error: (issue) => issue.code === "invalid_key" ? NODE_INPUT : `a map of ${NODE_INPUT}` },
).transform((files): readonly ModelOverride[] =>
  Object.entries(files).map(([key, file]) => {
    const dot = key.indexOf("."); // the input's name may contain dots: model.unet_name
    return { node: key.slice(0, dot), input: key.slice(dot + 1), file };
  })
);

const models = z.record(z.string().regex(/^[A-Za-z0-9_-]+$/), nodeFiles, {
  error: (issue) => issue.code === "invalid_key" ? TEMPLATE_NAME : `a map of ${TEMPLATE_NAME}`,
});

/** `workflow:` the default template, and overrides of the templates' manifests. */
export const workflowSchema = section({
  default_file: optional(
    parsed(
      "workflows/NAME.json, or auto",
      (text) => /^(?:\.?\/?workflows\/)?([A-Za-z0-9_-]+)(?:\.json)?$/.exec(text.trim())?.[1],
    ),
    "auto",
  ),
  defaults,
  limits,
  models: optional(models, {}),
}).superRefine((value, context) => {
  for (const name of NUMBER_NAMES) {
    const min = value.limits[`min_${name}`] ?? -Infinity;
    const max = value.limits[`max_${name}`] ?? Infinity;
    const chosen = value.defaults[name] ?? undefined;
    if (min > max) {
      const message = `at most workflow.limits.max_${name}, which is ${max}`;
      context.addIssue({ code: "custom", path: ["limits", `min_${name}`], message });
    } else if (chosen !== undefined && (chosen < min || chosen > max)) {
      const range = [
        ...(min > -Infinity ? [`at least ${min}`] : []),
        ...(max < Infinity ? [`at most ${max}`] : []),
      ].join(" and ");
      const message = `${range}, by workflow.limits`;
      context.addIssue({ code: "custom", path: ["defaults", name], message });
    }
  }
}).transform((value) => ({
  /** Undefined leaves it to what ComfyUI can run. */
  template: value.default_file === "auto" ? undefined : value.default_file,
  defaults: withoutEmpty(value.defaults),
  limits: limitsByParam(value.limits),
  models: value.models,
}));

/** A parameter's limits as config.yaml narrows or widens them; only what is set. */
export interface ParamLimits {
  readonly min?: number;
  readonly max?: number;
}

/** `{ min_steps: 2, max_steps: 9 }` → `{ steps: { min: 2, max: 9 } }`. */
function limitsByParam(
  flat: Readonly<Record<string, number | null | undefined>>,
): Readonly<Record<string, ParamLimits>> {
  return Object.fromEntries(NUMBER_NAMES.flatMap((name) => {
    const min = flat[`min_${name}`] ?? undefined;
    const max = flat[`max_${name}`] ?? undefined;
    if (min === undefined && max === undefined) return [];
    return [[name, { ...(min !== undefined && { min }), ...(max !== undefined && { max }) }]];
  }));
}

/** A record without its undefined and null entries. */
function withoutEmpty<Value>(
  record: Readonly<Record<string, Value | null | undefined>>,
): Readonly<Record<string, Value>> {
  const kept: Record<string, Value> = {};
  for (const [key, value] of Object.entries(record)) {
    if (value !== null && value !== undefined) kept[key] = value;
  }
  return kept;
}
