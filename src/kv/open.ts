/**
 * Opens the state file: one Deno KV (SQLite) file in DATA_DIR, for this process alone.
 * Owns the lock, the format's version and what is said of a file that cannot be used.
 */
import { join } from "node:path";
import { messageOf, StateError } from "../lib/mod.ts";
import { commit, set } from "./commit.ts";
import { tryLock } from "./lock.ts";
import { indexJobsByTime } from "./migration.ts";
import {
  asideFile,
  backupFiles,
  isThere,
  probeStateFile,
  setAside,
  statePath,
} from "./state_file.ts";

/** Version of the records in the file. A binary opens its own and older ones. */
export const stateVersion = 1;

/** Exit code of `sysexits.h` for something that another process holds: try again later. */
const exitTempFail = 75;
/** Exit code of `sysexits.h` for data that cannot be used. */
export const exitDataErr = 65;
/** Exit code of `sysexits.h` for a file that cannot be written. */
export const exitCantCreate = 73;

export interface State extends Disposable {
  readonly kv: Deno.Kv;
}

/**
 * Opens `DATA_DIR/state.kv`. Throws StateError where another process has it (75), where it is damaged or of a newer
 * version (65), where it cannot be written (73). Nothing of an unusable file is changed: a damaged one is renamed, and no
 * new one begun in its place.
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
 * Makes DATA_DIR and takes it for this process, until disposed of. Throws StateError where another process has it (75) and
 * where it cannot be written (73). `wanted` is said to who finds another process there.
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
      `Cannot write in ${dataDir}: ${messageOf(error)} (wanted a folder that this user may write)`,
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
 * Opens the state for a look, beside a bot that may be running: nothing is locked and nothing must be written. Throws
 * StateError (65) where there is none or it cannot be read.
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
 * The version that wrote an open state file; undefined in a file that is none of ours. Throws StateError (65) where it is a
 * newer one. `path` is for the sentence.
 */
export async function versionIn(kv: Deno.Kv, path: string): Promise<number | undefined> {
  const { value } = await kv.get<unknown>(["version"]);
  if (typeof value !== "number") return undefined;
  if (value <= stateVersion) return value;
  throw new StateError(
    `Cannot use ${path}: it was written by a newer version of image-edit-bot ` +
      `(format ${value}, wanted at most ${stateVersion})`,
    exitDataErr,
  );
}

/**
 * Adds what the records of an older version lack, then writes the version: as a probe too, for a read-only file and one on a
 * full disk open well and fail at the first write. Who writes the version without `["indexed"]` beside it is an older one,
 * whose jobs are in no newer index: it may have been put back for a while.
 */
async function takeOver(kv: Deno.Kv, path: string): Promise<void> {
  await versionIn(kv, path);
  const [version, indexed] = await kv.getMany([["version"], ["indexed"]]);
  if (indexed.versionstamp === null || indexed.versionstamp !== version.versionstamp) {
    await indexJobsByTime(kv);
  }
  await commit(kv, [set(["version"], stateVersion), set(["indexed"], stateVersion)]);
}

/**
 * Sets a damaged file aside and throws StateError (65) with the way back: now, and at every start until there is another
 * one or the damaged one is moved elsewhere. So nobody begins anew without having been asked.
 */
async function refuseDamaged(dataDir: string, now: number): Promise<void> {
  const path = statePath(dataDir);
  const look = await probeStateFile(path);
  if (look.type === "good") return;
  const backup = (await backupFiles(dataDir)).at(-1);
  if (look.type === "damaged" || (backup !== undefined && await isThere(path))) {
    const problem = look.type === "damaged"
      ? `is damaged: ${look.problem}`
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
    `Cannot begin: ${aside} was set aside and nothing is in its place (${wayBack(backup)})`,
    exitDataErr,
  );
}

function wayBack(backup: string | undefined): string {
  const restore = backup === undefined
    ? "a backup of yours: image-edit-bot restore FILE"
    : `its last backup: image-edit-bot restore ${inShell(backup)}`;
  return `wanted ${restore}; or, to begin anew, that file in another folder`;
}

/** As a shell takes it for one word. */
function inShell(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** Damage has been looked for: what else keeps a file from being used is that it cannot be written. */
function cannotWrite(path: string, error: unknown): StateError {
  return new StateError(
    `Cannot write ${path}: ${messageOf(error)} ` +
      `(wanted a file that this user may write, and room on its disk)`,
    exitCantCreate,
    { cause: error },
  );
}
