/**
 * Opens the state in PostgreSQL for the one process that is active. Owns who that is: the holder of an advisory lock, which the server
 * gives up when the connection of a dead process ends; the others wait as standbys.
 */
import { getLogger } from "@logtape/logtape";
// @ts-types="./pg.d.ts"
import { type Client } from "pg";
import { type KeyValueStore, takeOver } from "../kv/mod.ts";
import { messageOf, StorageAwayError, wait } from "../lib/mod.ts";
import { ask, type Database, nameOf, openConnection, openDatabase } from "./database.ts";
import { createPostgresStore } from "./key_value.ts";
import { migrate, stateSchema, takenOver } from "./schema.ts";

const log = getLogger(["bot", "state"]);

/** Pause of a standby between two looks, and of the active process between two looks whether it still is. */
const lookMs = 1_000;
/** A server gives up the lock of a host that is gone after idle + interval × count seconds (tcp(7)). */
const keepalives =
  "set tcp_keepalives_idle = 4; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3";
const lockKey = "hashtext('image_edit_bot.active')";

export interface SharedState extends AsyncDisposable {
  readonly kv: KeyValueStore;
  /** Rejects with StateError (75) when another process has become the active one. */
  readonly lost: Promise<never>;
}

export interface SharedStateOptions {
  /** `postgres://user:password@host/database`; with `sslmode` and the like as libpq has them. */
  readonly url: string;
  /** Called once where another process is active. */
  readonly onStandby: () => void;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/**
 * Waits until this process is the active one, however long, then brings the tables up to date. Throws StorageAwayError where the server
 * does not answer at the start, StateError where its state is of a newer version (65), and the signal's reason.
 */
export async function openSharedState(
  { url, onStandby, signal }: SharedStateOptions,
): Promise<SharedState> {
  const database = openDatabase(url);
  const where = nameOf(url);
  let lock: Client | undefined;
  try {
    await migrate(database, stateSchema, where);
    lock = await becomeActive(url, onStandby, signal);
    const epoch = await nextEpoch(database);
    const kv = createPostgresStore(database, epoch);
    await takeOver(kv, where);
    const ending = new AbortController();
    const isOver = Promise.withResolvers<never>();
    isOver.promise.catch(() => {}); // nobody may be listening any more
    const keeping = keepActive({ url, lock, database, epoch }, ending.signal).catch(isOver.reject);
    return {
      kv,
      lost: isOver.promise,
      async [Symbol.asyncDispose]() {
        ending.abort();
        await keeping;
        await database.end();
      },
    };
  } catch (error) {
    await lock?.end().catch(() => {});
    await database.end();
    throw error;
  }
}

/** Records as they are, without the lock: nothing can be written. Connects when it is asked. */
export function openSharedForReading(
  url: string,
): { readonly kv: KeyValueStore } & AsyncDisposable {
  const database = openDatabase(url);
  return {
    kv: createPostgresStore(database, "0"), // no process is of epoch 0
    [Symbol.asyncDispose]: () => database.end(),
  };
}

export interface StateProbe {
  /** Undefined where there are no tables yet. */
  readonly format: unknown;
  /** Whether the user may make tables in the database. */
  readonly mayCreate: boolean;
}

/** Looks without changing anything. Throws StorageAwayError where the server does not answer. */
export async function probeState(url: string): Promise<StateProbe> {
  const database = openDatabase(url, { max: 1 });
  try {
    const { rows: [found] } = await ask(() =>
      database.query<{ isThere: boolean; mayCreate: boolean }>(
        `select to_regclass('image_edit_bot.records') is not null as "isThere",
           has_database_privilege(current_database(), 'CREATE') as "mayCreate"`,
      )
    );
    const { isThere, mayCreate } = found!;
    if (!isThere) return { format: undefined, mayCreate };
    const { value } = await createPostgresStore(database, "0").get(["version"]);
    return { format: value ?? undefined, mayCreate };
  } finally {
    await database.end();
  }
}

/** Waits for the lock; gives the connection that holds it. */
async function becomeActive(
  url: string,
  onStandby: () => void,
  signal: AbortSignal,
): Promise<Client> {
  let isStandby = false;
  for (;;) {
    const connection = openConnection(url);
    try {
      await ask(() => connection.connect());
      while (!await tryLock(connection)) {
        if (!isStandby) onStandby();
        isStandby = true;
        await wait(lookMs, signal);
      }
      return connection;
    } catch (error) {
      await connection.end().catch(() => {});
      if (!isStandby || !(error instanceof StorageAwayError)) throw error;
      await wait(lookMs, signal); // a standby outlives a restart of the server
    }
  }
}

async function tryLock(connection: Client): Promise<boolean> {
  const { rows } = await ask(async () => {
    await connection.query(keepalives);
    return await connection.query<{ got: boolean }>(
      `select pg_try_advisory_lock(${lockKey}) as got`,
    );
  });
  return rows[0]!.got;
}

async function nextEpoch(database: Database): Promise<string> {
  const { rows } = await ask(() =>
    database.query<{ epoch: string }>(
      "update image_edit_bot.leader set epoch = epoch + 1 returning epoch::text as epoch",
    )
  );
  return rows[0]!.epoch;
}

/**
 * Holds the lock, and takes it again after the connection broke. Until then no other process can have written: its first act is to
 * count the epoch up, and that is what rejects with StateError, with the lock too: another process may have had it in between, and have
 * lost it as this one did. Resolves when the signal has aborted, and gives the lock up.
 */
async function keepActive(
  { url, lock, database, epoch }: {
    readonly url: string;
    readonly lock: Client;
    readonly database: Database;
    readonly epoch: string;
  },
  signal: AbortSignal,
): Promise<void> {
  let connection: Client | undefined = lock;
  try {
    while (!signal.aborted) {
      await wait(lookMs, signal).catch(() => {});
      try {
        await refuseOther(connection ?? database, epoch);
        connection ??= await lockAnew(url);
      } catch (error) {
        if (!(error instanceof StorageAwayError)) throw error;
        if (connection !== undefined) {
          log.warn("Lost the lock of the active process: {error}", { error: messageOf(error) });
        }
        await connection?.end().catch(() => {});
        connection = undefined;
      }
    }
  } finally {
    await connection?.end().catch(() => {});
  }
}

/** Undefined where the server has not noticed yet that the connection which had the lock is gone. */
async function lockAnew(url: string): Promise<Client | undefined> {
  const connection = openConnection(url);
  let isLocked = false;
  try {
    await ask(() => connection.connect());
    isLocked = await tryLock(connection);
    return isLocked ? connection : undefined;
  } finally {
    if (!isLocked) await connection.end().catch(() => {});
  }
}

/** Throws StateError where another process has become active. */
async function refuseOther(database: Database | Client, epoch: string): Promise<void> {
  const { rows } = await ask(() =>
    database.query<{ epoch: string }>("select epoch::text as epoch from image_edit_bot.leader")
  );
  if (rows[0]?.epoch !== epoch) throw takenOver();
}
