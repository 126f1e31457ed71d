/**
 * The log file: appended to, renamed at a size, deleted at an age. Owns the names `FILE`, `FILE.1` (the newest of the
 * old) … `FILE.99`. Does not know what is written; time is the records' own.
 */
import { getRotatingFileSink } from "@logtape/file";
import type { LogRecord, Sink } from "@logtape/logtape";
import { basename, dirname, join } from "node:path";

/** More would fill a disk before they are old; the oldest goes first. */
const MAX_FILES = 99;
const PRUNE_EVERY_MS = 3_600_000;
const REOPEN_EVERY_MS = 10_000;

export interface LogFileOptions {
  readonly format: (record: LogRecord) => string;
  readonly rotationBytes: number;
  readonly retentionMs: number;
}

/** An open log file. Disposing writes what is still to be written and closes it. */
export interface LogFile extends AsyncDisposable {
  /** Appends a record. It is handed to the system at once and synced to the disk in the background. */
  readonly write: Sink;
  /** To be told that writing failed: opens the file anew, at most every ten seconds. */
  recover(timestampMs: number): void;
}

/** Opens `path` for appending; throws what the system says where it cannot. */
export function openLogFile(path: string, options: LogFileOptions): LogFile {
  // A failed rotation leaves the library's sink with a closed file: only a new sink writes again.
  // Its types promise Disposable for every sink, but a non-blocking one is AsyncDisposable instead.
  const open = (): Sink & Partial<AsyncDisposable> =>
    getRotatingFileSink(path, {
      formatter: options.format,
      maxSize: options.rotationBytes,
      maxFiles: MAX_FILES,
      bufferSize: 0,
      flushInterval: 0,
      nonBlocking: true,
    });
  let sink: (Sink & Partial<AsyncDisposable>) | undefined = open();
  let triedMs = -Infinity;
  let prunedMs = -Infinity;

  function recover(timestampMs: number): void {
    if (timestampMs - triedMs < REOPEN_EVERY_MS) return;
    triedMs = timestampMs;
    const broken = sink;
    try {
      sink = open();
    } catch {
      sink = undefined; // its folder is gone: the next record tries again
    }
    void broken?.[Symbol.asyncDispose]?.();
  }

  return {
    write(record) {
      if (sink === undefined) recover(record.timestamp);
      sink?.(record);
      if (record.timestamp - prunedMs < PRUNE_EVERY_MS) return;
      prunedMs = record.timestamp;
      prune(path, record.timestamp - options.retentionMs);
    },
    recover,
    async [Symbol.asyncDispose]() {
      await sink?.[Symbol.asyncDispose]?.();
    },
  };
}

/** Deletes the renamed files whose last line is older than `beforeMs`. */
function prune(path: string, beforeMs: number): void {
  const old = new RegExp(`^${basename(path).replaceAll(".", "\\.")}\\.\\d+$`);
  try {
    for (const { name } of Deno.readDirSync(dirname(path))) {
      const file = join(dirname(path), name);
      if (old.test(name) && (Deno.statSync(file).mtime?.getTime() ?? Infinity) < beforeMs) {
        Deno.removeSync(file);
      }
    }
  } catch {
    // Old logs that cannot be deleted are no reason to stop: the next round tries again.
  }
}

/** Longest part of the file that is looked at. */
const maxBytes = 64 * 1024;

/** The last `count` lines, the newest last; none where there is no log. Rejects where it cannot be read. */
export async function readLogTail(logsDir: string, count: number): Promise<readonly string[]> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(logPath(logsDir));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  using opened = file;
  const { size } = await opened.stat();
  const from = Math.max(0, size - maxBytes);
  await opened.seek(from, Deno.SeekMode.Start);
  const text = await new Response(opened.readable).text();
  const lines = text.split("\n").filter((line) => line !== "");
  // What the cut has halved is no line.
  return (from > 0 ? lines.slice(1) : lines).slice(-count);
}

export const FILE_NAME = "bot.log";

/** Where the log is written. */
export function logPath(logsDir: string): string {
  return join(logsDir, FILE_NAME);
}
