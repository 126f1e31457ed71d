/**
 * Notices that the owner's files were changed: `.env`, config.yaml, and what is in `workflows/`. Owns when a change is complete;
 * does not read the files.
 */
import { getLogger } from "@logtape/logtape";
import { basename, join } from "node:path";
import { messageOf } from "../lib/mod.ts";

const log = getLogger(["bot", "reload"]);

export interface FileWatchOptions {
  /** The folder of `.env` and `workflows/`; it must be there. The files and `workflows/` need not be there yet. */
  readonly dir: string;
  /** config.yaml, in that folder. */
  readonly configPath?: string;
  /** A change is complete when nothing was written for so long: editors write a file in several steps. Default 300. */
  readonly settleMs?: number;
  /** Resolves after so many milliseconds, and rejects when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const defaultSettleMs = 300;

/**
 * Calls back once when it watches, and after each change, until `signal` aborts. Where the system does not let a folder be
 * watched, it says so in the log and resolves.
 */
export async function watchFiles(
  { dir, configPath, settleMs = defaultSettleMs, wait }: FileWatchOptions,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  const workflows = join(dir, "workflows");
  const ours = new Set([".env", basename(configPath ?? "config.yaml"), basename(workflows)]);
  let settling = new AbortController();
  let inside: Promise<void> | undefined;
  let insideEnds = new AbortController();

  function noticed(): void {
    settling.abort();
    settling = new AbortController();
    wait(settleMs, settling.signal).then(() => !signal.aborted && onChange(), () => {});
  }

  /** The folder may be made, or replaced by another, while its parent is watched. */
  function watchInside(): void {
    insideEnds.abort();
    insideEnds = new AbortController();
    inside = follow(workflows, () => true, noticed, insideEnds.signal).catch((error) => {
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
      noticed();
    }, signal);
    watchInside();
    noticed();
    await outside;
  } catch (error) {
    warn(dir, error);
  } finally {
    stop();
    signal.removeEventListener("abort", stop);
    await inside;
  }
}

/** Tells of every change of a file in the folder itself, until the signal aborts. Rejects where it cannot be watched. */
async function follow(
  path: string,
  isMeant: (name: string) => boolean,
  onChange: (names: readonly string[]) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  using watcher = Deno.watchFs(path, { recursive: false });
  const close = () => watcher[Symbol.dispose](); // unlike `close` it may come twice
  signal.addEventListener("abort", close, { once: true });
  for await (const { kind, paths } of watcher) {
    if (kind === "access") continue;
    const names = paths.map((changed) => basename(changed)).filter(isMeant);
    if (names.length > 0) onChange(names);
  }
  signal.removeEventListener("abort", close);
}

function warn(path: string, error: unknown): void {
  log.warn("Cannot watch {path} for changes: {error} (SIGHUP and /reload read them all the same)", {
    path,
    error: messageOf(error),
  });
}
