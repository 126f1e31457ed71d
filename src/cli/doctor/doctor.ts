/**
 * `doctor`: everything that keeps the bot from working, found at once. Owns which checks there are and their order; each runs
 * beside the others and has a deadline, and none needs another one to succeed.
 */
import { type BackendConfig, type Config, type EnvRecord, secretsOf } from "../../config/mod.ts";
import { createRedactor } from "../../lib/mod.ts";
import { type ServiceProbe } from "../../systemd/mod.ts";
import { type TelegramProbe } from "../../telegram/api/mod.ts";
import { classTypesOf, readTemplates } from "../../templates/mod.ts";
import { type Backend } from "../../worker/mod.ts";
import { type Paint } from "../core/mod.ts";
import { type Check, type Finding, formatCheck } from "./check.ts";
import { asked, checkBackend, checkTemplate, checkTemplateFiles } from "./comfyui.ts";
import { diagnoseConfig } from "./config.ts";
import { checkAdmins, checkDisk, checkEnvFile, checkFolder, checkInstance } from "./host.ts";
import { checkExposure, type NetworkProbe } from "./network.ts";
import { checkService } from "./service.ts";
import { checkClock, checkToken } from "./telegram.ts";

export interface DoctorDeps {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly openBackends: (config: Config, clientId: string) => Backend[];
  /** Resolves when a backend's WebSocket says something. */
  readonly probeSocket: (backend: BackendConfig, signal: AbortSignal) => Promise<void>;
  readonly probeTelegram: (
    telegram: Config["telegram"],
    signal: AbortSignal,
  ) => Promise<TelegramProbe>;
  /** True while a process works with that DATA_DIR. */
  readonly isStateInUse: (dataDir: string) => Promise<boolean>;
  readonly probeService: () => Promise<ServiceProbe>;
  /** Runs one edit; where it is not given, none is run. */
  readonly tryEdit?: ((config: Config) => Promise<Finding>) | undefined;
  /** How this machine is seen from the network. Default: by trying. */
  readonly network?: NetworkProbe;
  /** Bytes that may still be written where a path is. Default: what the system says. */
  readonly freeBytes?: (path: string) => number;
}

export interface DoctorOptions {
  /** The folder of `.env` and `workflows/`. */
  readonly dir: string;
  readonly configPath?: string;
  readonly env: EnvRecord;
  readonly paint: Paint;
  /** For each question that goes over the network. Default 5 s. */
  readonly timeoutMs?: number;
}

export interface DoctorReport {
  /** False where a check failed. */
  readonly isOk: boolean;
  readonly checks: readonly Check[];
  /** For people. */
  readonly lines: readonly string[];
  /** `{ok, checks: [{name, status, message, todo?}]}`. */
  readonly json: string;
}

/** Looks at everything. Rejects only with the signal's reason; no text in the report holds the token. */
export async function doctor(
  deps: DoctorDeps,
  options: DoctorOptions,
  signal: AbortSignal,
): Promise<DoctorReport> {
  const { config, finding } = await diagnoseConfig(options);
  const [telegram, comfyui, machine, exposure, service] = await Promise.all([
    checksOfTelegram(deps, config, options, signal),
    checksOfComfyUI(deps, config, options, signal),
    checksOfMachine(deps, config, options),
    checkExposure(
      config.comfyui.backends,
      deps.network ?? {},
      deadline(signal, Math.min(connectMs, options.timeoutMs ?? connectMs)),
    ),
    deps.probeService(),
  ]);
  const redact = createRedactor(secretsOf(config));
  const checks = [
    { name: "config", ...finding },
    { name: "token", ...telegram.token },
    ...comfyui,
    ...machine,
    { name: "firewall", ...exposure },
    { name: "service", ...checkService(service) },
    { name: "clock", ...telegram.clock },
    // Last: it takes a GPU's time, and what keeps it from succeeding has been said by then.
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

async function checksOfTelegram(
  { probeTelegram, now }: DoctorDeps,
  { telegram }: Config,
  { timeoutMs }: DoctorOptions,
  signal: AbortSignal,
): Promise<{ readonly token: Finding; readonly clock: Finding }> {
  let look: TelegramProbe | undefined;
  if (!telegram.token.isEmpty) {
    const answer = await asked(probeTelegram(telegram, deadline(signal, timeoutMs)), signal);
    look = answer.type === "answered"
      ? answer.value
      : { type: "unreachable", reason: answer.reason };
  }
  return { token: checkToken(look, telegram.apiRoot), clock: checkClock(look, now()) };
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
      const ask = <Value>(question: (options: { signal: AbortSignal }) => Promise<Value>) =>
        asked(question({ signal: deadline(signal, timeoutMs) }), signal);
      const [health, socket, catalog] = await Promise.all([
        ask((options) => backend.health(options)),
        ask(({ signal }) => probeSocket(comfyui.backends[i]!, signal)),
        ask((options) => backend.catalog(templates.flatMap(classTypesOf), options)),
      ]);
      return { backend: comfyui.backends[i]!, look: { health, socket }, catalog };
    }),
  );
  const suffix = (name: string) => answers.length === 1 ? "" : ` ${name}`;
  return [
    ...answers.map(({ backend, look }) => ({
      name: `ComfyUI${suffix(backend.name)}`,
      ...checkBackend(backend, look),
    })),
    { name: "templates", ...checkTemplateFiles(loaded, workflow.template) },
    ...answers.flatMap(({ backend, catalog }) =>
      templates.map((template) => ({
        name: `template ${template.name}${answers.length === 1 ? "" : ` on ${backend.name}`}`,
        ...checkTemplate(template, workflow, catalog),
      }))
    ),
  ];
}

async function checksOfMachine(
  { isStateInUse, freeBytes }: DoctorDeps,
  { paths, telegram }: Config,
  { dir }: DoctorOptions,
): Promise<readonly Check[]> {
  const [data, logs, disk, isInUse, env] = await Promise.all([
    checkFolder(paths.dataDir),
    checkFolder(paths.logsDir),
    checkDisk(paths.dataDir, freeBytes),
    isStateInUse(paths.dataDir),
    checkEnvFile(dir),
  ]);
  return [
    { name: "DATA_DIR", ...data },
    // Without it the bot still works, and logs to stderr alone.
    { name: "LOGS_DIR", ...logs, status: logs.status === "fail" ? "warn" : logs.status },
    { name: "disk", ...disk },
    { name: "instance", ...checkInstance(isInUse) },
    { name: "admins", ...checkAdmins(telegram.adminIds) },
    { name: ".env", ...env },
  ];
}

/** An address that has not answered by then is behind a firewall. */
const connectMs = 1_000;

function deadline(signal: AbortSignal, timeoutMs = 5_000): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
}
