/**
 * The work on the backends: each one of the configuration, and each worker on another host that joins, has a worker of its own, is
 * asked what it can run, and is woken where it sleeps. Wires these, and owns when they begin.
 */
import { openBackends } from "./comfyui/mod.ts";
import { type Config, type LiveConfig } from "./config/mod.ts";
import { type FileStore } from "./images/mod.ts";
import { type Drawing } from "./images/drawing/mod.ts";
import { type Estimator, type JobQueue } from "./jobs/mod.ts";
import {
  createKvRunnableTemplatesStore,
  createKvWakeTimesStore,
  type KeyValueStore,
} from "./kv/mod.ts";
import { ComfyUIConnectionError, createSerializer, logged } from "./lib/mod.ts";
import { runIdlePolicy } from "./maintenance.ts";
import { type Liveness } from "./monitoring/mod.ts";
import { createBackendPool } from "./pool.ts";
import { openUnit, runProgram } from "./systemd/mod.ts";
import { type TelegramBot } from "./telegram/mod.ts";
import { openWakePolicy, sendMagicPacket, type WakePolicy } from "./wake/mod.ts";
import {
  adoptOrphans,
  type Backend,
  type BackendErrorKind,
  type BackendMonitor,
  type CatalogPoller,
  createAssignment,
  createCatalogPoller,
  createWorker,
  watchBackend,
  type Worker,
} from "./worker/mod.ts";
import { openRemoteWorkers } from "./workers.ts";

/** How often a worker's loop beats at least, and how many beats it may miss. */
const beatMs = 15_000;
const workerSilenceMs = 4 * beatMs;
/** Pause between two polls of a backend that is down. */
const backendRetryMs = 2_000;

export interface BackendWork extends AsyncDisposable {
  /** Those that are there or have a job. */
  present(): readonly Backend[];
  /** Those that are away, too. */
  known(): readonly Backend[];
  workers(): readonly Worker[];
  /** Throws ComfyUIConnectionError where there is none. */
  first(): Backend;
  readonly catalog: CatalogPoller;
  readonly wakePolicy: WakePolicy;
  /** Finds the workers on other hosts, then has all work; to be called when the queue is ready. */
  begin(): Promise<readonly Promise<void>[]>;
}

export interface BackendWorkDeps {
  readonly live: LiveConfig;
  readonly kv: KeyValueStore;
  readonly queue: JobQueue;
  readonly storage: FileStore;
  readonly estimator: Estimator;
  readonly bot: TelegramBot;
  readonly drawing: Drawing;
  readonly liveness: Liveness;
  readonly backendMonitor: BackendMonitor;
  /** Counts an error of a backend. */
  readonly failed: (kind: BackendErrorKind) => void;
  /** No backend is asked what it has before this resolves. */
  readonly asked: Promise<unknown>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that is never set. */
  readonly steady: () => number;
}

/** Connects to nothing yet. All that `begin` starts ends with `signal`. */
export async function openBackendWork(
  deps: BackendWorkDeps,
  signal: AbortSignal,
): Promise<BackendWork> {
  const { live, kv, queue, estimator, bot, liveness, now, steady } = deps;
  await using opened = new AsyncDisposableStack();
  const heartbeats = opened.use(new DisposableStack());
  const chatTurns = createSerializer();
  const workers = () => pool.members.map(({ worker }) => worker);
  const present = () => pool.members.map(({ backend }) => backend);
  const known = () => pool.known.map(({ backend }) => backend);
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
      storage: deps.storage,
      estimator,
      messenger: bot.messenger,
      drawing: deps.drawing,
      chatTurns,
      template: (name) => live.templates.current.get(name),
      insteadOf,
      now,
      newPromptId: () => crypto.randomUUID(),
      onReachable(isReachable) {
        if (isReachable) catalog.cameBack(backend.name);
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
  const remote = await openRemoteWorkers(live.config, {
    now: steady,
    join: takeIn,
    onBack: (name) => catalog.cameBack(name),
  });
  if (remote) opened.use(remote);
  const pool = opened.use(createBackendPool({
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
  }));
  const wakePolicy = await openWakePolicy({
    packets: new Map(
      live.config.comfyui.backends.flatMap(({ name, wake }) =>
        wake ? [[name, () => sendMagicPacket(wake)]] : []
      ),
    ),
    ask: deps.backendMonitor.look,
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
  for (const backend of openBackends(live.config, clientIdOf(live.config))) takeIn(backend);
  const ending = opened.move();
  return {
    present,
    known,
    workers,
    first,
    catalog,
    wakePolicy,
    async begin() {
      const names = queue.live().flatMap(({ state, backend }) =>
        state === "queued" || backend === undefined ? [] : [backend]
      );
      await remote?.begin(names, signal);
      await adoptOrphans(queue, known().map(({ name }) => name));
      return [pool.run(signal), ...remote ? [remote.run(signal)] : []];
    },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };

  function takeIn(backend: Backend, isPresent?: () => boolean): void {
    // One that joins is given no job before it is known what it can run.
    const isReady = isPresent && (() => isPresent() && live.templates.knows(backend.name));
    pool.join(watchBackend(backend, deps.failed), isReady);
    deps.asked.then(() => catalog.attend(backend, signal, isPresent))
      .catch(logged("ask what ComfyUI has"));
  }

  function first(): Backend {
    const [backend] = present();
    if (backend) return backend;
    throw new ComfyUIConnectionError("Cannot ask ComfyUI: no worker is connected");
  }

  /** A job may come before ComfyUI has been asked what it has. */
  async function insteadOf(name: string, signal: AbortSignal) {
    const { templates } = live;
    if (!templates.isLearned) {
      const backend = first();
      await templates.learn(backend.name, (types) => backend.catalog(types, { signal }))
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
