/** `worker`: takes jobs of bots elsewhere for the ComfyUI of this host. Owns what it needs, and the log's first line. */
import { getLogger } from "@logtape/logtape";
import { openBackends } from "../../comfyui/mod.ts";
import { ConfigError, versionLine } from "../../lib/mod.ts";
import { openBucketFiles, openEngine, runWorkerHost } from "../../remote/mod.ts";
import { type Context } from "../core/mod.ts";
import { openLog, runSupervised } from "./program.ts";
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
  await openLog({ io, resources, reportWith }, config);
  const log = getLogger(["bot"]);
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
  const bucket = await openBucketFiles(config.storage.bucket);
  await runSupervised(supervisor, async (liveness, onReady) => {
    using heartbeat = liveness.watch("the worker", silenceMs);
    await runWorkerHost({ engine, bucket, backend, now: () => performance.now() }, {
      name,
      onBeat: heartbeat.beat,
      onReady: () => onReady(() => `connected to ${engine.where} as ${name}`),
    }, io.signal);
  }, io.signal);
}
