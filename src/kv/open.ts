/**
 * Opens the state file: one Deno KV (SQLite) file in DATA_DIR, for this process alone.
 * Owns the lock, the format's version and what is said of a file that cannot be used.
 */
import { join } from "node:path";
import { messageOf, StateError } from "../errors.ts";
import { tryLock } from "./lock.ts";

/** Version of the records in the file. A binary opens its own and older ones. */
const stateVersion = 1;

/** Exit code of `sysexits.h` for something that another process holds: try again later. */
const exitTempFail = 75;
/** Exit code of `sysexits.h` for data that cannot be used. */
const exitDataErr = 65;
/** Exit code of `sysexits.h` for a file that cannot be written. */
const exitCantCreate = 73;

export interface State extends Disposable {
  readonly kv: Deno.Kv;
}

/**
 * Opens `DATA_DIR/state.kv`. Throws StateError where another process has it (75), where it is damaged or of a newer
 * version (65), where it cannot be written (73). Nothing of an unusable file is changed.
 */
export async function openState(dataDir: string): Promise<State> {
  const path = join(dataDir, "state.kv");
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
      `Cannot open ${path}: another image-edit-bot uses it (wanted one process per DATA_DIR)`,
      exitTempFail,
    );
  }
  let kv: Deno.Kv | undefined;
  try {
    kv = await Deno.openKv(path);
    await checkVersion(kv, path);
  } catch (error) {
    kv?.close();
    lock.close();
    if (error instanceof StateError) throw error;
    throw new StateError(
      `Cannot use ${path}: ${messageOf(error)} (wanted a state file of image-edit-bot; ` +
        `move it away to begin anew, or put a backup in its place)`,
      exitDataErr,
      { cause: error },
    );
  }
  const opened = kv;
  return {
    kv: opened,
    [Symbol.dispose]() {
      opened.close();
      lock.close();
    },
  };
}

/**
 * Opens the state for a look, beside a bot that may be running: nothing is locked and nothing must be written. Throws
 * StateError (65) where there is none or it cannot be read.
 */
export async function openForReading(dataDir: string): Promise<State> {
  const path = join(dataDir, "state.kv");
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

/** Writes the version as a probe: a read-only file and one on a full disk open well and fail at the first write. */
async function checkVersion(kv: Deno.Kv, path: string): Promise<void> {
  const { value } = await kv.get<unknown>(["version"]);
  if (typeof value === "number" && value > stateVersion) {
    throw new StateError(
      `Cannot use ${path}: it was written by a newer version of image-edit-bot ` +
        `(format ${value}, wanted at most ${stateVersion})`,
      exitDataErr,
    );
  }
  try {
    await kv.set(["version"], stateVersion);
  } catch (error) {
    throw new StateError(
      `Cannot write ${path}: ${messageOf(error)} ` +
        `(wanted a file that this user may write, and room on its disk)`,
      exitCantCreate,
      { cause: error },
    );
  }
}
