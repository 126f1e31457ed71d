/**
 * Workers on other hosts, where the configuration has a queue for them. Owns when one becomes a backend of the bot: when it announces
 * itself, and at a start where a job is with it. Loads nothing for those who have no `queue.url`.
 */
import { getLogger } from "@logtape/logtape";
import { type Config } from "./config/mod.ts";
import { type Backend } from "./worker/mod.ts";

const log = getLogger(["bot", "remote"]);

export interface RemoteWorkers extends AsyncDisposable {
  /** Finds who is there; resolves soon, also where the queue does not answer. `names` are workers that have jobs. */
  begin(names: readonly string[], signal: AbortSignal): Promise<void>;
  /** Goes on finding them until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** Connects to nothing yet. `join` is called for each that is new; `isPresent` is true while it may be given jobs. */
export async function openRemoteWorkers(
  { queue: { url } }: Config,
  { now, join }: {
    /** Milliseconds of a clock that is never set. */
    readonly now: () => number;
    readonly join: (name: string, make: () => Backend, isPresent: () => boolean) => void;
  },
): Promise<RemoteWorkers | undefined> {
  if (url === undefined) return undefined;
  const { createRemoteBackend, createRoster, openEngine } = await import("./remote/mod.ts");
  const engine = await openEngine(url.reveal());
  const { find, look, run, all } = createRoster({ engine, now, onSeen });
  const told = new Set<string>();
  function joinAs(name: string): void {
    const isPresent = () => {
      const announcement = find(name);
      return announcement !== undefined && announcement.comfyui !== null &&
        !announcement.isLeaving;
    };
    join(name, () => createRemoteBackend({ engine, find }, name), isPresent);
  }
  function onSeen(): void {
    const here = all();
    for (const { name, version, comfyui } of here) {
      if (!told.has(name)) {
        log.info("{worker} has joined", { worker: name, version, comfyui: comfyui?.version });
      }
      told.add(name);
      joinAs(name);
    }
    for (const name of told) {
      if (here.some((each) => each.name === name)) continue;
      log.info("{worker} has left", { worker: name });
      told.delete(name);
    }
  }
  return {
    async begin(names, signal) {
      await look(signal);
      names.forEach(joinAs);
    },
    run,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
