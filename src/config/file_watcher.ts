/**
 * Watches the owner's files: `.env`, config.yaml and `workflows/`. Owns when a change is complete. Does not read the files.
 */
import { getLogger } from "@logtape/logtape";
import { basename, join } from "node:path";
import { messageOf } from "../lib/mod.ts";

const log = getLogger(["bot", "reload"]);

export interface FileWatchOptions {
  /** The folder of `.env` and `workflows/`; it must exist. Its content need not exist yet. */
  readonly dir: string;
  /** config.yaml, in that folder. */
  readonly configPath?: string;
  /** A change is complete after so long without a write: editors write a file in several steps. Default: 300. */
  readonly settleMs?: number;
  /** Resolves after so many milliseconds, and rejects when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const defaultSettleMs = 300;

/**
 * Calls back once at the start and after each change, until `signal` aborts. A folder that cannot be watched is logged, and the
 * promise resolves.
 */
export async function watchFiles(
  { dir, configPath, settleMs = defaultSettleMs, wait }: FileWatchOptions,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  const workflows = join(dir, "workflows");
  const ours = new Set([".env", basename(configPath ?? "config.yaml"), basename(workflows)]);
  let settling = new AbortController();
  let inside = Promise.resolve();
  let insideEnds = new AbortController();

  function noticed(): void {
    settling.abort();
    settling = new AbortController();
    wait(settleMs, settling.signal).then(() => !signal.aborted && onChange(), () => {});
  }

  /**
   * `workflows/` may be created or replaced while its parent is watched. What was written before the watch began is noticed with it.
   * One watch at a time: Deno takes a second one of a path for the first, which may be of the folder that was replaced.
   */
  function watchInside(): void {
    insideEnds.abort();
    const ends = insideEnds = new AbortController();
    inside = inside.then(() => {
      if (ends.signal.aborted) return;
      const following = follow(workflows, () => true, noticed, ends.signal);
      noticed();
      return following;
    }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) warn(workflows, error);
    });
  }

  const stop = () => {
    settling.abort();
    insideEnds.abort();
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const outside = follow(dir, (name) => ours.has(name), (names) => {
      if (names.includes(basename(workflows))) watchInside();
      else noticed();
    }, signal);
    watchInside();
    await outside;
  } catch (error) {
    warn(dir, error);
  } finally {
    stop();
    signal.removeEventListener("abort", stop);
    await inside;
  }
}

/** Calls back at every change of a file directly in the folder, until the signal aborts. Rejects where it cannot be watched. */
async function follow(
  path: string,
  isWatched: (name: string) => boolean,
  onChange: (names: readonly string[]) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  using watcher = Deno.watchFs(path, { recursive: false });
  const close = () => watcher[Symbol.dispose](); // unlike `close`, it may be called twice
  signal.addEventListener("abort", close, { once: true });
  for await (const { kind, paths } of watcher) {
    if (kind === "access") continue;
    const names = paths.map((changed) => basename(changed)).filter(isWatched);
    if (names.length > 0) onChange(names);
  }
  signal.removeEventListener("abort", close);
}

function warn(path: string, error: unknown): void {
  log.warn("Cannot watch {path} for changes: {error} (SIGHUP and /reload still work)", {
    path,
    error: messageOf(error),
  });
}
