/**
 * `doctor` on the configuration: is it right, and if not, what of it can still be used, so that one bad line does not hide what
 * else is wrong. The bot itself never works with a salvaged configuration.
 */
import { join } from "node:path";
import {
  type Config,
  defaultConfig,
  ENV_KEYS,
  type EnvRecord,
  loadConfig,
  type LoadOptions,
  parseConfig,
  parseEnvSettings,
  parseEnvText,
} from "../../config/mod.ts";
import { ConfigError } from "../../lib/mod.ts";
import { fail, type Finding, ok, warn } from "./check.ts";

/** The configuration, as far as it can be used. */
export interface Diagnosis {
  readonly config: Config;
  readonly finding: Finding;
}

/** Reads the configuration as `run` does; never throws. */
export async function diagnoseConfig(
  options: Omit<LoadOptions, "tokenOptional">,
): Promise<Diagnosis> {
  try {
    const { config, warnings } = await loadConfig({ ...options, tokenOptional: true });
    const what = await describeFiles(options);
    return {
      config,
      finding: warnings.length > 0 ? warn([what, ...warnings].join("\n")) : ok(what),
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: await salvage(options), finding: fail(error.message) };
  }
}

async function describeFiles({ dir, configPath }: Omit<LoadOptions, "env">): Promise<string> {
  const files = [join(dir, ".env"), configPath ?? join(dir, "config.yaml")];
  const states = await Promise.all(
    files.map(async (file) =>
      await readText(file) === undefined
        ? `no ${file}: its settings have their defaults`
        : `${file} can be used`
    ),
  );
  return states.join("; ");
}

/** Drops the variables that cannot be used, and config.yaml if that is at fault. */
async function salvage({ dir, configPath, env }: LoadOptions): Promise<Config> {
  const usable = usableEnv(env, await readText(join(dir, ".env")));
  const path = configPath ?? join(dir, "config.yaml");
  const text = await readText(path);
  for (const yaml of [...(text === undefined ? [] : [{ yaml: { path, text } }]), {}]) {
    const result = parseConfig({ env: usable, ...yaml, cwd: dir, tokenOptional: true });
    if (result.ok) return result.config;
  }
  return defaultConfig(dir);
}

function usableEnv(env: EnvRecord, text: string | undefined): EnvRecord {
  const file = parseEnvText({ path: ".env", text: text ?? "" }).entries;
  const all = ENV_KEYS.map((key) => [key, env[key] || file.get(key)?.value] as const);
  return Object.fromEntries(
    all.filter(([key, value]) =>
      parseEnvSettings({ [key]: value }, undefined, { tokenOptional: true }).settings !== undefined
    ),
  );
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return undefined;
  }
}
