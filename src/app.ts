/**
 * The program: wires the rooms, and owns in which order they start and stop. The one file that knows them all.
 */
import { getLogger } from "@logtape/logtape";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openBackendWork } from "./backends.ts";
import {
  type Config,
  type ConfigSources,
  createLiveConfig,
  type LoggingConfig,
  type ReloadOutcome,
  watchFiles,
} from "./config/mod.ts";
import { openCopies } from "./copies.ts";
import { createDrawing } from "./images/drawing/mod.ts";
import { isEnd, JobQueue, openEstimator, openServiceMode } from "./jobs/mod.ts";
import {
  createKvAccessStore,
  createKvBotProfileStore,
  createKvCopyStore,
  createKvDailyStatsStore,
  createKvErasureStore,
  createKvEstimateStore,
  createKvHistoryOutbox,
  createKvInbox,
  createKvJobStore,
  createKvLifetimeTotalsStore,
  createKvOtherMessageStore,
  createKvServiceModeStore,
  createKvSettings,
  createKvToldProblemsStore,
} from "./kv/mod.ts";
import { afterAwake, createDiskSpace, freeBytesAt, joinSignals, logged, race } from "./lib/mod.ts";
import { runMaintenance } from "./maintenance.ts";
import { openHistoryOf, openPicturesOf, openStateOf } from "./stores.ts";
import {
  type Liveness,
  openDailyStats,
  openMonitor,
  readLogTail,
  tellOnce,
} from "./monitoring/mod.ts";
import { isFrom, parseUpdate } from "./telegram/api/mod.ts";
import { createTelegramBot } from "./telegram/mod.ts";
import { embeddedInPlace, type LoadedTemplates } from "./templates/mod.ts";
import { createAccess, moveGroup, openErasure } from "./users/mod.ts";
import { policyInForce } from "./users/policy/mod.ts";
import { createBackendMonitor, createQueuePositions, type Worker } from "./worker/mod.ts";

const log = getLogger(["bot", "app"]);

export interface AppOptions {
  readonly config: Config;
  /** What it was made of, and how that is read again. */
  readonly sources: ConfigSources;
  readonly readSources: () => Promise<ConfigSources>;
  /** Reads the templates when they are first asked for, and gives the same each time. */
  readonly loaded: () => LoadedTemplates;
  /** Reads them again. */
  readonly readTemplates: () => LoadedTemplates;
  /** The folder of config.yaml: templates in its `workflows/` win over the embedded ones. */
  readonly dir: string;
  readonly configPath?: string;
  /** Calls back on each request for a reload (SIGHUP). */
  readonly onHangup: (listener: () => void) => Disposable;
  /** Goes on logging with other settings. */
  readonly relog: (logging: LoggingConfig) => Promise<void>;
  /** Where the loops show that they live. */
  readonly liveness: Liveness;
  /**
   * Called when everything runs and Telegram is asked for messages, and before that where the process waits as a standby; `status`
   * says how it stands, in a line.
   */
  readonly onReady?: (status: () => string) => void;
}

/** A poll takes 30 s, times out after 60, and is retried at once or after what Telegram asks for. */
const pollSilenceMs = 180_000;
/** How long is waited for the first question to Telegram, and for that to leave this machine. */
const askMs = 500;
const sendMs = 10;
/** How long the first messages may wait for what ComfyUI can run. */
const templatesMs = 3_000;
/** How long a stop waits for what is being sent. */
const stopMs = 8_000;

/**
 * Runs the bot until `signal` aborts. Rejects with StateError where the state cannot be used or another process took it over, and with grammY's error
 * where Telegram refuses the token (401) or another process asks for the same bot's updates (409).
 */
export async function runApp(options: AppOptions, signal: AbortSignal): Promise<void> {
  const { dir, configPath, liveness } = options;
  const { dataDir } = options.config.paths;
  const now = Date.now;
  const live = createLiveConfig({
    readSources: options.readSources,
    readTemplates: options.readTemplates,
  }, options);
  await using state = await openStateOf(options.config, {
    onStandby() {
      log.info("Standing by: another process is active");
      options.onReady?.(() => "standing by: another process is active");
    },
    signal,
  });
  const { kv } = state;
  const storage = await openPicturesOf(options.config);
  await using jobHistory = await openHistoryOf(options.config);
  const wait = (ms: number, signal: AbortSignal) => pause(ms, undefined, { signal });
  const disk = createDiskSpace({
    freeBytes: () => freeBytesAt(dataDir),
    minFreeBytes: () => live.config.storage.minFreeBytes,
    wait,
  });
  const settings = createKvSettings(kv);
  const access = createAccess(createKvAccessStore(kv), {
    rules: () => ({ adminIds: live.config.telegram.adminIds, ...live.config.access }),
    now,
  });
  const estimator = await openEstimator(createKvEstimateStore(kv));
  const control = await openServiceMode(createKvServiceModeStore(kv));
  const up = Promise.withResolvers<void>();
  // To read the queue and to parse the templates keeps the network waiting, so the question goes out before that.
  const asked = race([up.promise, pause(askMs, undefined, { ref: false })])
    .then(() => pause(sendMs));
  // Nothing acts on it before it is ready.
  const queue = JobQueue.opening(createKvJobStore(kv, (job) => history?.finished(job)), {
    maxSize: () => live.config.queue.maxWaiting,
    order: () => live.config.queue.order,
    closed: () => control.mode === "draining" ? "draining" : disk.isFull ? "disk" : undefined,
    limits: async (userId) => {
      const { adminsExempt, person } = live.config.limits;
      return adminsExempt && await access.isAdmin(userId) ? {} : person;
    },
    now,
  }, asked);
  control.listen((mode) => {
    queue.paused = mode === "paused";
  }, signal);
  const history = jobHistory && (await import("./history.ts")).createHistory({
    outbox: createKvHistoryOutbox(kv),
    history: jobHistory,
    queue,
    config: () => live.config.history,
    template: (name) => live.templates.current.get(name),
    now,
  });
  const inbox = createKvInbox(kv, parseUpdate);
  const erasure = await openErasure({
    store: createKvErasureStore(kv),
    queue,
    settings,
    storage,
    dropUpdates: ({ userId, updateId }) =>
      inbox.drop((update) => update.update_id < updateId && isFrom(update, userId)),
    dropCopies: (job) => copies.drop(job),
    purge: ({ userId }) =>
      state.purge({
        userId,
        parse: parseUpdate,
        isTheirs: (update) => isFrom(update, userId),
      }),
    dropHistory: async (request) => await history?.forget(request),
    now,
  });
  // A source picture is of no use when its job is over; the files of a killed moment are for the sweep.
  queue.listen((job) => {
    if (!isEnd(job.state)) return;
    for (const { file } of job.pictures) {
      storage.removeInput(file).catch(logged("remove a picture"));
    }
  }, signal);

  await using dailyStats = openDailyStats({ store: createKvDailyStatsStore(kv), queue, now });
  const ending = new AbortController();
  const copies = await openCopies({
    store: createKvCopyStore(kv),
    queue,
    backends: () => backends.known(),
    isKept: () => live.config.storage.keepInComfyUI,
  });
  const steady = () => performance.now();
  const backendMonitor = createBackendMonitor(
    { backends: () => backends.present(), now: steady },
    ending.signal,
  );
  await using monitor = await openMonitor({
    queue,
    backends: backendMonitor.look,
    templatesOn: (backend) => live.templates.on(backend),
    lifetimeTotals: createKvLifetimeTotalsStore(kv),
    maxWaiting: () => live.config.queue.maxWaiting,
    now,
  }, { ...live.config.metrics, dataDir });

  const drawing = createDrawing(ending.signal);
  using polls = liveness.watch("the update loop", pollSilenceMs);
  const bot = createTelegramBot({
    config: () => live.config,
    access,
    policy: policyInForce(() => live.config.policy),
    queue,
    settings,
    storage,
    inbox,
    erasure,
    otherMessages: createKvOtherMessageStore(kv),
    profile: createKvBotProfileStore(kv),
    drawing,
    onPoll() {
      polls.beat();
      up.resolve();
    },
    called: monitor.called,
    moved: (from, to) => moveGroup({ access, settings, queue }, from, to),
    // ComfyUI may be slow to answer; nobody is to wait for long.
    async templatesKnown() {
      const late = Promise.withResolvers<void>();
      using _timer = afterAwake(templatesMs, late.resolve);
      await race([backends.catalog.known, late.promise]);
    },
    templates: () => live.templates.current,
    offered: () => live.templates.runnable,
    defaultTemplate: () => live.templates.defaultTemplate,
    lacking: (name) => live.templates.lacking.get(name),
    reload,
    control,
    dailyStats: history?.statisticsWith(dailyStats) ?? dailyStats,
    backendMonitor,
    workflowsDir: join(dir, "workflows"),
    catalog: (classTypes) => backends.first().catalog(classTypes, { signal: ending.signal }),
    missing: () => live.templates.missing,
    templatesOn: (backend) => live.templates.on(backend),
    logTail: (lines) => readLogTail(live.config.paths.logsDir, lines),
    knownProblems: () => options.loaded().problems.map(({ message }) => message),
    positions: createQueuePositions({
      queue,
      estimator,
      look: backendMonitor.look,
      workers: () => backends.workers(),
    }),
    isDiskFull: () => disk.isFull,
    waking: (job) => backends.wakePolicy.wakingFor(job),
    reachable: (backend) =>
      backends.workers().some(({ name, reachable }) =>
        reachable && [undefined, name].includes(backend)
      ),
    now,
    random: Math.random,
  }, ending.signal);

  const stop = new AbortController();
  using joined = joinSignals(signal, stop.signal);
  const stopping = joined.signal;
  await using backends = await openBackendWork({
    live,
    kv,
    queue,
    storage,
    estimator,
    bot,
    drawing,
    liveness,
    backendMonitor,
    failed: monitor.backendFailed,
    asked,
    now,
    steady,
  }, stopping);
  const tell = (reloading: Promise<ReloadOutcome>) =>
    void reloading.then((outcome) => bot.tellReload(outcome)).catch(logged("reload"));
  using _hangups = options.onHangup(() => tell(reload()));

  async function beginWork(): Promise<readonly Promise<void>[]> {
    await queue.ready;
    const working = await backends.begin();
    const problems = options.loaded().problems.map(({ message }) => message);
    const builtIn = embeddedInPlace(options.loaded());
    tellOnce(createKvToldProblemsStore(kv), problems, (added) => bot.tellAtStart(added, builtIn))
      .catch(logged("tell the admins"));
    log.info("Started with {waiting} waiting jobs", { waiting: queue.size });
    up.promise.then(() => options.onReady?.(() => statusOf(queue, backends.workers())));
    return [
      ...working,
      erasure.run(stopping),
      copies.run(stopping),
      ...history ? [history.run(stopping)] : [],
      watchFiles(
        {
          dir,
          ...(configPath === undefined ? {} : { configPath }),
          wait,
        },
        () => tell(readAgain()),
        stopping,
      ),
      runMaintenance({
        config: () => live.config,
        queue,
        settings,
        storage,
        disk,
        onDisk(isFull) {
          bot.tellAdmins(({ notices }) => isFull ? notices.diskFull : notices.diskRoom)
            .catch(logged("tell the admins"));
        },
        backUp: state.backUp,
        wake: backends.wakePolicy.look,
        collectGarbage,
        now,
      }, stopping),
    ];
  }

  const updates = bot.run(stopping);
  const polling = asked.then(() => backends.catalog.run());
  const work = beginWork();
  try {
    await race([Promise.all([updates, polling, work]), state.lost]);
  } finally {
    stop.abort();
    const begun = await work.catch(() => []);
    const sent = Promise.allSettled([updates, polling, ...begun]).then(() => bot.flush());
    const inTime = await race([sent.then(() => true), pause(stopMs, false)]);
    ending.abort();
    log.info(inTime ? "Stopped" : "Stopped with work in progress; the next start continues it");
  }

  /** The owner asks for it: a model file may have come, though no file of ours has changed. */
  async function reload(): Promise<ReloadOutcome> {
    const outcome = await readAgain();
    if (outcome.type !== "applied") backends.catalog.askNow();
    return outcome;
  }

  /** A file of ours may have changed: right after the start, none has. */
  async function readAgain(): Promise<ReloadOutcome> {
    const outcome = await live.reload();
    if (outcome.type !== "applied") return outcome;
    if (outcome.changes.some((name) => name.startsWith("logging."))) {
      await options.relog(live.config.logging);
    }
    backends.catalog.askNow();
    return outcome;
  }
}

/** `2 jobs waiting, 1 in work`, and whether ComfyUI answers. */
function statusOf(queue: JobQueue, workers: readonly Worker[]): string {
  const away = workers.filter((worker) => !worker.reachable).length;
  const waiting = queue.size + queue.submitted;
  const taken = queue.live().length - waiting;
  const comfyui = workers.length === 0
    ? "no worker is connected"
    : away === 0
    ? "ComfyUI answers"
    : `ComfyUI does not answer (${away} of ${workers.length})`;
  return `${waiting} jobs waiting, ${taken} running; ${comfyui}`;
}

/** V8's `gc`, which `deno task compile` asks for; it takes some 40 ms. */
const { gc } = globalThis as { readonly gc?: (options: { readonly type: "major" }) => void };
const collectGarbage = gc && (() => gc({ type: "major" }));
