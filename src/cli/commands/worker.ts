/** `worker`: takes jobs of bots elsewhere for the ComfyUI of this host. Owns the log's first line, and what is told to systemd. */
import { getLogger } from "@logtape/logtape";
import { openBackends } from "../../comfyui/mod.ts";
import { secretsOf } from "../../config/mod.ts";
import { ConfigError, versionLine } from "../../lib/mod.ts";
import { createLiveness, runWatchdog, setUpLogging } from "../../monitoring/mod.ts";
import { openEngine, runWorkerHost } from "../../remote/mod.ts";
import { type Context } from "../core/mod.ts";
import type { RunOptions } from "./run.ts";

export interface WorkerOptions extends Pick<RunOptions, "config" | "warnings" | "supervisor"> {
  /** Wins over `worker.name`. */
  readonly name: string | undefined;
}

/** It beats every ten seconds at least. */
const silenceMs = 60_000;

/** Works until `io.signal` aborts. Rejects with ConfigError where it lacks a name or a queue, and as runWorkerHost does. */
export async function runWorker(
  { io, resources, reportWith }: Pick<Context, "io" | "resources" | "reportWith">,
  { config, warnings, supervisor, name = config.worker.name }: WorkerOptions,
): Promise<void> {
  const url = config.queue.url;
  if (url === undefined) {
    throw new ConfigError(
      "Cannot work for a bot: queue.url is not set in config.yaml (wanted the bot's, redis://… or postgres://…)",
    );
  }
  if (name === undefined) {
    throw new ConfigError(
      "Cannot work for a bot: worker.name is not set in config.yaml (wanted a name of this host, such as gpu-2)",
    );
  }
  resources.use(
    await setUpLogging(config.logging, {
      logsDir: config.paths.logsDir,
      stderr: io.stderr,
      journal: io.stderrIsJournal,
      secrets: secretsOf(config),
    }),
  );
  const log = getLogger(["bot"]);
  reportWith((failure, error) => {
    log.fatal("{reason}", { reason: failure.message, ...(failure.expected ? {} : { error }) });
  });
  const backend = openBackends(config, `image-edit-bot-worker-${name}`)[0];
  if (!backend) {
    throw new ConfigError(
      "Cannot work for a bot: comfyui.backends is empty (wanted the ComfyUI of this host)",
    );
  }
  resources.use(backend);
  log.info("{version}: worker {worker}, ComfyUI {backend}", {
    version: versionLine(),
    worker: name,
    backend: config.comfyui.backends[0]!.url,
  });
  for (const warning of warnings) log.warn("{warning}", { warning });
  const engine = await openEngine(url.reveal());
  resources.use(engine);
  const ended = new AbortController();
  let informing: Promise<void> | undefined;
  const liveness = createLiveness(() => performance.now());
  using heartbeat = liveness.watch("the worker", silenceMs);
  io.signal.addEventListener("abort", () => supervisor.stopping(), { once: true });
  try {
    await runWorkerHost({ engine, backend, now: () => performance.now() }, {
      name,
      onBeat: heartbeat.beat,
      onReady() {
        supervisor.ready();
        const status = () => `connected to ${engine.where} as ${name}`;
        informing = runWatchdog(supervisor, { liveness, status }, ended.signal);
      },
    }, io.signal);
  } finally {
    ended.abort();
    await informing;
  }
}
