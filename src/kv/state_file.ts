/**
 * The state file on disk: names, integrity, setting a damaged one aside. Uses SQLite, because Deno KV opens a damaged file and fails
 * later. Changes nothing but names.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf } from "../lib/mod.ts";

/** The store in use; SQLite's `-wal` (commits that are not in the file yet) and `-shm` lie beside it. */
export function statePath(dataDir: string): string {
  return join(dataDir, "state.kv");
}

/** Where the automatic backups are: `state-YYYY-MM-DD.kv`. */
export function backupsPath(dataDir: string): string {
  return join(dataDir, "backups");
}

/** Result codes of SQLite for damaged content: SQLITE_CORRUPT, SQLITE_NOTADB. */
const contentErrors: readonly unknown[] = [11, 26];

/** The condition of a state file. */
export type StateFileProbe =
  | { readonly type: "good" }
  /** There is none, or it has no records: a new one, or all that there was is lost. */
  | { readonly type: "empty" }
  /** Its content cannot be trusted; why, to stand after "it is damaged". */
  | { readonly type: "damaged"; readonly problem: string };

/**
 * Checks a state file that no process has open. Commits that a killed process left in `-wal` count. Throws the system's error where
 * it cannot be read.
 */
export async function probeStateFile(path: string): Promise<StateFileProbe> {
  const [bytes, walBytes] = [await sizeOf(path), await sizeOf(`${path}-wal`)];
  if (bytes === 0) {
    // SQLite would discard the commits in it.
    return walBytes > 0
      ? { type: "damaged", problem: "the file is empty or gone, its -wal is not" }
      : { type: "empty" };
  }
  try {
    using database = new DatabaseSync(path, { readOnly: true });
    const problem = problemIn(database);
    if (problem !== undefined) return { type: "damaged", problem };
    return { type: hasRecords(database) ? "good" : "empty" };
  } catch (error) {
    if (!(error instanceof Error) || !("errcode" in error)) throw error;
    if (!contentErrors.includes(error.errcode)) throw error;
    return { type: "damaged", problem: messageOf(error) };
  }
}

function problemIn(database: DatabaseSync): string | undefined {
  const row = database.prepare("pragma quick_check(1)").get();
  const answer = String(row?.quick_check);
  return answer === "ok" ? undefined : messageOf(answer);
}

/** Deno KV keeps its records in the table `kv`. */
function hasRecords(database: DatabaseSync): boolean {
  const table = database.prepare("select 1 from sqlite_master where name = 'kv'").get();
  return table !== undefined && database.prepare("select 1 from kv limit 1").get() !== undefined;
}

/** 0 where there is none. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/**
 * Renames the state file, and its `-wal`, to `state.kv.WHY-TIME`: nothing of it is lost, and SQLite finds the parts together;
 * `-shm` it makes anew. Gives the new path; undefined where there was none.
 */
export async function setAside(
  dataDir: string,
  why: "damaged" | "before-restore",
  now: number,
): Promise<string | undefined> {
  const path = statePath(dataDir);
  const aside = `${path}.${why}-${timeStamp(now)}`;
  if (await sizeOf(`${path}-wal`) === 0) await remove(`${path}-wal`);
  await remove(`${path}-shm`);
  let isMoved = false;
  for (const suffix of ["", "-wal"]) {
    try {
      await Deno.rename(`${path}${suffix}`, `${aside}${suffix}`);
      isMoved = true;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return isMoved ? aside : undefined;
}

/** Removes a file if it exists. */
export async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

export async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** A state file that was set aside, undefined where there is none. */
export async function asideFile(dataDir: string): Promise<string | undefined> {
  const [, name] =
    (await namesIn(dataDir)).map((each) =>
      /^(state\.kv\.(?:damaged|before-restore)-.*?)(?:-wal)?$/.exec(each)
    ).findLast((found) => found !== null) ?? [];
  return name && join(dataDir, name);
}

/** The automatic backups, oldest first; none where there is no folder for them. */
export async function backupFiles(dataDir: string): Promise<readonly string[]> {
  const folder = backupsPath(dataDir);
  return (await namesIn(folder)).filter((name) => /^state-\d{4}-\d\d-\d\d\.kv$/.test(name))
    .map((name) => join(folder, name));
}

/** States that a restore has replaced, oldest first. */
export async function replacedFiles(dataDir: string): Promise<readonly string[]> {
  return (await namesIn(dataDir)).filter((name) => /^state\.kv\.before-restore-.*Z$/.test(name))
    .map((name) => join(dataDir, name));
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** `2030-01-31T12-00-00Z`: sorts by time, and is a file's name everywhere. */
function timeStamp(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+/, "").replaceAll(":", "-");
}
