/**
 * Differences between two readings of the configuration, by setting: `queue.max_size`, `ADMIN_USER_IDS`. Owns which settings need a
 * restart. Never shows a value.
 */
import { z } from "zod";
import { Secret } from "../lib/mod.ts";
import { parseYamlText } from "../lib/yaml/mod.ts";
import type { Config, ConfigSources } from "./config.ts";
import { ENV_KEYS, parseEnvSettings } from "./env.ts";

/** Settings that need a restart; a section stands for all of its settings. */
const readAtStart: readonly string[] = [
  ...ENV_KEYS.filter((key) => key !== "ADMIN_USER_IDS" && key !== "HF_TOKEN"),
  "comfyui.backends",
  "comfyui.poll_seconds",
  "comfyui.retry_seconds",
  "history.url",
  "metrics",
  "queue.url",
  "state",
  "storage.url",
  "worker",
];

/** True for a setting that takes effect after a restart. */
export function needsRestart(setting: string): boolean {
  return readAtStart.some((name) => setting === name || setting.startsWith(`${name}.`));
}

/** `wanted`, with the values of `started` for settings that need a restart. */
export function withStarted(wanted: Config, started: Config): Config {
  const { bucket: _, ...stored } = wanted.storage;
  const { bucket } = started.storage;
  return Object.freeze({
    ...wanted,
    telegram: Object.freeze({ ...started.telegram, adminIds: wanted.telegram.adminIds }),
    comfyui: Object.freeze({
      ...wanted.comfyui,
      backends: started.comfyui.backends,
      pollMs: started.comfyui.pollMs,
      retryMs: started.comfyui.retryMs,
    }),
    paths: started.paths,
    metrics: started.metrics,
    queue: withUrlOf(started.queue, wanted.queue),
    worker: started.worker,
    state: started.state,
    history: withUrlOf(started.history, wanted.history),
    storage: Object.freeze({ ...stored, ...bucket && { bucket } }),
  });
}

function withUrlOf<Section extends { readonly url?: Secret }>(
  { url }: Pick<Section, "url">,
  wanted: Section,
) {
  const { url: _, ...rest } = wanted;
  return Object.freeze({ ...rest, ...url && { url } });
}

/** Names of the settings that differ, in alphabetical order. Both must be valid. */
export function changedSettings(before: ConfigSources, after: ConfigSources): string[] {
  const [old, next] = [writtenSettings(before), writtenSettings(after)];
  return [...new Set([...old.keys(), ...next.keys()])]
    .filter((name) => old.get(name) !== next.get(name)).sort();
}

/** Every setting that is set, with its value as JSON. */
function writtenSettings({ env, envFile, yaml, tokenOptional }: ConfigSources) {
  const written = new Map<string, string>();
  const variables = parseEnvSettings(env, envFile, { tokenOptional: tokenOptional ?? false });
  for (const [name, value] of Object.entries(variables.settings ?? {})) {
    written.set(name, JSON.stringify(value instanceof Secret ? value.reveal() : value));
  }
  collect(yaml === undefined ? undefined : parseYamlText(yaml, z.unknown()).data, "", written);
  return written;
}

function collect(value: unknown, name: string, written: Map<string, string>): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) {
      collect(inner, name === "" ? key : `${name}.${key}`, written);
    }
  } else if (value !== undefined && value !== null) {
    written.set(name, JSON.stringify(value));
  }
}
