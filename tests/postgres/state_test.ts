/**
 * One active process and its standbys on a real PostgreSQL.
 *
 * Drives besides: src/postgres/state.ts, src/postgres/database.ts, src/postgres/schema.ts,
 * src/postgres/pg.d.ts.
 */
import assert from "node:assert/strict";
import { postgresOfFile, type PostgresServer } from "../../lab/servers/postgres.ts";
import { until } from "../../lab/until.ts";
import { isDiskError, StateError, StorageAwayError } from "../../src/lib/mod.ts";
import { openConnection } from "../../src/postgres/database.ts";
import { openSharedState } from "../../src/postgres/mod.ts";
import { rowsOf } from "./rows.ts";

const shared = await postgresOfFile();
/** The driver leaves the timer of a query that its connection did not outlive; the server is begun and ended by different tests. */
const options = { ignore: shared === undefined, sanitizeOps: false, sanitizeResources: false };

async function withServer(
  use: (server: PostgresServer, url: string) => Promise<void>,
): Promise<void> {
  const server = shared!;
  await server.start();
  await use(server, await server.database());
}

/** Opens the state; `standsBy` becomes true where it has to wait. */
function open(url: string, signal = new AbortController().signal) {
  const told = { standsBy: false };
  const opening = openSharedState({ url, onStandby: () => void (told.standsBy = true), signal });
  opening.catch(() => {}); // a test that ends before does not listen
  return { told, opening };
}

Deno.test(
  "a second process waits, and takes over what the first has written",
  options,
  () =>
    withServer(async (_server, url) => {
      const first = await open(url).opening;
      await first.kv.atomic().set(["a"], 1).commit();
      const second = open(url);
      await until("the second stands by", () => second.told.standsBy);
      await first[Symbol.asyncDispose]();
      await using state = await second.opening;
      assert.equal((await state.kv.get(["a"])).value, 1);
      await state.kv.atomic().set(["a"], 2).commit();
    }),
);

Deno.test("a standby stops when it is told to", options, () =>
  withServer(async (_server, url) => {
    await using _first = await open(url).opening;
    const stop = new AbortController();
    const second = open(url, stop.signal);
    await until("the second stands by", () => second.told.standsBy);
    stop.abort(new Error("stopped"));
    await assert.rejects(second.opening, /^Error: stopped$/);
  }));

Deno.test(
  "a server that restarts is used again by the process that was active",
  options,
  () =>
    withServer(async (server, url) => {
      await using state = await open(url).opening;
      await state.kv.atomic().set(["a"], 1).commit();
      await server.stop();
      const write = () => state.kv.atomic().set(["a"], 2).commit();
      const list = () => Array.fromAsync(state.kv.list({ prefix: [] }));
      for (const act of [write, () => state.kv.get(["a"]), list]) {
        await assert.rejects(
          act(),
          (error: unknown) => error instanceof StorageAwayError && isDiskError(error),
        );
      }
      await server.start();
      await until("it writes", () => write().then(({ ok }) => ok, () => false));
      assert.equal((await state.kv.get(["a"])).value, 2);
    }),
);

Deno.test(
  "a process that another one has replaced writes nothing more, and is told",
  options,
  () =>
    withServer(async (_server, url) => {
      await using first = await open(url).opening;
      const second = open(url);
      await until("the second stands by", () => second.told.standsBy);
      let isReplaced = false;
      const replaced = second.opening.then((state) => {
        isReplaced = true;
        return state;
      });
      replaced.catch(() => {});
      // Either may be the first to ask for a lock that is free.
      const admin = openConnection(url);
      await admin.connect();
      // Not those that commit: their lock is of another key, whose lower half is in objid.
      const holders = "from pg_locks where locktype = 'advisory' and granted and objsubid = 1 " +
        "and objid = (hashtext('image_edit_bot.active')::bigint & 4294967295)::oid";
      await until("the standby has got the lock", async () => {
        await admin.query(`select pg_terminate_backend(pid) ${holders}`);
        await until(
          "one of them has the lock",
          async () => (await admin.query(`select pid ${holders}`)).rowCount === 1,
        );
        return isReplaced;
      });
      await admin.end();
      await using state = await replaced;
      const isTakenOver = (error: unknown) => error instanceof StateError && error.exitCode === 75;
      await assert.rejects(first.kv.atomic().set(["a"], "stale").commit(), isTakenOver);
      await assert.rejects(first.lost, isTakenOver);
      assert.equal((await state.kv.get(["a"])).value, null);
    }),
);

Deno.test(
  "a process that has the lock is told that another one has had it in between, and counted the epoch up",
  options,
  () =>
    withServer(async (_server, url) => {
      await using state = await open(url).opening;
      let error: unknown;
      state.lost.catch((lost) => error = lost);
      await rowsOf(url, "update image_edit_bot.leader set epoch = epoch + 1");
      await until("it is told", () => error !== undefined);
      assert.ok(error instanceof StateError && error.exitCode === 75, String(error));
    }),
);

Deno.test(
  "a database of a newer program is not touched, and one that is away is said",
  options,
  () =>
    withServer(async (server, url) => {
      {
        await using state = await open(url).opening;
        await state.kv.atomic().set(["version"], 99).commit();
      }
      await assert.rejects(open(url).opening, (error: unknown) => {
        assert.ok(error instanceof StateError);
        assert.match(
          error.message,
          /^Cannot use the database bot_\d+: it was written by a newer version/,
        );
        return true;
      });
      await server.stop();
      await assert.rejects(open(url).opening, StorageAwayError);
    }),
);
