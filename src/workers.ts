/**
 * Workers on other hosts, where the configuration has a queue for them. Owns when one becomes a backend of the bot, which it stays: when
 * it announces itself, and at a start where a job is with it; and how often what is left of their pictures in the bucket is looked for.
 * Loads nothing for those who have no `queue.url`.
 */
import { getLogger } from "@logtape/logtape";
import { type Config } from "./config/mod.ts";
import { runPeriodically } from "./lib/mod.ts";
import { type BucketFiles } from "./remote/mod.ts";
import { type Backend } from "./worker/mod.ts";

const log = getLogger(["bot", "remote"]);

/** How often the bucket is looked through for what is left of runs; a start has more urgent things to do. */
const hourMs = 3_600_000;
const firstMs = 2_000;

export interface RemoteWorkers extends AsyncDisposable {
  /** Finds who is there; resolves soon, also where the queue does not answer. `names` are workers that have jobs. */
  begin(names: readonly string[], signal: AbortSignal): Promise<void>;
  /** Goes on finding them until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface RemoteWorkersDeps {
  /** Milliseconds of a clock that is never set. */
  readonly now: () => number;
  /** Called once for each name; `isPresent` is true while it may be given jobs. */
  readonly join: (backend: Backend, isPresent: () => boolean) => void;
  /** One that has joined before is there again, and may have another ComfyUI. */
  readonly onBack: (name: string) => void;
}

/** Connects to nothing yet. A worker with the name of a ComfyUI in config.yaml is left out. */
export async function openRemoteWorkers(
  { queue: { url }, storage, comfyui: { backends } }: Config,
  { now, join, onBack }: RemoteWorkersDeps,
): Promise<RemoteWorkers | undefined> {
  if (url === undefined) return undefined;
  const { createRemoteBackend, createRoster, openBucketFiles, openEngine } = await import(
    "./remote/mod.ts"
  );
  const engine = await openEngine(url.reveal());
  const bucket = await openBucketFiles(storage.bucket);
  const { find, look, run, all } = createRoster({ engine, now, onSeen });
  const configured = new Set(backends.map(({ name }) => name));
  const joined = new Set<string>();
  /** The process that each name is, of those that are there. */
  const instances = new Map<string, string>();
  function joinAs(name: string): void {
    if (joined.has(name) || configured.has(name)) return;
    joined.add(name);
    join(createRemoteBackend({ engine, find, bucket }, name), () => {
      const announcement = find(name);
      return announcement !== undefined && announcement.comfyui !== null &&
        !announcement.isLeaving;
    });
  }
  function onSeen(): void {
    const here = all();
    for (const { name, instance, version, comfyui } of here) {
      if (instances.get(name) === instance) continue;
      instances.set(name, instance);
      if (configured.has(name)) {
        log.warn("{worker} gets no jobs: a ComfyUI in config.yaml has its name", { worker: name });
        continue;
      }
      log.info("{worker} has joined", { worker: name, version, comfyui: comfyui?.version });
      if (joined.has(name)) onBack(name);
      joinAs(name);
    }
    for (const name of instances.keys()) {
      if (here.some((each) => each.name === name)) continue;
      log.info("{worker} has left", { worker: name });
      instances.delete(name);
    }
  }
  async function sweep({ sweep, where }: BucketFiles): Promise<void> {
    const removed = await sweep(Date.now());
    if (removed > 0) log.info("Removed {removed} old files", { removed, bucket: where });
  }
  return {
    async begin(names, signal) {
      await look(signal);
      names.forEach(joinAs);
    },
    async run(signal) {
      const what = "sweep the bucket";
      await Promise.all([
        run(signal),
        bucket && runPeriodically(() => sweep(bucket), { what, everyMs: hourMs, firstMs }, signal),
      ]);
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
