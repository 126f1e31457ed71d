/**
 * The program: wires the rooms, and owns in which order they start and stop. The one file that knows them all.
 */
import { getLogger } from "@logtape/logtape";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openBackends } from "./comfyui/mod.ts";
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
  createKvRunnableTemplatesStore,
  createKvServiceModeStore,
  createKvSettings,
  createKvToldProblemsStore,
  createKvWakeTimesStore,
} from "./kv/mod.ts";
import {
  ComfyUIConnectionError,
  createDiskSpace,
  createSerializer,
  freeBytesAt,
  joinSignals,
  messageOf,
} from "./lib/mod.ts";
import { runIdlePolicy, runMaintenance } from "./maintenance.ts";
import { createBackendPool } from "./pool.ts";
import { openHistoryOf, openPicturesOf, openStateOf } from "./stores.ts";
import {
  type Liveness,
  openDailyStats,
  openMonitor,
  readLogTail,
  tellOnce,
} from "./monitoring/mod.ts";
import { openUnit, runProgram } from "./systemd/mod.ts";
import { isFrom, parseUpdate } from "./telegram/api/mod.ts";
import { createTelegramBot } from "./telegram/mod.ts";
import { embeddedInPlace, type LoadedTemplates, readTemplates } from "./templates/mod.ts";
import { createAccess, moveGroup, openErasure } from "./users/mod.ts";
import { policyInForce } from "./users/policy/mod.ts";
import { openWakePolicy, sendMagicPacket } from "./wake/mod.ts";
import {
  adoptOrphans,
  type Backend,
  createAssignment,
  createBackendMonitor,
  createCatalogPoller,
  createQueuePositions,
  createWorker,
  watchBackend,
  type Worker,
} from "./worker/mod.ts";
import { openRemoteWorkers } from "./workers.ts";

const log = getLogger(["bot", "app"]);

export interface AppOptions {
  readonly config: Config;
  /** What it was made of, and how that is read again. */
  readonly sources: ConfigSources;
  readonly readSources: () => Promise<ConfigSources>;
  /** Reads the templates when they are first asked for, and gives the same each time. */
  readonly loaded: () => LoadedTemplates;
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
/** How often a worker's loop beats at least, and how many beats it may miss. */
const beatMs = 15_000;
const workerSilenceMs = 4 * beatMs;
/** Pause between two polls of a backend that is down. */
const backendRetryMs = 2_000;
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
    readTemplates: () => readTemplates(dir),
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
  const asked = Promise.race([up.promise, pause(askMs, undefined, { ref: false })])
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
  const backends = () => pool.members.map(({ backend }) => backend);
  const workers = () => pool.members.map(({ worker }) => worker);
  const copies = await openCopies({
    store: createKvCopyStore(kv),
    queue,
    backends: () => pool.known.map(({ backend }) => backend),
    isKept: () => live.config.storage.keepInComfyUI,
  });
  const steady = () => performance.now();
  const backendMonitor = createBackendMonitor({ backends, now: steady }, ending.signal);
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
    templatesKnown: () =>
      Promise.race([catalog.known, pause(templatesMs, undefined, { ref: false })]),
    templates: () => live.templates.current,
    offered: () => live.templates.runnable,
    defaultTemplate: () => live.templates.defaultTemplate,
    lacking: (name) => live.templates.lacking.get(name),
    reload,
    control,
    dailyStats: history?.statisticsWith(dailyStats) ?? dailyStats,
    backendMonitor,
    workflowsDir: join(dir, "workflows"),
    catalog: (classTypes) => firstBackend().catalog(classTypes, { signal: ending.signal }),
    missing: () => live.templates.missing,
    templatesOn: (backend) => live.templates.on(backend),
    logTail: (lines) => readLogTail(live.config.paths.logsDir, lines),
    knownProblems: () => options.loaded().problems.map(({ message }) => message),
    positions: createQueuePositions({
      queue,
      estimator,
      look: backendMonitor.look,
      workers,
    }),
    isDiskFull: () => disk.isFull,
    waking: (job) => wakePolicy.wakingFor(job),
    reachable: (backend) =>
      workers().some(({ name, reachable }) => reachable && [undefined, name].includes(backend)),
    now,
    random: Math.random,
  }, ending.signal);

  using heartbeats = new DisposableStack();
  const chatTurns = createSerializer();
  // One that none can run goes to any, which says what is missing.
  const canRun = (backend: string, template: string) =>
    live.templates.runsOn(backend, template) || !live.templates.runnable.has(template);
  const assignment = createAssignment({
    backends: workers,
    canRun,
    expectMs: (job) => estimator.expectMs(job),
    now: steady,
  });
  function makeWorker(backend: Backend, isPresent: () => boolean): Worker {
    const heartbeat = heartbeats.use(liveness.watch(`worker ${backend.name}`, workerSilenceMs));
    return createWorker({
      backend,
      queue,
      storage,
      estimator,
      messenger: bot.messenger,
      drawing,
      chatTurns,
      template: (name) => live.templates.current.get(name),
      insteadOf: (name, signal) => insteadOf(name, signal),
      now,
      newPromptId: () => crypto.randomUUID(),
      onReachable(isReachable) {
        if (isReachable) catalog.cameBack();
        if (!wakePolicy.isExpected(backend.name)) bot.tellReachable(backend.name, isReachable);
      },
      heartbeat: { beat: heartbeat.beat, maxMs: beatMs },
      elsewhere: ({ template }) =>
        workers().some(({ name, reachable }) =>
          name !== backend.name && reachable && live.templates.runsOn(name, template)
        ),
      pick: (waiting) => assignment.pick(backend.name, waiting),
      isPresent,
    }, () => ({
      depth: live.config.comfyui.depth,
      timeoutMs: live.config.queue.timeoutMs,
      megapixels: live.config.image.megapixels,
      keepResults: live.config.storage.keepResults,
      retryMs: backendRetryMs,
    }));
  }
  await using remote = await openRemoteWorkers(live.config, {
    now: steady,
    join(name, make, isPresent) {
      if (pool.known.every(({ backend }) => backend.name !== name)) takeIn(make(), isPresent);
    },
  });
  await using pool = createBackendPool({
    makeWorker,
    attend: (member, signal) =>
      runIdlePolicy(
        {
          config: () => live.config,
          queue,
          openUnit: (name) => openUnit({ run: runProgram }, name),
          now,
        },
        member,
        signal,
      ),
  });

  const wakePolicy = await openWakePolicy({
    packets: new Map(
      live.config.comfyui.backends.flatMap(({ name, wake }) =>
        wake ? [[name, () => sendMagicPacket(wake)]] : []
      ),
    ),
    ask: backendMonitor.look,
    backends: workers,
    queue,
    canRun,
    onGivenUp: (name) => bot.tellReachable(name, false),
    store: createKvWakeTimesStore(kv),
    now: steady,
  });
  const catalog = createCatalogPoller({
    templates: () => live.templates,
    store: createKvRunnableTemplatesStore(kv),
    tell: (problems) => void bot.tellLacking(problems).catch(logged("tell the admins")),
    tellDefault({ name, problems, instead }) {
      const said = { name, problems: problems.join("\n"), instead: instead?.name };
      bot.tellAdmins(({ notices }) => notices.unusableDefault(said))
        .catch(logged("tell the admins"));
    },
  });
  const reloadAndTell = () => {
    reload().then((outcome) => bot.tellReload(outcome)).catch(logged("reload"));
  };
  using _hangups = options.onHangup(reloadAndTell);

  const stop = new AbortController();
  using joined = joinSignals(signal, stop.signal);
  const stopping = joined.signal;
  function takeIn(backend: Backend, isPresent?: () => boolean): void {
    // One that joins is given no job before it is known what it can run.
    const isReady = isPresent && (() => isPresent() && live.templates.knows(backend.name));
    pool.join(watchBackend(backend, (kind) => monitor.backendFailed(kind)), isReady);
    asked.then(() => catalog.attend(backend, stopping, isPresent)).catch(
      logged("ask what ComfyUI has"),
    );
  }
  for (const backend of openBackends(live.config, clientIdOf(live.config))) takeIn(backend);
  async function beginWork(): Promise<readonly Promise<void>[]> {
    await queue.ready;
    const names = queue.live().flatMap(({ state, backend }) =>
      state === "queued" || backend === undefined ? [] : [backend]
    );
    await remote?.begin(names, stopping);
    await adoptOrphans(queue, pool.known.map(({ backend: { name } }) => name));
    const problems = options.loaded().problems.map(({ message }) => message);
    const builtIn = embeddedInPlace(options.loaded());
    tellOnce(createKvToldProblemsStore(kv), problems, (added) => bot.tellAtStart(added, builtIn))
      .catch(logged("tell the admins"));
    log.info("Started with {waiting} waiting jobs", { waiting: queue.size });
    up.promise.then(() => options.onReady?.(() => statusOf(queue, workers())));
    return [
      pool.run(stopping),
      ...remote ? [remote.run(stopping)] : [],
      erasure.run(stopping),
      copies.run(stopping),
      ...history ? [history.run(stopping)] : [],
      watchFiles(
        {
          dir,
          ...(configPath === undefined ? {} : { configPath }),
          wait,
        },
        reloadAndTell,
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
        wake: wakePolicy.look,
        collectGarbage,
        now,
      }, stopping),
    ];
  }

  const updates = bot.run(stopping);
  const polling = asked.then(() => catalog.run());
  const work = beginWork();
  try {
    await Promise.race([Promise.all([updates, polling, work]), state.lost]);
  } finally {
    stop.abort();
    const begun = await work.catch(() => []);
    const sent = Promise.allSettled([updates, polling, ...begun]).then(() => bot.flush());
    const inTime = await Promise.race([sent.then(() => true), pause(stopMs, false)]);
    ending.abort();
    log.info(inTime ? "Stopped" : "Stopped with work in progress; the next start continues it");
  }

  async function reload(): Promise<ReloadOutcome> {
    const outcome = await live.reload();
    if (outcome.type === "applied") {
      if (outcome.changes.some((name) => name.startsWith("logging."))) {
        await options.relog(live.config.logging);
      }
    }
    // A model file may have come, though no file of ours has changed.
    catalog.askNow();
    return outcome;
  }

  /** Throws ComfyUIConnectionError where there is none. */
  function firstBackend(): Backend {
    const [first] = backends();
    if (first) return first;
    throw new ComfyUIConnectionError("Cannot ask ComfyUI: no worker is connected");
  }

  /** A job may come before ComfyUI has been asked what it has. */
  async function insteadOf(name: string, signal: AbortSignal) {
    const { templates } = live;
    if (!templates.isLearned) {
      const first = firstBackend();
      await templates.learn(first.name, (types) => first.catalog(types, { signal }))
        .catch(logged("ask ComfyUI what it has"));
    }
    return templates.insteadOf(name);
  }
}

/**
 * The same for one bot over all its starts, so that ComfyUI goes on telling a restarted bot about its prompts. The part of
 * the token before the colon is the bot's public id.
 */
function clientIdOf(config: Config): string {
  return `image-edit-bot-${config.telegram.token.reveal().split(":")[0]}`;
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

/** Logs that something in the background did not work. */
function logged(what: string): (error: unknown) => void {
  return (error) => log.warn("Cannot {what}: {error}", { what, error: messageOf(error) });
}
