/**
 * Connections to PostgreSQL. Owns how long is waited for an answer, and which failures pass: a server that restarts, is away or
 * read-only is one to ask again.
 */
// @ts-types="./pg.d.ts"
import pg, { type Client, type ClientConfig, type Pool, type PoolClient } from "pg";
import { messageOf, StateAwayError, StateError, StorageAwayError } from "../lib/mod.ts";

/** Connections for queries, at most; the one that holds the lock comes on top. */
const maxConnections = 8;
const connectMs = 5_000;
const queryMs = 15_000;
/** How often a connection that only listens is asked whether it is there, and how long it may take: a line that was cut tells nobody. */
const probeEveryMs = 10_000;
const probeMs = 10_000;

export type Database = Pool;

/** A pool that connects when it is first asked. End it with `end()`. */
export function openDatabase(
  url: string,
  { settings, max = maxConnections, listens = false }: {
    /** The server's, for each connection: by name. */
    readonly settings?: Readonly<Record<string, string | number>>;
    /** Connections at most. */
    readonly max?: number;
    /** One connection is kept to wait for notifications. */
    readonly listens?: boolean;
  } = {},
): Database {
  const options = settings && {
    options: Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`).join(" "),
  };
  const pool = new pg.Pool({ ...optionsOf(url), ...options, max });
  pool.on("error", () => {}); // an idle connection broke: the next query opens another
  if (listens) probeKept(pool);
  return pool;
}

/** Ends a connection that was taken out of the pool and answers no more. TCP's own probes would do, but for Deno 2.6, which sends none. */
function probeKept(pool: Pool): void {
  const probe = async (client: PoolClient) => {
    try {
      await client.query({ text: "select", values: [], query_timeout: probeMs });
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) client.connection.stream.destroy();
    }
  };
  const timers = new WeakMap<PoolClient, ReturnType<typeof setInterval>>();
  pool.on("acquire", (client) => timers.set(client, setInterval(probe, probeEveryMs, client)));
  pool.on("release", (_error, client) => clearInterval(timers.get(client)));
}

/** The database that a URL names, for messages: `the database NAME`. */
export function nameOf(url: string): string {
  return `the database ${new URL(url).pathname.slice(1)}`;
}

/** One connection of its own, for a lock that lasts as long as it. */
export function openConnection(url: string): Client {
  const client = new pg.Client(optionsOf(url));
  client.on("error", () => {}); // the next query says it
  return client;
}

function optionsOf(url: string): ClientConfig {
  return {
    connectionString: url,
    application_name: "image-edit-bot",
    connectionTimeoutMillis: connectMs,
    query_timeout: queryMs,
    keepAlive: true,
  };
}

/**
 * Classes of SQLSTATE of a server that is not itself: connection, resources, operator intervention, system; and a transaction that is
 * read-only, or lost against another (postgresql.org/docs/current/errcodes-appendix.html).
 */
const passing = /^(08|53|57|58)|^(25006|40001|40P01)$/;

/** Makes a query; a server that is away becomes a StateAwayError, or a StorageAwayError where it has something else than the state; other errors are thrown as they are. `what` is used there. */
export async function ask<T>(query: () => Promise<T>, what = "state"): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof StateError) throw error;
    const code = error instanceof pg.DatabaseError ? error.code ?? "" : undefined;
    if (code !== undefined && !passing.test(code)) throw error;
    const Away = what === "state" ? StateAwayError : StorageAwayError;
    throw new Away(`Cannot use the ${what} in PostgreSQL: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
