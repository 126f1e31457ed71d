/**
 * Periodic work beside the jobs: removes old pictures, backs up the state, watches the disk's free space, gives memory back,
 * frees, stops, starts and wakes backends. Owns how often; each part knows what is due.
 */
import { getLogger } from "@logtape/logtape";
import { type Config } from "./config/mod.ts";
import { type JobQueue, resultFilesOf } from "./jobs/mod.ts";
import { type DiskSpace, runPeriodically } from "./lib/mod.ts";
import { type Backend, type BackendUnit, createIdlePolicy } from "./worker/mod.ts";

import { type FileStore } from "./images/mod.ts";
import { type Settings } from "./users/mod.ts";

const log = getLogger(["bot", "app"]);

export interface MaintenanceDeps extends SweepDeps {
  readonly config: () => Config;
  readonly queue: JobQueue;
  readonly disk: DiskSpace;
  /** Told when the disk begins and ceases to be full. */
  readonly onDisk: (isFull: boolean) => void;
  /** Makes the backup of the day and gives its name; undefined where it exists. */
  readonly backUp: (
    options: { readonly keep: number; readonly now: number },
  ) => Promise<string | undefined>;
  /** Wakes the machines that are wanted. */
  readonly wake: (signal: AbortSignal) => Promise<void>;
  /** Collects garbage; absent where the runtime does not let us. */
  readonly collectGarbage: (() => void) | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How often old files are looked for, and whether there is a backup of the day. */
const hourMs = 3_600_000;
/** Both take a moment with a long queue; a start has more urgent things to do. */
const firstMs = 2_000;
/** How often the policies of idle and of sleeping backends are applied, and it is looked whether memory can be given back. */
const idlePolicyMs = 2_000;

/** Does it all until the signal aborts. Does not reject. */
export async function runMaintenance(deps: MaintenanceDeps, signal: AbortSignal): Promise<void> {
  const { config, disk, now } = deps;

  async function sweep(): Promise<void> {
    await sweepDataDir(deps, { maxAgeMs: config().storage.cleanupAfterMs, now: now() });
  }

  async function backUp(): Promise<void> {
    if (disk.isFull) return;
    const file = await deps.backUp({ keep: config().storage.backups, now: now() });
    if (file !== undefined) log.info("Backed up the state to {file}", { file });
  }

  await Promise.all([
    disk.run(deps.onDisk, signal),
    runPeriodically(sweep, { what: "sweep DATA_DIR", everyMs: hourMs, firstMs }, signal),
    ...deps.collectGarbage === undefined ? [] : [
      runPeriodically(createMemoryPolicy(deps.queue, deps.collectGarbage, signal), {
        what: "give memory back",
        everyMs: idlePolicyMs,
        firstMs: 2 * firstMs,
      }, signal),
    ],
    runPeriodically(
      () => deps.wake(signal),
      { what: "wake a machine", everyMs: idlePolicyMs },
      signal,
    ),
    runPeriodically(backUp, { what: "back up", everyMs: hourMs, firstMs }, signal),
  ]);
}

export interface IdleDeps extends Pick<MaintenanceDeps, "config" | "now"> {
  readonly queue: Pick<JobQueue, "live">;
  readonly openUnit: (name: string) => BackendUnit;
}

/** Frees, stops and starts a backend until the signal aborts; `worker` is its. Does not reject. */
export async function runIdlePolicy(
  { config, queue, openUnit, now }: IdleDeps,
  { backend, worker }: {
    readonly backend: Pick<Backend, "name" | "health" | "free">;
    readonly worker: { readonly reachable: boolean };
  },
  signal: AbortSignal,
): Promise<void> {
  const reachable = () => worker.reachable;
  const policy = createIdlePolicy({ backend, queue, reachable, now }, () => {
    const { freeAfterMs, stopAfterMs, unit, backends: [first] } = config().comfyui;
    const isOfUnit = unit !== undefined && first?.name === backend.name;
    return { freeAfterMs, stopAfterMs, unit: isOfUnit ? openUnit(unit) : undefined };
  });
  const what = `apply the idle policy of ${backend.name}`;
  await runPeriodically(() => policy.look(signal), { what, everyMs: idlePolicyMs }, signal);
}

/**
 * Makes a look that collects garbage once when no job is left; the runtime would keep what the last ones leave, pictures above
 * all, until more come. Watches the queue until `signal` aborts.
 */
export function createMemoryPolicy(
  queue: Pick<JobQueue, "size" | "live" | "listen">,
  collectGarbage: () => void,
  signal: AbortSignal,
): () => Promise<void> {
  // A start leaves some, too.
  let isLeft = true;
  queue.listen(() => isLeft = true, signal);
  return () => {
    if (isLeft && queue.size === 0 && queue.live().length === 0) {
      isLeft = false;
      collectGarbage();
    }
    return Promise.resolve();
  };
}

export interface SweepDeps {
  readonly queue: Pick<JobQueue, "unsettled">;
  readonly settings: Pick<Settings, "drafts">;
  readonly storage: Pick<FileStore, "sweep">;
}

/** Removes the files that are older than `maxAgeMs` and no longer needed. `now`: milliseconds since 1970. */
export async function sweepDataDir(
  { queue, settings, storage }: SweepDeps,
  { maxAgeMs, now }: { readonly maxAgeMs: number; readonly now: number },
): Promise<void> {
  const ofJobs = queue.unsettled().flatMap((job) => [
    ...job.pictures.map(({ file }) => file),
    ...resultFilesOf(job),
  ]);
  const ofDrafts = (await settings.drafts()).flatMap(({ draft }) =>
    draft.kind === "pictures" ? draft.pictures.map(({ file }) => file) : []
  );
  const removed = await storage.sweep({
    inUse: new Set([...ofJobs, ...ofDrafts]),
    maxAgeMs,
    now,
  });
  if (removed > 0) log.info("Removed {removed} old files", { removed });
}
