/**
 * Opens the state file: one Deno KV (SQLite) file in DATA_DIR, for one process. Owns the lock, the format version, and the errors for an
 * unusable file. Knows no record but the version.
 */
import { join } from "node:path";
import { messageOf, StateError } from "../lib/mod.ts";
import { type Change, commit, commitInParts, set } from "./commit.ts";
import { byTimeKey, lastSeqKey, noteLastSeq } from "./jobs.ts";
import { tryLock } from "./lock.ts";
import {
  asideFile,
  backupFiles,
  isThere,
  probeStateFile,
  setAside,
  statePath,
} from "./state_file.ts";
import { type KeyValueStore } from "./key_value.ts";

/** Version of the records in the file. A binary opens its own and older ones. */
export const stateVersion = 1;

/** Exit code of `sysexits.h` for a lock that another process holds. */
const exitTempFail = 75;
/** Exit code of `sysexits.h` for unusable data. */
export const exitDataErr = 65;
/** Exit code of `sysexits.h` for a file that cannot be written. */
export const exitCantCreate = 73;

export interface State extends Disposable {
  readonly kv: Deno.Kv;
}

/**
 * Opens `DATA_DIR/state.kv`. Throws StateError where another process has it (75), where it is damaged or of a newer
 * version (65), where it cannot be written (73). An unusable file is not changed: a damaged one is renamed, and no new one is
 * created in its place.
 *
 * @param now milliseconds since 1970
 */
export async function openState(dataDir: string, now: () => number = Date.now): Promise<State> {
  const path = statePath(dataDir);
  const lock = await lockState(dataDir);
  let kv: Deno.Kv | undefined;
  try {
    await refuseDamaged(dataDir, now());
    kv = await Deno.openKv(path);
    await takeOver(kv, path);
  } catch (error) {
    kv?.close();
    lock[Symbol.dispose]();
    throw error instanceof StateError ? error : cannotWrite(path, error);
  }
  const opened = kv;
  return {
    kv: opened,
    [Symbol.dispose]() {
      opened.close();
      lock[Symbol.dispose]();
    },
  };
}

/**
 * Creates DATA_DIR and locks it for this process, until disposed of. Throws StateError where another process has the lock (75) and
 * where it cannot be written (73). `wanted` ends the message about another process.
 */
export async function lockState(
  dataDir: string,
  wanted = "one process per DATA_DIR",
): Promise<Disposable> {
  let lock: Deno.FsFile;
  try {
    await Deno.mkdir(dataDir, { recursive: true });
    lock = await Deno.open(join(dataDir, "state.lock"), { create: true, write: true });
  } catch (error) {
    throw new StateError(
      `Cannot write in ${dataDir}: ${messageOf(error)} (wanted a writable folder)`,
      exitCantCreate,
      { cause: error },
    );
  }
  if (!await tryLock(lock, { exclusive: true, waitMs: 300 })) {
    lock.close();
    throw new StateError(
      `Cannot open ${statePath(dataDir)}: another image-edit-bot uses it ` +
        `(wanted ${wanted})`,
      exitTempFail,
    );
  }
  return { [Symbol.dispose]: () => lock.close() };
}

/**
 * Opens the state for reading; the bot may be running. Takes no lock; nothing must be written. Throws StateError (65) where there is
 * none or it cannot be read.
 */
export async function openForReading(dataDir: string): Promise<State> {
  const path = statePath(dataDir);
  try {
    await Deno.stat(path);
    const kv = await Deno.openKv(path);
    return { kv, [Symbol.dispose]: () => kv.close() };
  } catch (error) {
    throw new StateError(
      `Cannot read ${path}: ${messageOf(error)} (wanted the state file of a bot)`,
      exitDataErr,
      { cause: error },
    );
  }
}

/**
 * The format version of an open state file; undefined where it is not ours. Throws StateError (65) where it is newer. `path` is for
 * messages.
 */
export async function versionIn(kv: KeyValueStore, path: string): Promise<number | undefined> {
  const { value } = await kv.get(["version"]);
  if (typeof value !== "number") return undefined;
  if (value <= stateVersion) return value;
  throw new StateError(
    `Cannot use ${path}: it was written by a newer version of image-edit-bot ` +
      `(format ${value}, wanted at most ${stateVersion})`,
    exitDataErr,
  );
}

/**
 * Migrates records of older versions, then writes the version. The write is a probe too: a file that is read-only or on a full disk
 * opens, and fails at the first write. An older executable, which may have run in between, writes the version without `["indexed"]`:
 * its jobs are not in the newer index, and `["last_seq"]` may be of an older one.
 */
export async function takeOver(kv: KeyValueStore, path: string): Promise<void> {
  await versionIn(kv, path);
  const [version, indexed, lastSeq] = await kv.getMany([["version"], ["indexed"], lastSeqKey]);
  const isIndexed = indexed.versionstamp !== null && indexed.versionstamp === version.versionstamp;
  if (!isIndexed) await indexJobsByTime(kv);
  if (!isIndexed || lastSeq.versionstamp === null) await noteLastSeq(kv);
  await commit(kv, [set(["version"], stateVersion), set(["indexed"], stateVersion)]);
}

/**
 * Sets a damaged file aside and throws StateError (65) with the way back: now, and at every start until there is another
 * one or the damaged one is moved elsewhere. So the bot never starts over without the owner's decision.
 */
async function refuseDamaged(dataDir: string, now: number): Promise<void> {
  const path = statePath(dataDir);
  const probe = await probeStateFile(path);
  if (probe.type === "good") return;
  const backup = (await backupFiles(dataDir)).at(-1);
  if (probe.type === "damaged" || (backup !== undefined && await isThere(path))) {
    const problem = probe.type === "damaged"
      ? `is damaged: ${probe.problem}`
      : "has lost its records";
    const aside = await setAside(dataDir, "damaged", now).catch(() => undefined);
    const kept = aside === undefined ? "" : `; it is kept as ${aside}`;
    throw new StateError(
      `Cannot use ${path}: it ${problem}${kept} (${wayBack(backup)})`,
      exitDataErr,
    );
  }
  const aside = await asideFile(dataDir);
  if (aside === undefined || await isThere(path)) return;
  throw new StateError(
    `Cannot start: ${aside} was set aside and there is no new state (${wayBack(backup)})`,
    exitDataErr,
  );
}

function wayBack(backup: string | undefined): string {
  const restore = backup === undefined
    ? "a backup of yours: image-edit-bot restore FILE"
    : `its last backup: image-edit-bot restore ${shellQuote(backup)}`;
  return `wanted ${restore}; or, to begin anew, that file in another folder`;
}

/** Quotes a path for a shell. */
function shellQuote(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** Damage was ruled out before, so the file cannot be written. */
function cannotWrite(path: string, error: unknown): StateError {
  return new StateError(
    `Cannot write ${path}: ${messageOf(error)} ` +
      `(wanted a writable file, and space on its disk)`,
    exitCantCreate,
    { cause: error },
  );
}

/** Records that are read at a time. */
const batchSize = 500;

/** Adds the jobs of older versions to the index by time. */
async function indexJobsByTime(kv: KeyValueStore): Promise<void> {
  await commitInParts(kv, missing());

  async function* missing(): AsyncIterable<readonly Change[]> {
    for await (const { key, value } of kv.list({ prefix: ["by_user"] }, { batchSize })) {
      const [, userId, id] = key;
      if (typeof value !== "number") continue;
      yield [set(byTimeKey(Number(userId), value, String(id)), true)];
    }
  }
}
