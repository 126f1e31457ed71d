/**
 * The configuration: `.env` and config.yaml as one immutable value. parseConfig is pure, loadConfig reads the disk. A reload makes a
 * new value. Knows where a setting comes from, not what it is used for.
 */
import { join, resolve } from "node:path";
import { type QueueOrder, type UserLimits } from "../jobs/mod.ts";
import { ConfigError, messageOf, parseAddress, Secret } from "../lib/mod.ts";
import { parseYamlText, type SourceText } from "../lib/yaml/mod.ts";
import { type ParamValues } from "../templates/mod.ts";
import { type Preset } from "../users/mod.ts";
import { type PolicyConfig } from "../users/policy/mod.ts";
import { type EnvRecord, type EnvSettings, parseEnvSettings, parseEnvText } from "./env.ts";
import { configSchema, type MetricsConfig, metricsWarnings } from "./schema.ts";
import {
  type BackendConfig,
  secretsOfBackend,
  substitute,
  withVariables,
} from "./schema_backend.ts";
import type { ModelOverride, ParamLimits } from "./schema_workflow.ts";

/** How much is logged and for how long it is kept. */
export interface LoggingConfig {
  readonly level: "debug" | "info" | "warning" | "error" | "fatal";
  /** A log file that would grow beyond it is renamed, and a new one started. */
  readonly rotationBytes: number;
  /** A renamed log file is deleted when its last line is older. */
  readonly retentionMs: number;
  /** Of the log file. */
  readonly format: "text" | "json";
}

/** A bucket on a server that speaks S3. */
export interface BucketConfig {
  readonly name: string;
  /** Before the name of every object, without slashes at its ends; may be empty. */
  readonly prefix: string;
  /** Without a trailing slash; the bucket is a part of the path there. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
}

/** All settings. Deeply frozen; safe to log. */
export interface Config {
  readonly telegram: {
    /** Empty only with `tokenOptional`. */
    readonly token: Secret;
    /** Without a trailing slash. */
    readonly apiRoot: string;
    readonly adminIds: readonly number[];
  };
  readonly comfyui: {
    /** One at least, unless workers on other hosts take the jobs. */
    readonly backends: readonly BackendConfig[];
    /** How many of our jobs each backend has in its own queue, the running one included. */
    readonly depth: number;
    readonly pollMs: number;
    /** Pauses between attempts to submit a job; after the last, its user is told that ComfyUI is unreachable. */
    readonly retryMs: readonly number[];
    /** A backend without a job of ours for so long unloads its models; 0 disables it. */
    readonly freeAfterMs: number;
    /** The systemd unit of the first backend, if the bot may start it on demand. */
    readonly unit: string | undefined;
    /** The unit is stopped when the first backend had no job of ours for so long; 0 disables it. */
    readonly stopAfterMs: number;
  };
  /** Sent to Hugging Face alone, for model files that want an account. */
  readonly huggingFaceToken: Secret | undefined;
  /** Absolute. */
  readonly paths: { readonly dataDir: string; readonly logsDir: string };
  readonly workflow: {
    /** Name of the template for users who chose none; undefined leaves it to what ComfyUI can run. */
    readonly template: string | undefined;
    /** Override a manifest's defaults; only those that are set. */
    readonly defaults: ParamValues;
    /** Override a manifest's limits, by parameter; only those that are set. */
    readonly limits: Readonly<Record<string, ParamLimits>>;
    /** Model files that replace a graph's own, by template. */
    readonly models: Readonly<Record<string, readonly ModelOverride[]>>;
  };
  readonly image: {
    readonly maxBytes: number;
    readonly formats: readonly ("jpeg" | "png" | "webp")[];
    /** Size to which a picture is scaled before the edit, 0.01–16. */
    readonly megapixels: number;
    /** Whether delivered files keep the graph, with the user's text, that ComfyUI writes into them. */
    readonly keepMetadata: boolean;
  };
  readonly queue: {
    /** Waiting jobs of all users. */
    readonly maxWaiting: number;
    readonly order: QueueOrder;
    /** A running job without progress for so long fails. */
    readonly timeoutMs: number;
    /** Of a Redis or PostgreSQL over which workers on other hosts are reached. */
    readonly url?: Secret;
  };
  /** Of `image-edit-bot worker`. */
  readonly worker: { readonly name: string | undefined };
  readonly storage: {
    /** Holds the pictures in place of DATA_DIR. */
    readonly bucket?: BucketConfig;
    readonly cleanupAfterMs: number;
    readonly keepResults: boolean;
    /** Whether ComfyUI keeps pictures, results and history of jobs that are over, until their user is forgotten. */
    readonly keepInComfyUI: boolean;
    /** With less free on DATA_DIR's disk, pictures and jobs are refused; 0 disables the check. */
    readonly minFreeBytes: number;
    /** Daily backups to keep; 0 makes none. */
    readonly backups: number;
  };
  readonly state: {
    /** Of a PostgreSQL database that holds the state in place of DATA_DIR. */
    readonly url?: Secret;
  };
  /** Jobs that are over, in a PostgreSQL database for the owner to query. */
  readonly history: {
    /** None is kept without it. */
    readonly url?: Secret;
    /** Whether what users wrote is kept. */
    readonly words: boolean;
    /** 0 keeps them for ever. */
    readonly keepMs: number;
  };
  readonly logging: LoggingConfig;
  readonly metrics: MetricsConfig;
  readonly access: {
    /** `approve`: an admin approves users. `open`: everyone may use the bot. */
    readonly mode: "approve" | "open";
    /** Ids of users and, below 0, of groups that need no approval. */
    readonly allow: readonly number[];
  };
  readonly limits: {
    /** For each user; absent means unlimited. */
    readonly person: UserLimits;
    readonly adminsExempt: boolean;
  };
  /** Which requests are refused. */
  readonly policy: PolicyConfig;
  /** Ready-made edits, offered as buttons. */
  readonly presets: readonly Preset[];
}

export type { BackendConfig, ModelOverride };

/** Where the settings come from. */
export interface ConfigSources {
  /** The process's environment; wins over the file. */
  readonly env: EnvRecord;
  readonly envFile?: SourceText;
  readonly yaml?: SourceText;
  /** Relative folders are resolved against it. */
  readonly cwd: string;
  /** A missing token is no problem: for commands that do not use Telegram. */
  readonly tokenOptional?: boolean;
}

/** A configuration, or all of its problems: one line each, with file, line and column. */
export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Parses the sources. Pure; never throws. */
export function parseConfig(sources: ConfigSources): ConfigResult {
  const tokenOptional = sources.tokenOptional ?? false;
  const env = parseEnvSettings(sources.env, sources.envFile, { tokenOptional });
  const yaml = parseYamlText(sources.yaml ?? { path: "config.yaml", text: "" }, configSchema);
  if (env.settings === undefined || yaml.data === undefined) {
    return { ok: false, problems: [...env.problems, ...yaml.problems] };
  }

  const { comfyui, storage, state, history, queue, ...rest } = yaml.data;
  const variables = sources.envFile ? parseEnvText(sources.envFile).entries : new Map();
  const variable = (name: string) => sources.env[name] || variables.get(name)?.value;
  const written = comfyui.backends?.map((backend) => withVariables(backend, variable));
  const unset = written?.flatMap(({ problems }) => problems) ?? [];
  const { bucket: place, ...stored } = storage;
  const bucket = place && withKeys(place, env.settings);
  if (typeof bucket === "string") unset.push(bucket);
  const substitution = { variable, problems: unset };
  const stateUrl = serverUrl(state.url, "state.url", postgres, substitution);
  const { url: historyText, ...kept } = history;
  const historyUrl = serverUrl(historyText, "history.url", postgres, substitution);
  const { url: engine, ...queued } = queue;
  const queueUrl = serverUrl(engine, "queue.url", redisOrPostgres, substitution);
  if (written?.length === 0 && !queueUrl) {
    unset.push(
      "Cannot use comfyui.backends: it is empty (wanted a backend, or workers by queue.url)",
    );
  }
  if (unset.length > 0 || typeof bucket === "string") return { ok: false, problems: unset };
  const config: Config = {
    telegram: {
      token: env.settings.TELEGRAM_BOT_TOKEN ?? new Secret(""),
      apiRoot: env.settings.TELEGRAM_API_ROOT,
      adminIds: env.settings.ADMIN_USER_IDS,
    },
    comfyui: {
      ...comfyui,
      backends: written?.map(({ backend }) => backend) ?? [backendOf(env.settings)],
    },
    huggingFaceToken: env.settings.HF_TOKEN,
    paths: {
      dataDir: resolve(sources.cwd, env.settings.DATA_DIR),
      logsDir: resolve(sources.cwd, env.settings.LOGS_DIR),
    },
    queue: { ...queued, ...queueUrl && { url: queueUrl } },
    state: stateUrl ? { url: stateUrl } : {},
    history: { ...kept, ...historyUrl && { url: historyUrl } },
    storage: { ...stored, ...bucket && { bucket } },
    ...rest,
  };
  const warnings = [...env.warnings, ...yaml.warnings, ...metricsWarnings(config.metrics)];
  if (config.telegram.adminIds.length === 0 && !tokenOptional) {
    warnings.push(
      "ADMIN_USER_IDS is not set: there is no admin to approve users or to be told of failures",
    );
  }
  return { ok: true, config: deepFreeze(config), warnings };
}

/** Servers that a setting may name. */
interface Servers {
  readonly protocol: RegExp;
  readonly wanted: string;
}

const postgres: Servers = {
  protocol: /^postgres(ql)?:$/,
  wanted: "postgres://USER:PASSWORD@HOST/DATABASE",
};
const redisOrPostgres: Servers = {
  protocol: /^(rediss?|postgres(ql)?):$/,
  wanted: "redis://, rediss:// or postgres://USER:PASSWORD@HOST",
};

/** The URL of a server with its variables; a problem where it is of another kind. */
function serverUrl(
  text: string | null | undefined,
  setting: string,
  { protocol, wanted }: Servers,
  options: Parameters<typeof substitute>[2],
): Secret | undefined {
  const url = text && substitute(text, setting, options);
  if (!url) return undefined;
  if (!protocol.test(URL.parse(url)?.protocol ?? "")) {
    options.problems.push(`Cannot use ${setting}: it is another address (wanted ${wanted})`);
  }
  return new Secret(url);
}

/** The bucket with the address and the keys of .env, or what is missing there. */
function withKeys(
  bucket: { readonly name: string; readonly prefix: string },
  { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }: EnvSettings,
): BucketConfig | string {
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    const name = AWS_ACCESS_KEY_ID ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID";
    return `Cannot use storage.url: ${name} is not set (wanted the keys of the bucket in .env)`;
  }
  return {
    ...bucket,
    endpoint: AWS_ENDPOINT_URL ?? `https://s3.${AWS_REGION}.amazonaws.com`,
    region: AWS_REGION,
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
  };
}

/** The one ComfyUI of .env. */
function backendOf({ COMFYUI_URL, COMFYUI_HOST, COMFYUI_PORT }: EnvSettings): BackendConfig {
  const address = COMFYUI_URL === undefined ? undefined : parseAddress(COMFYUI_URL);
  return {
    name: "comfyui",
    ...address ?? { url: `http://${COMFYUI_HOST}:${COMFYUI_PORT}`, headers: {} },
  };
}

/** All values that must not appear in a log or a report. */
export function secretsOf(
  { telegram, comfyui, huggingFaceToken, storage, state, history, queue }: Config,
): Secret[] {
  const { bucket } = storage;
  return [
    telegram.token,
    ...comfyui.backends.flatMap(secretsOfBackend),
    ...huggingFaceToken ? [huggingFaceToken] : [],
    ...[state.url, history.url, queue.url].flatMap((url) => url ? secretsOfUrl(url) : []),
    ...bucket ? [bucket.accessKeyId, bucket.secretAccessKey] : [],
  ];
}

/** The whole URL, and its password alone: a driver's message may name parts of it. */
function secretsOfUrl(url: Secret): Secret[] {
  const { password } = URL.parse(url.reveal()) ?? { password: "" };
  const spellings = password === "" ? [] : [password, decodeURIComponent(password)];
  return [url, ...spellings.map((each) => new Secret(each))];
}

/** The configuration with nothing set; the token is empty. */
export function defaultConfig(cwd: string): Config {
  const result = parseConfig({ env: {}, cwd, tokenOptional: true });
  if (!result.ok) throw new ConfigError(result.problems.join("\n"));
  return result.config;
}

/** Where loadConfig reads from. */
export interface LoadOptions {
  /** The folder of `.env` and, without `configPath`, of config.yaml. Either may be missing. */
  readonly dir: string;
  /** A config.yaml elsewhere, which must exist. */
  readonly configPath?: string;
  readonly env: EnvRecord;
  readonly tokenOptional?: boolean;
}

/**
 * Reads the configuration from the disk.
 * @throws {ConfigError} with every problem on a line of its own
 */
export async function loadConfig(
  options: LoadOptions,
): Promise<{
  readonly config: Config;
  readonly warnings: readonly string[];
  /** What it was parsed from: a reload is compared with it. */
  readonly sources: ConfigSources;
}> {
  const sources = await readSources(options);
  const result = parseConfig(sources);
  if (!result.ok) throw new ConfigError(result.problems.join("\n"));
  return { config: result.config, warnings: result.warnings, sources };
}

/**
 * Reads the files as they are now.
 * @throws {ConfigError} where one cannot be read, or is missing and required
 */
export async function readSources(
  { dir, configPath, env, tokenOptional = false }: LoadOptions,
): Promise<ConfigSources> {
  const envFile = await readText(join(dir, ".env"), ".env");
  const yaml = await readText(configPath ?? join(dir, "config.yaml"), configPath ?? "config.yaml");
  if (yaml === undefined && configPath !== undefined) {
    throw new ConfigError(
      `Cannot read ${configPath}: there is no such file (wanted a config.yaml)`,
    );
  }
  return {
    env,
    cwd: dir,
    tokenOptional,
    ...(envFile === undefined ? {} : { envFile }),
    ...(yaml === undefined ? {} : { yaml }),
  };
}

async function readText(file: string, shownPath: string): Promise<SourceText | undefined> {
  try {
    return { path: shownPath, text: await Deno.readTextFile(file) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new ConfigError(
      `Cannot read ${shownPath}: ${messageOf(error)} (wanted a file that this user may read)`,
      { cause: error },
    );
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
