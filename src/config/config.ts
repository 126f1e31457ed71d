/**
 * The configuration: `.env` and config.yaml become one immutable value. parseConfig is pure, loadConfig reads the disk.
 * Knows where a setting comes from and what a person has to do about a bad one; what it is for is its reader's.
 * A reload is a new value: nothing here is changed in place.
 */
import { join, resolve } from "node:path";
import { type QueueOrder, type UserLimits } from "../jobs/mod.ts";
import {
  ConfigError,
  messageOf,
  parseAddress,
  parseYamlText,
  Secret,
  type SourceText,
} from "../lib/mod.ts";
import { type ParamValues } from "../templates/mod.ts";
import { type Preset } from "../users/mod.ts";
import { type PolicyConfig } from "../users/policy/mod.ts";
import { type EnvRecord, type EnvSettings, parseEnvSettings, parseEnvText } from "./env.ts";
import { configSchema, type MetricsConfig, metricsWarnings } from "./schema.ts";
import { type BackendConfig, secretsOfBackend, withVariables } from "./schema_backend.ts";
import type { ModelOverride, ParamLimits } from "./schema_workflow.ts";

/** How much is logged and for how long it is kept. */
export interface LoggingConfig {
  readonly level: "debug" | "info" | "warning" | "error" | "fatal";
  /** A log file that would grow beyond it is renamed, and a new one begun. */
  readonly rotationBytes: number;
  /** A renamed log file is deleted when its last line is older. */
  readonly retentionMs: number;
  /** Of the log file. */
  readonly format: "text" | "json";
}

/** Everything that can be configured. Deeply frozen; safe to log. */
export interface Config {
  readonly telegram: {
    /** Empty only where `tokenOptional` was asked for. */
    readonly token: Secret;
    /** Without a slash at its end. */
    readonly apiRoot: string;
    readonly adminIds: readonly number[];
  };
  readonly comfyui: {
    /** One at least. */
    readonly backends: readonly BackendConfig[];
    /** How many of our jobs each backend has in its own queue, the running one included. */
    readonly depth: number;
    readonly pollMs: number;
    /** Pauses between the tries to submit a job; when they are used up, its person is told that ComfyUI is away. */
    readonly retryMs: readonly number[];
    /** A backend without a job of ours for so long gives its VRAM back; 0 is never. */
    readonly freeAfterMs: number;
    /** The systemd unit of the first backend, where the bot may start it when it is needed. */
    readonly unit: string | undefined;
    /** The unit is stopped when the first backend was without a job of ours for so long; 0 is never. */
    readonly stopAfterMs: number;
  };
  /** Absolute. */
  readonly paths: { readonly dataDir: string; readonly logsDir: string };
  readonly workflow: {
    /** Name of the template that a person has who has chosen none. */
    readonly template: string;
    /** Win over a manifest's defaults; only those that are set. */
    readonly defaults: ParamValues;
    /** Win over a manifest's limits, by parameter; only those that are set. */
    readonly limits: Readonly<Record<string, ParamLimits>>;
    /** Model files that stand in for a graph's own, by template. */
    readonly models: Readonly<Record<string, readonly ModelOverride[]>>;
  };
  readonly image: {
    readonly maxBytes: number;
    readonly formats: readonly ("jpeg" | "png" | "webp")[];
    /** What a picture is scaled to before the edit, 0.01–16. */
    readonly megapixels: number;
    /** Whether delivered files keep the graph, words included, that ComfyUI writes into them. */
    readonly keepMetadata: boolean;
  };
  readonly queue: {
    /** Waiting jobs of all people together. */
    readonly maxWaiting: number;
    readonly order: QueueOrder;
    /** Time without any sign of progress after which a running job is given up. */
    readonly timeoutMs: number;
  };
  readonly storage: {
    readonly cleanupAfterMs: number;
    readonly keepResults: boolean;
    /** With less free on DATA_DIR's disk, no pictures and jobs are taken; 0 is no floor. */
    readonly minFreeBytes: number;
    /** Automatic backups that are kept, one a day; 0 is none. */
    readonly backups: number;
  };
  readonly logging: LoggingConfig;
  readonly metrics: MetricsConfig;
  readonly access: {
    /** `approve`: an admin lets people in. `open`: whoever finds the bot may use it. */
    readonly mode: "approve" | "open";
    /** Ids of people and, below 0, of groups that need no approval. */
    readonly allow: readonly number[];
  };
  readonly limits: {
    /** Of each person; what is absent has no limit. */
    readonly person: UserLimits;
    readonly adminsExempt: boolean;
  };
  /** Which words no job is made of. */
  readonly policy: PolicyConfig;
  /** Edits that can be had with a tap. */
  readonly presets: readonly Preset[];
}

export type { BackendConfig, ModelOverride };

/** Where the settings come from. */
export interface ConfigSources {
  /** The process's environment; wins over the file. */
  readonly env: EnvRecord;
  readonly envFile?: SourceText;
  readonly yaml?: SourceText;
  /** Relative folders are taken from here. */
  readonly cwd: string;
  /** True for commands that do not talk to Telegram: a missing token is no problem then. */
  readonly tokenOptional?: boolean;
}

/** A configuration, or everything that is wrong with it: one line each, with file, line and column. */
export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Makes a configuration of texts. Pure; never throws. */
export function parseConfig(sources: ConfigSources): ConfigResult {
  const tokenOptional = sources.tokenOptional ?? false;
  const env = parseEnvSettings(sources.env, sources.envFile, { tokenOptional });
  const yaml = parseYamlText(sources.yaml ?? { path: "config.yaml", text: "" }, configSchema);
  if (env.settings === undefined || yaml.data === undefined) {
    return { ok: false, problems: [...env.problems, ...yaml.problems] };
  }

  const { comfyui, ...rest } = yaml.data;
  const variables = sources.envFile ? parseEnvText(sources.envFile).entries : new Map();
  const written = comfyui.backends?.map((backend) =>
    withVariables(backend, (name) => sources.env[name] || variables.get(name)?.value)
  );
  const unset = written?.flatMap(({ problems }) => problems) ?? [];
  if (unset.length > 0) return { ok: false, problems: unset };
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
    paths: {
      dataDir: resolve(sources.cwd, env.settings.DATA_DIR),
      logsDir: resolve(sources.cwd, env.settings.LOGS_DIR),
    },
    ...rest,
  };
  const warnings = [...env.warnings, ...yaml.warnings, ...metricsWarnings(config.metrics)];
  if (config.telegram.adminIds.length === 0 && !tokenOptional) {
    warnings.push("ADMIN_USER_IDS is not set: nobody can approve people or is told of failures");
  }
  return { ok: true, config: deepFreeze(config), warnings };
}

/** The one ComfyUI of .env. */
function backendOf({ COMFYUI_URL, COMFYUI_HOST, COMFYUI_PORT }: EnvSettings): BackendConfig {
  const address = COMFYUI_URL === undefined ? undefined : parseAddress(COMFYUI_URL);
  return {
    name: "comfyui",
    ...address ?? { url: `http://${COMFYUI_HOST}:${COMFYUI_PORT}`, headers: {} },
  };
}

/** Whatever of the configuration must be in no log and in no report. */
export function secretsOf({ telegram, comfyui }: Config): Secret[] {
  return [telegram.token, ...comfyui.backends.flatMap(secretsOfBackend)];
}

/** The configuration of a machine where nothing is set; its token is empty. */
export function defaultConfig(cwd: string): Config {
  const result = parseConfig({ env: {}, cwd, tokenOptional: true });
  if (!result.ok) throw new ConfigError(result.problems.join("\n"));
  return result.config;
}

/** Where loadConfig looks. */
export interface LoadOptions {
  /** The folder of `.env` and, unless `configPath` is given, of config.yaml. Either may be missing. */
  readonly dir: string;
  /** A config.yaml somewhere else, which must be there. */
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
  /** What it was made of: what a later reading is compared with. */
  readonly sources: ConfigSources;
}> {
  const sources = await readSources(options);
  const result = parseConfig(sources);
  if (!result.ok) throw new ConfigError(result.problems.join("\n"));
  return { config: result.config, warnings: result.warnings, sources };
}

/**
 * Reads the files as they are now.
 * @throws {ConfigError} where one cannot be read, or is not there and has to be
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
