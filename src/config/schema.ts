/**
 * The schema of config.yaml: keys, valid values, defaults, and conversion to the program's units. Reads no files. The section
 * `workflow` is schema_workflow.ts's, a backend schema_backend.ts's.
 */
import { z } from "zod";
import { parseBytes, parseSpanMs } from "../lib/mod.ts";
import { filled, float, int, optional, parsed, section } from "../lib/yaml/mod.ts";
import { defaultPresets, type Preset } from "../users/mod.ts";
import { parsePattern, patternForms } from "../users/policy/mod.ts";
import { backendSchema } from "./schema_backend.ts";
import { workflowSchema } from "./schema_workflow.ts";

/** A sentence for both languages, or one in each. */
const localized = (error: string) =>
  z.union([
    filled(error).transform((text) => ({ en: text, ru: text })),
    section({ en: filled(error), ru: filled(error) }),
  ], { error: `${error}, or one under each of en and ru` });

const preset = section({
  title: localized("the text of the button"),
  text: localized("the prompt"),
  params: z.record(z.string(), z.union([z.number(), z.string()]), {
    error: "parameters and their values, such as { steps: 12 }",
  }).nullish(),
}).transform(({ title, text, params }): Preset => ({ title, words: text, params: params ?? {} }));

const presetsSchema = z.array(preset, { error: "a list of title and text" }).max(60, {
  error: "at most 60 presets",
}).nullish().transform((presets): readonly Preset[] => presets ?? defaultPresets);

/** The parsed section. */
export interface MetricsConfig {
  /** Whether DATA_DIR/metrics.json is kept. */
  readonly file: boolean;
  /** Whether `/metrics`, `/healthz` and `/readyz` are served. */
  readonly serve: boolean;
  /** A name or an address without brackets. */
  readonly host: string;
  /** 0 takes any that is free; the log names it. */
  readonly port: number;
}

const HOST = "a host name or an address alone, without http:// and without a port";

const bool = z.boolean({ error: "true or false" });

const metricsSchema = section({
  file: optional(bool, true),
  serve: optional(bool, false),
  host: optional(
    z.string({ error: HOST }).regex(
      /^(?:[A-Za-z0-9._-]+|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$/,
      {
        error: HOST,
      },
    ),
    "127.0.0.1",
  ),
  port: optional(int(0, 65_535), 9464),
});

/** Warnings about the section. */
export function metricsWarnings({ serve, host }: MetricsConfig): readonly string[] {
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|::1)$/i.test(host);
  return serve && !isLoopback
    ? [
      `config.yaml: metrics.host is ${host}: everyone who can reach that port can read the metrics ` +
      "(wanted 127.0.0.1, or a firewall that lets only Prometheus in)",
    ]
    : [];
}

const DAY_MS = 86_400_000;
const MIB = 1024 ** 2;

const FORMATS = "one of jpg, jpeg, png, webp";
const imageSchema = section({
  max_size_mb: optional(float(0.1, 2000), 10),
  allowed_formats: optional(
    z.array(z.enum(["jpg", "jpeg", "png", "webp"], { error: FORMATS }), {
      error: `a list: ${FORMATS}`,
    })
      .min(1, { error: FORMATS }),
    ["jpg", "jpeg", "png", "webp"],
  ),
  scale_megapixels: optional(float(0.01, 16), 1),
  keep_metadata: optional(z.boolean({ error: "true or false" }), false),
}).transform((image) => ({
  maxBytes: Math.floor(image.max_size_mb * MIB),
  formats: [...new Set(image.allowed_formats.map((name) => name === "jpg" ? "jpeg" : name))],
  megapixels: image.scale_megapixels,
  keepMetadata: image.keep_metadata,
}));

const ENGINE =
  "redis://, rediss:// or postgres://USER:PASSWORD@HOST, or ${NAME} for a variable of .env";

const queueSchema = section({
  url: filled(ENGINE).nullish(),
  max_size: optional(int(1, 100_000), 100),
  timeout_seconds: optional(float(1, 86_400), 300),
  order: optional(z.enum(["fifo", "fair"], { error: "fifo or fair" }), "fifo"),
}).transform((queue) => ({
  maxWaiting: queue.max_size,
  order: queue.order,
  url: queue.url ?? undefined,
  timeoutMs: Math.round(queue.timeout_seconds * 1000),
}));

const BUCKET = "s3://BUCKET, or s3://BUCKET/PREFIX";

/** `s3://bucket/some/prefix`; names as Amazon's rules for buckets have them. */
function parseBucketUrl(text: string) {
  const [, name, prefix = ""] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w!.*'()/-]*))?$/.exec(text) ?? [];
  return name === undefined ? undefined : { name, prefix: prefix.replace(/^\/+|\/+$/g, "") };
}

const storageSchema = section({
  url: parsed(BUCKET, parseBucketUrl).nullish(),
  cleanup_after_hours: optional(float(0.1, 87_600), 24),
  keep_results: optional(z.boolean({ error: "true or false" }), true),
  keep_in_comfyui: optional(z.boolean({ error: "true or false" }), false),
  min_free_mb: optional(float(0, 100_000_000), 500),
  backups: optional(int(0, 1000), 7),
}).transform((storage) => ({
  bucket: storage.url ?? undefined,
  cleanupAfterMs: Math.round(storage.cleanup_after_hours * 3_600_000),
  keepResults: storage.keep_results,
  keepInComfyUI: storage.keep_in_comfyui,
  minFreeBytes: Math.round(storage.min_free_mb * MIB),
  backups: storage.backups,
}));

/** Levels as config.yaml spells them → LogTape's names. */
const LEVELS = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warning",
  ERROR: "error",
  CRITICAL: "fatal",
} as const;
type LevelName = keyof typeof LEVELS;
const isLevelName = (name: string): name is LevelName => Object.hasOwn(LEVELS, name);

const FORMAT = "text or json";
const loggingSchema = section({
  level: optional(
    parsed(`one of ${Object.keys(LEVELS).join(", ")}`, (text) => {
      const name = text.toUpperCase();
      return isLevelName(name) ? LEVELS[name] : undefined;
    }),
    LEVELS.INFO,
  ),
  rotation: optional(parsed('a size such as "100 MB"', parseBytes), 100 * MIB),
  retention: optional(parsed('a span of time such as "7 days"', parseSpanMs), 7 * DAY_MS),
  format: optional(z.enum(["text", "json"], { error: FORMAT }), "text"),
}).transform((logging) => ({
  level: logging.level,
  rotationBytes: logging.rotation,
  retentionMs: logging.retention,
  format: logging.format,
}));

const UNIT = "a systemd unit, such as comfyui.service";
const UNIQUE_NAME = "a name that no other backend has";
const comfyuiSchema = section({
  backends: z.array(backendSchema, { error: "a list of name, host and port, or name and url" })
    .superRefine((backends, context) => {
      for (const [index, { name }] of backends.entries()) {
        if (backends.findIndex((other) => other.name === name) < index) {
          context.addIssue({ code: "custom", path: [index, "name"], message: UNIQUE_NAME });
        }
      }
    }).nullish(),
  depth: optional(int(1, 10), 2),
  poll_seconds: optional(float(0.1, 600), 2),
  retry_seconds: optional(z.array(float(0, 600)).max(10), [4, 10]),
  free_after_minutes: optional(float(0, 10_080), 0),
  unit: filled(UNIT).pipe(z.string().regex(/^[\w@.\\:-]+\.service$/, { error: UNIT })).nullish(),
  stop_after_minutes: optional(float(0, 10_080), 0),
}).superRefine(({ unit, stop_after_minutes }, context) => {
  if (unit || stop_after_minutes === 0) return;
  const message = "0, or comfyui.unit beside it";
  context.addIssue({ code: "custom", path: ["stop_after_minutes"], message });
}).transform((comfyui) => ({
  backends: comfyui.backends ?? undefined,
  depth: comfyui.depth,
  pollMs: Math.round(comfyui.poll_seconds * 1000),
  retryMs: comfyui.retry_seconds.map((seconds) => Math.round(seconds * 1000)),
  freeAfterMs: Math.round(comfyui.free_after_minutes * 60_000),
  unit: comfyui.unit ?? undefined,
  stopAfterMs: Math.round(comfyui.stop_after_minutes * 60_000),
}));

const accessSchema = section({
  mode: optional(z.enum(["approve", "open"], { error: "approve or open" }), "approve"),
  allow: optional(
    z.array(z.int({ error: "a user's or a group's id" }), { error: "a list of ids" }),
    [],
  ),
});

const limit = int(1, 100_000).nullish();
const limitsSchema = section({
  pending: limit,
  per_hour: limit,
  per_day: limit,
  admins_exempt: optional(z.boolean({ error: "true or false" }), true),
}).transform((limits) => ({
  person: {
    ...(limits.pending ? { pending: limits.pending } : {}),
    ...(limits.per_hour ? { hour: limits.per_hour } : {}),
    ...(limits.per_day ? { day: limits.per_day } : {}),
  },
  adminsExempt: limits.admins_exempt,
}));

const patterns = optional(
  z.array(parsed(patternForms, parsePattern), { error: `a list: ${patternForms}` }),
  [],
);
const policySchema = section({
  enabled: optional(z.boolean({ error: "true or false" }), true),
  refuse: patterns,
  allow: patterns,
});

const stateSchema = section({
  url: filled("postgres://USER:PASSWORD@HOST/DATABASE, or ${NAME} for a variable of .env")
    .nullish(),
});

const WORKER = "up to 32 letters, digits and _ . -";
const workerSchema = section({
  name: z.string({ error: WORKER }).regex(/^[\p{L}\p{N}_.-]{1,32}$/u, { error: WORKER }).nullish(),
}).transform(({ name }) => ({ name: name ?? undefined }));
const historySchema = section({
  url: filled("postgres://USER:PASSWORD@HOST/DATABASE, or ${NAME} for a variable of .env")
    .nullish(),
  words: optional(bool, false),
  keep_days: optional(float(0, 36_500), 365),
}).transform((history) => ({
  url: history.url ?? undefined,
  words: history.words,
  keepMs: Math.round(history.keep_days * DAY_MS),
}));

/** config.yaml: every section and every key may be absent or empty. */
export const configSchema = section({
  workflow: workflowSchema,
  image: imageSchema,
  queue: queueSchema,
  storage: storageSchema,
  state: stateSchema,
  worker: workerSchema,
  history: historySchema,
  logging: loggingSchema,
  comfyui: comfyuiSchema,
  metrics: metricsSchema,
  presets: presetsSchema,
  access: accessSchema,
  limits: limitsSchema,
  policy: policySchema,
});
