/**
 * config.yaml and .env, and their reload while the bot runs. Owns the schema, the defaults and the sample files. Does not know what a
 * setting is used for.
 */
export {
  type BucketConfig,
  type Config,
  type ConfigSources,
  defaultConfig,
  loadConfig,
  type LoadOptions,
  type LoggingConfig,
  parseConfig,
  readSources,
  secretsOf,
} from "./config.ts";
export { ENV_KEYS, type EnvRecord, parseEnvSettings, parseEnvText } from "./env.ts";
export { watchFiles } from "./file_watcher.ts";
export { createLiveConfig, type LiveConfig, type ReloadOutcome } from "./live_config.ts";
export {
  type InitFile,
  type InitSettings,
  sampleConfig,
  sampleEnv,
  writeSamples,
} from "./samples.ts";
export type { MetricsConfig } from "./schema.ts";
export type { BackendConfig } from "./schema_backend.ts";
