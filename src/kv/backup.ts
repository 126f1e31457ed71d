/**
 * Backups of the state: a consistent copy while the bot runs, and restoring it. A backup contains the store (users, settings, jobs,
 * pending updates), not the pictures in DATA_DIR/input and output. Does not know what the records mean.
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
 * Writes a copy of the state to `file`, whole or not at all; the bot may be running. Throws StateError where there is no state or it
 * cannot be read (65), and where `file` exists already or cannot be written (73).
 */
export async function backUp(dataDir: string, file: string): Promise<void> {
  const path = statePath(dataDir);
  if (await isThere(file)) {
    throw new StateError(
      `Cannot write ${file}: it exists already (wanted a new file)`,
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
    // Left by a backup that was killed.
    await remove(part);
    copyRecords(path, part);
    const probe = await probeStateFile(part);
    if (probe.type === "damaged") throw new Error(`the copy is damaged: ${probe.problem}`);
    await flush(part);
    await Deno.rename(part, file);
  } catch (error) {
    await remove(part).catch(() => {});
    throw new StateError(
      `Cannot back up ${path} to ${file}: ${messageOf(error)} ` +
        `(wanted an undamaged state, and a writable folder with enough space)`,
      exitCantCreate,
      { cause: error },
    );
  }
}

/**
 * Writes the backup of today (UTC) to DATA_DIR/backups if there is none yet, and removes the oldest so that `keep` are left. Returns
 * the file that was written. Throws as backUp does.
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

/** The outcome of a restore. */
export interface Restored {
  /** Where the previous state is kept; undefined where there was none. */
  readonly before: string | undefined;
}

/**
 * Replaces the state with a copy of the backup `file`; the previous state is kept beside it. An unusable backup changes nothing.
 * Throws StateError where a bot runs (75), where `file` is not a state, is damaged or of a newer version (65), and where DATA_DIR
 * cannot be written (73).
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
        `(wanted a readable backup, and enough space in ${dataDir})`,
      exitCantCreate,
      { cause: error },
    );
  } finally {
    lock[Symbol.dispose]();
  }
}

/** Copies the `-wal` too: a state file that was set aside after a kill has one. */
async function copyWhole(file: string, fresh: string): Promise<void> {
  for (const suffix of ["", "-wal"]) {
    await remove(`${fresh}${suffix}`);
    if (!await isThere(`${file}${suffix}`)) continue;
    await Deno.copyFile(`${file}${suffix}`, `${fresh}${suffix}`);
    await Deno.chmod(`${fresh}${suffix}`, 0o600);
  }
}

/** Checks a copy of the backup, because opening may change it. `file` is for messages. */
async function refuseUnfit(copy: string, file: string): Promise<void> {
  const refuse = (problem: string) => {
    throw new StateError(
      `Cannot restore ${file}: ${problem} (wanted a backup of image-edit-bot's state)`,
      exitDataErr,
    );
  };
  const probe = await probeStateFile(copy);
  if (probe.type === "damaged") refuse(`it is damaged: ${probe.problem}`);
  if (probe.type === "empty") refuse("it is empty");
  const kv = await Deno.openKv(copy);
  try {
    if (await versionIn(kv, file) === undefined) refuse("it is the state of another program");
  } finally {
    kv.close();
  }
}

/** Gives files that root created in DATA_DIR to its owner, so that the bot can write them. */
async function leaveToOwner(dataDir: string, fresh: string): Promise<void> {
  if (Deno.uid() !== 0) return;
  const { uid, gid } = await Deno.stat(dataDir);
  for (const path of [fresh, join(dataDir, "state.lock")]) await Deno.chown(path, uid, gid);
}

/** Flushes the file and its directory entry to disk. */
async function flush(path: string): Promise<void> {
  for (const each of [path, dirname(path)]) {
    using file = await Deno.open(each, { read: true });
    await file.sync();
  }
}

/**
 * Copies what is committed in `from` into the new file `to`, as a snapshot. Throws SQLite's error, and then leaves a part behind.
 */
function copyRecords(from: string, to: string): void {
  using state = new DatabaseSync(from, { readOnly: true });
  using copy = new DatabaseSync(to);
  // The snapshot is that of the first read.
  state.exec("begin");
  // A kill would leave a journal on disk beside the copy.
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
