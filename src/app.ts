/**
 * The program: wires the parts, and owns in which order they start and stop. The one file that knows everybody.
 */
import { setTimeout as pause } from "node:timers/promises";
import { join } from "node:path";
import { getLogger } from "@logtape/logtape";
import type { Backend } from "./backend.ts";
import { createComfyBackend } from "./comfyui/backend.ts";
import type { Config } from "./config.ts";
import { messageOf } from "./errors.ts";
import { expectWaitMs, openEstimator } from "./estimate.ts";
import { isEnd } from "./job.ts";
import { createKvEstimateStore } from "./kv/estimates.ts";
import { createKvInbox } from "./kv/inbox.ts";
import { createKvJobStore } from "./kv/jobs.ts";
import { openState } from "./kv/open.ts";
import { createKvSettings } from "./kv/settings.ts";
import { JobQueue } from "./queue.ts";
import { openStorage } from "./storage.ts";
import { createTelegramBot } from "./telegram/bot.ts";
import { parseUpdate } from "./telegram/source.ts";
import { createTemplateSet, type TemplateSet } from "./template_set.ts";
import { diskFolder, loadTemplates, readEmbedded } from "./template_store.ts";
import { createWorker } from "./worker.ts";

const log = getLogger(["bot", "app"]);

export interface AppOptions {
  readonly config: Config;
  /** The folder of config.yaml: templates in its `workflows/` win over the embedded ones. */
  readonly dir: string;
}

/** How often DATA_DIR is swept. */
const sweepMs = 3_600_000;
/** How often ComfyUI is asked what it has, and how soon again where it did not answer. */
const catalogMs = 600_000;
const catalogRetryMs = 5_000;
/** How often a backend that is away is asked whether it is back. */
const backendRetryMs = 2_000;
/** How long a stop waits for what is being sent. */
const stopMs = 8_000;

/** Loads the templates of `dir` over the embedded ones and says in the log which files are no good. */
export function openTemplates({ config, dir }: AppOptions): TemplateSet {
  const { templates, problems } = loadTemplates({
    embedded: readEmbedded(),
    folder: diskFolder(join(dir, "workflows")),
  });
  for (const { file, message } of problems) {
    log.error("Template file {file} is left out: {message}", { file, message });
  }
  return createTemplateSet(templates, config.workflow);
}

/** The backends of the configuration; nothing is connected yet. */
export function openBackends(config: Config, clientId: string): Backend[] {
  return config.comfyui.backends.map(({ name, host, port }) =>
    createComfyBackend({ now: Date.now }, {
      name,
      baseUrl: `http://${host}:${port}`,
      clientId,
      pollMs: config.comfyui.pollMs,
      retryDelaysMs: config.comfyui.retryMs,
    })
  );
}

/**
 * Runs the bot until `signal` aborts. Rejects with StateError where DATA_DIR cannot be used, and with grammY's error
 * where Telegram refuses the token (401) or another process asks for the same bot's updates (409).
 */
export async function runApp(options: AppOptions, signal: AbortSignal): Promise<void> {
  const { config } = options;
  const { dataDir } = config.paths;
  const now = Date.now;
  using state = await openState(dataDir);
  const { kv } = state;
  const storage = await openStorage(dataDir);
  const settings = createKvSettings(kv);
  const estimator = await openEstimator(createKvEstimateStore(kv));
  const queue = await JobQueue.open(createKvJobStore(kv), {
    maxSize: () => config.queue.maxWaiting,
    now,
  });
  const templates = openTemplates(options);
  // A source picture is of no use when its job is over; the files of a killed moment are for the sweep.
  queue.listen((job) => {
    if (!isEnd(job.state)) return;
    for (const { file } of job.pictures) {
      storage.removeInput(file).catch(logged("remove a picture"));
    }
  }, signal);

  const ending = new AbortController();
  const bot = createTelegramBot({
    config: () => config,
    queue,
    settings,
    storage,
    inbox: createKvInbox(kv, parseUpdate),
    templates: () => templates.current,
    waitMs: (position) =>
      expectWaitMs({
        ahead: queue.waiting(1, position - 1),
        busyMs: workers.map((worker) => worker.busyMs()),
        estimator,
      }),
    reachable: () => workers.some((worker) => worker.reachable),
    now,
    random: Math.random,
  }, ending.signal);

  const backends = openBackends(config, clientIdOf(config));
  await using disposables = new AsyncDisposableStack();
  for (const backend of backends) disposables.use(backend);
  const workers = backends.map((backend) =>
    createWorker({
      backend,
      queue,
      storage,
      estimator,
      messenger: bot.messenger,
      template: (name) => templates.current.get(name),
      now,
      newPromptId: () => crypto.randomUUID(),
    }, () => ({
      depth: config.comfyui.depth,
      timeoutMs: config.queue.timeoutMs,
      megapixels: config.image.megapixels,
      keepResults: config.storage.keepResults,
      retryMs: backendRetryMs,
    }))
  );

  const stop = new AbortController();
  const stopping = AbortSignal.any([signal, stop.signal]);
  const background = [
    ...workers.map((worker) => worker.run(stopping)),
    watchCatalog(backends[0]!, templates, stopping),
    sweepNowAndThen(stopping),
  ];
  try {
    log.info("Started with {waiting} waiting jobs", { waiting: queue.size });
    await bot.run(stopping);
  } finally {
    stop.abort();
    const sent = Promise.allSettled(background).then(() => bot.flush());
    const inTime = await Promise.race([sent.then(() => true), pause(stopMs, false)]);
    ending.abort();
    log.info(inTime ? "Stopped" : "Stopped while something was on its way; the next start goes on");
  }

  async function sweepNowAndThen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const inUse = [
          ...queue.unsettled().flatMap((job) => [
            ...job.pictures.map(({ file }) => file),
            ...job.resultFile ? [job.resultFile] : [],
          ]),
          ...(await settings.drafts()).flatMap(({ draft }) =>
            draft.kind === "words" ? draft.pictures.map(({ file }) => file) : []
          ),
        ];
        const removed = await storage.sweep({
          inUse: new Set(inUse),
          maxAgeMs: config.storage.cleanupAfterMs,
          now: now(),
        });
        if (removed > 0) log.info("Removed {removed} old files", { removed });
      } catch (error) {
        logged("sweep DATA_DIR")(error);
      }
      await pause(sweepMs, undefined, { signal }).catch(() => {});
    }
  }
}

/** Asks ComfyUI what it has: at the start, when it comes back, and now and then. */
async function watchCatalog(
  backend: Backend,
  templates: TemplateSet,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let nextMs = catalogMs;
    try {
      templates.learn(await backend.catalog(templates.classTypes, { signal }));
    } catch (error) {
      if (signal.aborted) return;
      log.warn("Cannot ask {backend} what it has: {error}", {
        backend: backend.name,
        error: messageOf(error),
      });
      nextMs = catalogRetryMs;
    }
    await pause(nextMs, undefined, { signal }).catch(() => {});
  }
}

/**
 * The same for one bot over all its starts, so that ComfyUI goes on telling a restarted bot about its prompts. The part of
 * the token before the colon is the bot's public id.
 */
function clientIdOf(config: Config): string {
  return `image-edit-bot-${config.telegram.token.reveal().split(":")[0]}`;
}

/** Logs that something in the background did not work. */
function logged(what: string): (error: unknown) => void {
  return (error) => log.warn("Cannot {what}: {error}", { what, error: messageOf(error) });
}
