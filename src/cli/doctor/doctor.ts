/**
 * `doctor`: runs all checks and reports them. Owns which checks there are and their order. They run concurrently, each network
 * request has a timeout, and no check depends on another. Does not know what a check looks at.
 */
import {
  type BackendConfig,
  type BucketConfig,
  type Config,
  type EnvRecord,
  secretsOf,
} from "../../config/mod.ts";
import { createRedactor, joinSignals, type Secret } from "../../lib/mod.ts";
import { type HistoryProbe, type StateProbe } from "../../postgres/mod.ts";
import { type QueueInspection } from "../../remote/mod.ts";
import { type Bucket } from "../../s3/mod.ts";
import { type ServiceProbe } from "../../systemd/mod.ts";
import { type TelegramProbe } from "../../telegram/api/mod.ts";
import { classTypesOf, readTemplates } from "../../templates/mod.ts";
import { type Backend } from "../../worker/mod.ts";
import { alike, type Paint } from "../core/mod.ts";
import { checkBucket } from "./bucket.ts";
import { type Check, type Finding, formatCheck, ok } from "./check.ts";
import { answerOf, checkBackend, checkTemplate, checkTemplateFiles } from "./comfyui.ts";
import { diagnoseConfig } from "./config.ts";
import { checkAdmins, checkDisk, checkEnvFile, checkFolder, checkInstance } from "./host.ts";
import { checkHistory } from "./history.ts";
import { checkExposure, type NetworkProbe } from "./network.ts";
import { checkQueue } from "./queue.ts";
import { checkService } from "./service.ts";
import { checkState } from "./state.ts";
import { checkClock, checkToken } from "./telegram.ts";

export interface DoctorDeps {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly openBackends: (config: Config, clientId: string) => Backend[];
  /** Resolves with the first frame of a backend's WebSocket. */
  readonly probeSocket: (backend: BackendConfig, signal: AbortSignal) => Promise<void>;
  readonly probeTelegram: (
    telegram: Config["telegram"],
    signal: AbortSignal,
  ) => Promise<TelegramProbe>;
  /** True while a process has that DATA_DIR open. */
  readonly isStateInUse: (dataDir: string) => Promise<boolean>;
  readonly openBucket: (bucket: BucketConfig) => Promise<Bucket>;
  readonly probeState: (url: Secret) => Promise<StateProbe>;
  readonly probeHistory: (url: Secret) => Promise<HistoryProbe>;
  /** Looks at the server of `queue.url`; `bucket` is the bot's. Rejects where the server does not answer. */
  readonly inspectQueue: (
    url: Secret,
    bucket: BucketConfig | undefined,
    signal: AbortSignal,
  ) => Promise<QueueInspection>;
  readonly probeService: () => Promise<ServiceProbe>;
  /** Runs one edit; absent, none is run. */
  readonly tryEdit?: ((config: Config) => Promise<Finding>) | undefined;
  /** How this host is reached from the network. Default: by connecting. */
  readonly network?: NetworkProbe;
  /** Free bytes for this user where a path is. Default: as the system reports. */
  readonly freeBytes?: (path: string) => number;
}

export interface DoctorOptions {
  /** The folder of `.env` and `workflows/`. */
  readonly dir: string;
  readonly configPath?: string;
  readonly env: EnvRecord;
  readonly paint: Paint;
  /** For each network request. Default: 5 s. */
  readonly timeoutMs?: number;
}

export interface DoctorReport {
  /** False where a check failed. */
  readonly isOk: boolean;
  readonly checks: readonly Check[];
  /** As text. */
  readonly lines: readonly string[];
  /** `{ok, checks: [{name, status, message, todo?}]}`. */
  readonly json: string;
}

/** Runs every check. Rejects only with the signal's reason; no text of the report contains a secret. */
export async function doctor(
  deps: DoctorDeps,
  options: DoctorOptions,
  signal: AbortSignal,
): Promise<DoctorReport> {
  const { config, finding } = await diagnoseConfig(options);
  const [telegram, comfyui, host, exposure, service] = await Promise.all([
    checksOfTelegram(deps, config, options, signal),
    checksOfComfyUI(deps, config, options, signal),
    checksOfHost(deps, config, options, signal),
    within(
      { signal, timeoutMs: Math.min(connectMs, options.timeoutMs ?? connectMs) },
      (limited) => checkExposure(config.comfyui.backends, deps.network ?? {}, limited),
    ),
    deps.probeService(),
  ]);
  const redact = createRedactor(secretsOf(config));
  const checks = [
    { name: "config", ...finding },
    { name: "token", ...isWorker(config) ? ok("not needed: this is a worker") : telegram.token },
    ...comfyui,
    ...host,
    { name: "firewall", ...exposure },
    { name: "service", ...checkService(service) },
    ...isWorker(config) ? [] : [{ name: "clock", ...telegram.clock }],
    // Last, because it takes a GPU's time.
    ...(deps.tryEdit ? [{ name: "edit", ...await deps.tryEdit(config) }] : []),
  ].map((check) => ({ ...check, message: redact(check.message) }));
  const isOk = checks.every(({ status }) => status !== "fail");
  return {
    isOk,
    checks,
    lines: checks.map((check) => formatCheck(check, options.paint)),
    json: JSON.stringify({ ok: isOk, checks }, undefined, 2),
  };
}

/** True on the host of a worker: no bot runs there. */
function isWorker({ worker, telegram }: Config): boolean {
  return worker.name !== undefined && telegram.token.isEmpty;
}

async function checksOfTelegram(
  { probeTelegram, now }: DoctorDeps,
  { telegram }: Config,
  { timeoutMs }: DoctorOptions,
  signal: AbortSignal,
): Promise<{ readonly token: Finding; readonly clock: Finding }> {
  let probe: TelegramProbe | undefined;
  if (!telegram.token.isEmpty) {
    const answer = await answerOf(
      within({ signal, timeoutMs }, (limited) => probeTelegram(telegram, limited)),
      signal,
    );
    probe = answer.type === "answered"
      ? answer.value
      : { type: "unreachable", reason: answer.reason };
  }
  return { token: checkToken(probe, telegram.apiRoot), clock: checkClock(probe, now()) };
}

async function checksOfComfyUI(
  { openBackends, probeSocket }: DoctorDeps,
  config: Config,
  { dir, timeoutMs }: DoctorOptions,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { workflow, comfyui } = config;
  const loaded = readTemplates(dir);
  const templates = [...loaded.templates.values()];
  await using resources = new AsyncDisposableStack();
  const answers = await Promise.all(
    openBackends(config, "image-edit-bot-doctor").map(async (backend, i) => {
      resources.use(backend);
      const ask = <Value>(request: (options: { signal: AbortSignal }) => Promise<Value>) =>
        answerOf(within({ signal, timeoutMs }, (limited) => request({ signal: limited })), signal);
      const [health, socket, catalog] = await Promise.all([
        ask((options) => backend.health(options)),
        ask(({ signal }) => probeSocket(comfyui.backends[i]!, signal)),
        ask((options) => backend.catalog(templates.flatMap(classTypesOf), options)),
      ]);
      return { backend: comfyui.backends[i]!, probe: { health, socket }, catalog };
    }),
  );
  const suffix = (name: string) => answers.length === 1 ? "" : ` ${name}`;
  return [
    ...answers.map(({ backend, probe }) => ({
      name: `ComfyUI${suffix(backend.name)}`,
      ...checkBackend(backend, probe),
    })),
    {
      name: "templates",
      ...checkTemplateFiles(loaded, workflow, answers.map((each) => each.catalog)),
    },
    ...templates.flatMap((template) => {
      const catalogs = answers.map((each) => each.catalog);
      const found = answers.map(({ backend: { name }, catalog }) => ({
        name,
        answer: checkTemplate(template, workflow, catalog, catalogs),
      }));
      return alike(found).map(({ names, answer }) => ({
        name: `template ${template.name}${suffix(`on ${names}`)}`,
        ...answer,
      }));
    }),
  ];
}

async function checksOfHost(
  { isStateInUse, freeBytes, openBucket, probeState, probeHistory, inspectQueue }: DoctorDeps,
  config: Config,
  { dir, timeoutMs }: DoctorOptions,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { paths, telegram, state: { url }, storage: { bucket }, history, queue } = config;
  // The key of a worker may be for this folder alone; the bot needs it where it has workers.
  const folders = isWorker(config) ? ["workers"] : ["input", ...queue.url ? ["workers"] : []];
  const [data, logs, disk, isInUse, env, state, stored, finished, queued] = await Promise.all([
    checkFolder(paths.dataDir),
    checkFolder(paths.logsDir),
    checkDisk(paths.dataDir, freeBytes),
    isStateInUse(paths.dataDir),
    checkEnvFile(dir),
    url && checkState(() => probeState(url)),
    bucket &&
    within(
      { signal, timeoutMs },
      async (limited) => await checkBucket(await openBucket(bucket), folders, limited),
    ),
    history.url && checkHistory(() => probeHistory(history.url!)),
    queue.url &&
    checkQueue(() =>
      within(
        { signal, timeoutMs },
        // What others have is told on the bot's host: it is the bot's bucket that they may share.
        (limited) => inspectQueue(queue.url!, isWorker(config) ? undefined : bucket, limited),
      )
    ),
  ]);
  return [
    { name: "DATA_DIR", ...data },
    // Without it the bot works and logs to stderr only.
    { name: "LOGS_DIR", ...logs, status: logs.status === "fail" ? "warn" : logs.status },
    { name: "disk", ...disk },
    ...state ? [{ name: "state", ...state }] : [],
    ...finished ? [{ name: "job history", ...finished }] : [],
    ...stored ? [{ name: "bucket", ...stored }] : [],
    { name: "instance", ...checkInstance(isInUse) },
    ...queued ? [{ name: "queue", ...queued }] : [],
    ...isWorker(config) ? [] : [{ name: "admins", ...checkAdmins(telegram.adminIds) }],
    { name: ".env", ...env },
  ];
}

/** An address that does not answer within this time is behind a firewall. */
const connectMs = 1_000;

/** Makes a request with a signal that aborts with another, or with a TimeoutError. */
async function within<Value>(
  { signal, timeoutMs = 5_000 }: {
    readonly signal: AbortSignal;
    readonly timeoutMs?: number | undefined;
  },
  request: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  using limited = joinSignals(signal, AbortSignal.timeout(timeoutMs));
  return await request(limited.signal);
}
