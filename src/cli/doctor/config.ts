/**
 * The configuration: is it valid, and if not, which part can still be used, so that one bad line does not hide other problems.
 * The bot itself never runs with a part of a configuration. Knows no other check.
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

/** The usable part of the configuration. */
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
        ? `${file} does not exist: defaults apply`
        : `${file} is valid`
    ),
  );
  return states.join("; ");
}

/** Drops invalid variables, and config.yaml if that is invalid. */
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
