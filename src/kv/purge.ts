/**
 * Takes a user who is forgotten out of the files themselves: what Deno KV has deleted stays in unused parts of SQLite's file and of its
 * `-wal` until they are written again, and the automatic backups have all of it. Owns which files that are. Does not know when a
 * user is forgotten.
 */
import { getLogger } from "@logtape/logtape";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { type StoredUpdate } from "../jobs/mod.ts";
import { messageOf } from "../lib/mod.ts";
import { createKvInbox } from "./inbox.ts";
import { forgetJobs } from "./jobs.ts";
import { versionIn } from "./open.ts";
import { createKvSettings } from "./settings.ts";
import { backupFiles, replacedFiles, statePath } from "./state_file.ts";

const log = getLogger(["bot", "kv"]);

/** How long another connection's commit is waited for. */
const busyMs = 5_000;
/** SQLite takes blobs of up to 1 GB. */
const maxBlobBytes = 100_000_000;
const checkpointTries = 50;
const checkpointPauseMs = 100;

/** Whom to erase. */
export interface PurgeOptions<U extends StoredUpdate> {
  readonly userId: number;
  /** Reads an update that the inbox has kept. */
  readonly parse: (json: string) => U;
  readonly isTheirs: (update: U) => boolean;
}

/**
 * Clears what has been deleted in the state file, and erases the user in the automatic backups and in states that a restore has
 * set aside. The bot goes on meanwhile; some 20 ms a megabyte. A file that cannot be read is left as it is, with a line in the log.
 * Rejects with SQLite's error where the state cannot be written.
 */
export async function purgeUser<U extends StoredUpdate>(
  dataDir: string,
  options: PurgeOptions<U>,
): Promise<void> {
  await rewrite(statePath(dataDir));
  for (const file of [...await backupFiles(dataDir), ...await replacedFiles(dataDir)]) {
    try {
      await eraseIn(file, options);
    } catch (error) {
      log.error("Cannot erase user {userId} in {file}: {error}", {
        userId: options.userId,
        file,
        error: messageOf(error),
      });
    }
  }
}

/** A copy of the state has no process of its own: whatever it has of the user goes, jobs that waited too. */
async function eraseIn<U extends StoredUpdate>(
  file: string,
  { userId, parse, isTheirs }: PurgeOptions<U>,
): Promise<void> {
  const kv = await Deno.openKv(file);
  try {
    if (await versionIn(kv, file) === undefined) return;
    await createKvSettings(kv).forget(userId);
    await forgetJobs(kv, userId, { max: Infinity, isGone: () => true });
    await createKvInbox(kv, parse).drop(isTheirs);
  } finally {
    kv.close();
  }
  await rewrite(file, { isAlone: true });
}

/**
 * Writes all records anew, over zeros: SQLite clears what a connection with `secure_delete` frees, and the unused pages that other
 * connections have freed before are taken once and given back. `-wal` ends up empty, and beside a file that is nobody's is none.
 * VACUUM would do it, and is out of reach where not all files are (it attaches a database).
 */
async function rewrite(path: string, { isAlone = false } = {}): Promise<void> {
  using database = new DatabaseSync(path);
  database.exec(`
    pragma busy_timeout = ${busyMs};
    pragma secure_delete = on;
    pragma temp_store = memory;
    begin immediate;
    create temp table record as select * from kv;
    delete from kv;
    insert into kv select * from record order by k;
    create table unused (bytes blob);
  `);
  const [pages, pageBytes] = ["freelist_count", "page_size"].map((name) => () =>
    Number(database.prepare(`pragma ${name}`).get()?.[name])
  ) as [() => number, () => number];
  for (let count = pages(); count > 0; count = pages()) {
    const bytes = Math.min(count * pageBytes(), maxBlobBytes);
    database.prepare("insert into unused values (zeroblob(?))").run(bytes);
  }
  database.exec("drop table unused; commit; drop table temp.record");
  for (let tries = 1;; tries++) {
    const row = database.prepare("pragma wal_checkpoint(truncate)").get();
    if (Number(row?.busy) === 0) break;
    if (tries === checkpointTries) throw new Error(`Cannot empty ${path}-wal: it is in use`);
    await pause(checkpointPauseMs);
  }
  if (isAlone) database.exec("pragma journal_mode = delete");
}
