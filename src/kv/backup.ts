/**
 * Backups of the state: a whole, consistent copy while the bot goes on, and the way back. A backup is the store alone: people,
 * settings, jobs, and what Telegram handed over; pictures stay in DATA_DIR/input and output.
 */
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf, StateError } from "../lib/mod.ts";
import { exitCantCreate, exitDataErr, lockState, versionIn } from "./open.ts";
import {
  backupFiles,
  backupsPath,
  isThere,
  probeStateFile,
  remove,
  setAside,
  statePath,
} from "./state_file.ts";

/**
 * Writes a copy of the state to `file`, beside a bot that may be running; whole or not at all. Throws StateError where there
 * is no state or it cannot be read (65), and where `file` is there already or cannot be written (73).
 */
export async function backUp(dataDir: string, file: string): Promise<void> {
  const path = statePath(dataDir);
  if (await isThere(file)) {
    throw new StateError(
      `Cannot write ${file}: it exists already (wanted a new file's name)`,
      exitCantCreate,
    );
  }
  if (!await isThere(path)) {
    throw new StateError(
      `Cannot back up ${path}: there is no such file (wanted the state of a bot)`,
      exitDataErr,
    );
  }
  const part = `${file}.part`;
  try {
    // What a killed one has left.
    await remove(part);
    copyRecords(path, part);
    const look = await probeStateFile(part);
    if (look.type === "damaged") throw new Error(`the copy is damaged: ${look.problem}`);
    await flush(part);
    await Deno.rename(part, file);
  } catch (error) {
    await remove(part).catch(() => {});
    throw new StateError(
      `Cannot back up ${path} to ${file}: ${messageOf(error)} ` +
        `(wanted a state that is whole, and a folder with room that this user may write)`,
      exitCantCreate,
      { cause: error },
    );
  }
}

/**
 * The backup of today (UTC) in DATA_DIR/backups, where there is none yet; the oldest go, so that `keep` are left. Gives the
 * file that was written. Throws as backUp does.
 */
export async function backUpDaily(
  dataDir: string,
  { keep, now }: { readonly keep: number; readonly now: number },
): Promise<string | undefined> {
  if (keep === 0) return undefined;
  const file = join(backupsPath(dataDir), `state-${new Date(now).toISOString().slice(0, 10)}.kv`);
  const before = await backupFiles(dataDir);
  if (before.includes(file)) return undefined;
  await Deno.mkdir(backupsPath(dataDir), { recursive: true });
  await backUp(dataDir, file);
  for (const old of (await backupFiles(dataDir)).slice(0, -keep)) await remove(old);
  return file;
}

/** What became of the state that was there. */
export interface Restored {
  /** Where it is kept; undefined where there was none. */
  readonly before: string | undefined;
}

/**
 * Puts a copy of the backup `file` in the place of the state, which is kept beside it. Nothing is changed where the backup
 * is no good. Throws StateError where a bot runs (75), where `file` is no state, damaged or of a newer version (65), and
 * where DATA_DIR cannot be written (73).
 *
 * @param now milliseconds since 1970
 */
export async function restore(dataDir: string, file: string, now: number): Promise<Restored> {
  const lock = await lockState(dataDir, "it stopped: systemctl stop image-edit-bot");
  const fresh = `${statePath(dataDir)}.restoring`;
  try {
    if (!await isThere(file)) {
      throw new StateError(
        `Cannot restore ${file}: there is no such file (wanted a backup)`,
        exitDataErr,
      );
    }
    await copyWhole(file, fresh);
    await refuseUnfit(fresh, file);
    await flush(fresh);
    await leaveToOwner(dataDir, fresh);
    const before = await setAside(dataDir, "before-restore", now);
    await Deno.rename(fresh, statePath(dataDir));
    return { before };
  } catch (error) {
    for (const suffix of ["", "-wal", "-shm"]) await remove(`${fresh}${suffix}`).catch(() => {});
    if (error instanceof StateError) throw error;
    throw new StateError(
      `Cannot restore ${file}: ${messageOf(error)} ` +
        `(wanted a backup that this user may read, and room in ${dataDir})`,
      exitCantCreate,
      { cause: error },
    );
  } finally {
    lock[Symbol.dispose]();
  }
}

/** With the `-wal` that a state file has which was set aside after a kill. */
async function copyWhole(file: string, fresh: string): Promise<void> {
  for (const suffix of ["", "-wal"]) {
    await remove(`${fresh}${suffix}`);
    if (!await isThere(`${file}${suffix}`)) continue;
    await Deno.copyFile(`${file}${suffix}`, `${fresh}${suffix}`);
    await Deno.chmod(`${fresh}${suffix}`, 0o600);
  }
}

/** Looks at a copy of the backup, for opening it may change it. `file` is for the sentence. */
async function refuseUnfit(copy: string, file: string): Promise<void> {
  const refuse = (problem: string) => {
    throw new StateError(
      `Cannot restore ${file}: ${problem} (wanted a backup of image-edit-bot's state)`,
      exitDataErr,
    );
  };
  const look = await probeStateFile(copy);
  if (look.type === "damaged") refuse(`it is damaged: ${look.problem}`);
  if (look.type === "empty") refuse("it holds nothing");
  const kv = await Deno.openKv(copy);
  try {
    if (await versionIn(kv, file) === undefined) refuse("it is the state of something else");
  } finally {
    kv.close();
  }
}

/** What root puts into the bot's folder is the bot's: it must be able to write it. */
async function leaveToOwner(dataDir: string, fresh: string): Promise<void> {
  if (Deno.uid() !== 0) return;
  const { uid, gid } = await Deno.stat(dataDir);
  for (const path of [fresh, join(dataDir, "state.lock")]) await Deno.chown(path, uid, gid);
}

/** Onto the disk itself, the name too. */
async function flush(path: string): Promise<void> {
  for (const each of [path, dirname(path)]) {
    using file = await Deno.open(each, { read: true });
    await file.sync();
  }
}

/**
 * Writes what is committed in the file `from` into the file `to`, which is new: all of it as it stands at one moment. Throws
 * what SQLite says where it cannot, and leaves what it has written.
 */
function copyRecords(from: string, to: string): void {
  using state = new DatabaseSync(from, { readOnly: true });
  using copy = new DatabaseSync(to);
  // The moment is the first read's, until the end.
  state.exec("begin");
  // A journal on the disk would be left beside the copy by a kill.
  copy.exec("pragma journal_mode = memory; begin");
  const parts = state.prepare(
    "select type, name, sql from sqlite_schema where sql is not null order by type = 'table' desc",
  ).all();
  for (const { type, name, sql } of parts) {
    copy.exec(String(sql));
    if (type === "table") copyTable(state, copy, String(name));
  }
  copy.exec("commit");
}

function copyTable(from: DatabaseSync, to: DatabaseSync, name: string): void {
  const records = from.prepare(`select * from "${name}"`);
  records.setReadBigInts(true);
  const insert = to.prepare(
    `insert into "${name}" values (${records.columns().map(() => "?")})`,
  );
  for (const record of records.iterate()) insert.run(...Object.values(record));
}
