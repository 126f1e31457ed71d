/**
 * Small pieces that know nothing of the product: errors, secrets, time, units, retrying and ordering of promises.
 * Owns no state. Imports no other room.
 */
export { afterAwake, joinSignals, limitSignal, race, unlessAborted, wait } from "./abort.ts";
export { ADDRESS, type Address, parseAddress } from "./address.ts";
export { createDiskSpace, type DiskSpace, freeBytesAt } from "./disk_space.ts";
export {
  BotError,
  ComfyUIConnectionError,
  ConfigError,
  InvalidImageError,
  InvalidParametersError,
  isDiskError,
  messageOf,
  networkReason,
  PromptLostError,
  RecordTooLargeError,
  ResultGoneError,
  StateAwayError,
  StateError,
  StorageAwayError,
  TemplateGoneError,
  WorkflowExecutionError,
  WorkflowInterruptedError,
  WorkflowRefusedError,
  WorkflowTimeoutError,
} from "./errors.ts";
export { isRawNumber, parseExactly, rawNumber } from "./exact_json.ts";
export { fetchOnce } from "./fetch_once.ts";
export { type Language, languages } from "./language.ts";
export { logged } from "./logged.ts";
export { editDistance, nearest, probableName } from "./nearest.ts";
export { runPeriodically } from "./periodic.ts";
export { backoff, retry, retryOnDiskError, type RetryOnDiskErrorOptions, steady } from "./retry.ts";
export { createRedactor, Secret } from "./secret.ts";
export {
  createChain,
  createCoalescer,
  createSerializer,
  createTurns,
  type Serialize,
} from "./serialize.ts";
export { formatBytes, parseBytes, parseSpanMs } from "./units.ts";
export { version, versionLine } from "./version.ts";
