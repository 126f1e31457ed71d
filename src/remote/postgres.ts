/** The engine on PostgreSQL 13 or newer. Owns its schemas: `bullmq`, which BullMQ migrates itself, and `image_edit_bot_remote`. */
import { createPostgresBackend, Queue, QueueEvents, runMigrations, Worker } from "bullmq";
import { Buffer } from "node:buffer";
import { createTurns } from "../lib/mod.ts";
import { type Database, openDatabase } from "../postgres/mod.ts";
import {
  type Engine,
  type EngineQueue,
  pictureMs,
  queueOptions,
  quiet,
  workerOptions,
} from "./engine.ts";

const settings = {
  search_path: "bullmq,public",
  // The server forgets connections of a line that was cut: it has a hundred of them, and waits for hours by itself. The last one is
  // for those to which it has sent something, milliseconds.
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 2,
  tcp_user_timeout: 20_000,
};
/** Connections of a listener: the one that waits, and one for its queries. */
const listenerConnections = 3;
/** Pictures on their way at a time: on a slow line each has one of the pool's eight connections for minutes. Beats and jobs have the others. */
const picturesAtOnce = 4;
/** Expired pictures are deleted with every so many new ones. */
const sweepEvery = 20;
/** How long a picture may take to the server, from the first byte to the answer: on a slow line a large one takes a while. */
const putMs = (bytes: Uint8Array) => 15_000 + bytes.length / 64;
/** Pictures are read in pieces: for each the time limit of a query begins anew. */
const pieceBytes = 512 * 1024;

const schema = `
create schema if not exists image_edit_bot_remote;
create table if not exists image_edit_bot_remote.files
  (key text primary key, bytes bytea not null, expires_at timestamptz not null);
create table if not exists image_edit_bot_remote.workers
  (name text primary key, instance text not null, announcement json not null, expires_at timestamptz not null);`;

const afterMs = (parameter: string) =>
  `clock_timestamp() + ${parameter} * interval '1 millisecond'`;

/** Connects, and makes the tables when it is first used. */
export function openPostgresEngine(url: string): Engine {
  const database = openDatabase(url, { settings });
  const listeners = new Set<Database>();
  const inTurn = createTurns(picturesAtOnce);
  let puts = 0;
  let migrated: Promise<void> | undefined;

  function ready(): Promise<void> {
    migrated ??= migrate(database).catch((error) => {
      migrated = undefined; // the next one tries again
      throw error;
    });
    return migrated;
  }

  async function query<Row>(
    text: string,
    values: readonly unknown[] = [],
    limitMs?: number,
  ): Promise<Row[]> {
    await ready();
    return (await database.query<Row>({ text, values, query_timeout: limitMs })).rows;
  }

  function listener(): Database {
    const pool = openDatabase(url, { settings, max: listenerConnections, listens: true });
    listeners.add(pool);
    return pool;
  }

  return {
    where: new URL(url).host,
    trouble: () => undefined, // its calls reject with it
    ready,
    openQueue: (worker) =>
      quiet(
        new Queue(
          worker,
          { ...queueOptions, connection: poolOf(database) },
          createPostgresBackend,
        ),
      ) as unknown as EngineQueue,
    openEvents: (worker) =>
      quiet(
        new QueueEvents(worker, { connection: poolOf(listener()) }, createPostgresBackend),
      ) as unknown as QueueEvents,
    openWorker: (worker, run) =>
      quiet(
        new Worker(
          worker,
          run,
          { ...workerOptions, connection: poolOf(listener()) },
          createPostgresBackend,
        ),
      ) as unknown as Worker,
    files: {
      async put(key, bytes) {
        await inTurn(() =>
          query(
            `insert into image_edit_bot_remote.files values ($1, $2, ${afterMs("$3")})
             on conflict (key) do update set bytes = excluded.bytes, expires_at = excluded.expires_at`,
            [key, Buffer.from(bytes), pictureMs],
            putMs(bytes),
          )
        );
        if (puts++ % sweepEvery > 0) return;
        await query("delete from image_edit_bot_remote.files where expires_at < clock_timestamp()");
      },
      get: (key) =>
        inTurn(async () => {
          const pieces: Buffer[] = [];
          for (let read = 0, all = 1; read < all;) {
            const [row] = await query<{ all: number; piece: Buffer }>(
              `select octet_length(bytes) as all, substring(bytes from $2 for $3) as piece
               from image_edit_bot_remote.files where key = $1 and expires_at > clock_timestamp()`,
              [key, read + 1, pieceBytes],
            );
            if (!row) return undefined;
            all = row.all;
            read += pieceBytes;
            pieces.push(row.piece);
          }
          return new Uint8Array(Buffer.concat(pieces));
        }),
      async remove(keys) {
        if (keys.length === 0) return;
        await query("delete from image_edit_bot_remote.files where key = any ($1)", [keys]);
      },
      async expire(keys, ttlMs) {
        await query(
          `update image_edit_bot_remote.files set expires_at = ${
            afterMs("$2")
          } where key = any ($1)`,
          [keys, ttlMs],
        );
      },
    },
    async announce(announcement, ttlMs) {
      const { name, instance } = announcement;
      const rows = await query(
        `insert into image_edit_bot_remote.workers values ($1, $2, $3, ${afterMs("$4")})
         on conflict (name) do update set instance = excluded.instance,
           announcement = excluded.announcement, expires_at = excluded.expires_at
         where workers.instance = excluded.instance or workers.expires_at < clock_timestamp()
         returning name`,
        [name, instance, JSON.stringify(announcement), ttlMs],
      );
      return rows.length > 0;
    },
    async withdraw({ name, instance }) {
      await query("delete from image_edit_bot_remote.workers where name = $1 and instance = $2", [
        name,
        instance,
      ]);
    },
    async announced() {
      const rows = await query<{ announcement: unknown }>(
        "select announcement from image_edit_bot_remote.workers where expires_at > clock_timestamp()",
      );
      return rows.map(({ announcement }) => announcement);
    },
    async problems() {
      await query("select");
      return [];
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([database, ...listeners].map((pool) => pool.end()));
    },
  };
}

type Pool = Exclude<Parameters<typeof createPostgresBackend>[1]["connection"], string>;

/** The part of the driver that BullMQ uses is there, and has no types. */
function poolOf(database: Database): Pool {
  return database as unknown as Pool;
}

async function migrate(database: Database): Promise<void> {
  const client = await database.connect();
  try {
    await runMigrations(client as unknown as Parameters<typeof runMigrations>[0]);
    await client.query("select pg_advisory_lock(hashtext('image_edit_bot.remote'))");
    await client.query(schema);
  } finally {
    await client.query("select pg_advisory_unlock_all()").catch(() => {});
    client.release();
  }
}
