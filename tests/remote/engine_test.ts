/**
 * The two engines: pictures on their way, and what is said of a server that is not there.
 *
 * Drives besides: src/remote/redis.ts, src/remote/postgres.ts, src/remote/open_engine.ts.
 */
import assert from "node:assert/strict";
import { freePort } from "../../lab/servers/installed_server.ts";
import { postgresOfFile } from "../../lab/servers/postgres.ts";
import { Redis } from "ioredis";
import { redisOfFile, startRedis } from "../../lab/servers/redis.ts";
import { until } from "../../lab/until.ts";
import { openConnection } from "../../src/postgres/database.ts";
import { openEngine } from "../../src/remote/open_engine.ts";
import { openRedisEngine } from "../../src/remote/redis.ts";

const redis = await redisOfFile();
const postgres = await postgresOfFile();
const engines = [
  { engine: "Redis", url: () => Promise.resolve(redis!.database()), ignore: !redis },
  { engine: "PostgreSQL", url: () => postgres!.database(), ignore: !postgres },
];
/** ioredis has timers of its own, for a while after it was told to disconnect. */
const lax = { sanitizeOps: false, sanitizeResources: false };

/** Bytes that no other place of the picture has in the same order. */
const picture = (length: number) =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) % 251);

for (const { engine, url, ignore } of engines) {
  Deno.test(
    `over ${engine} pictures of any size come back as they were`,
    { ignore, ...lax },
    async () => {
      await using opened = await openEngine(await url());
      const { files } = opened;
      for (const length of [1, 512 * 1024, 512 * 1024 + 1, 2_000_000]) {
        await files.put("a", picture(length));
        assert.deepEqual(await files.get("a"), picture(length), `${length} bytes`);
      }
      await files.put("a", picture(3));
      assert.deepEqual(await files.get("a"), picture(3), "a shorter one takes its place");
      await files.remove(["a"]);
      assert.equal(await files.get("a"), undefined);
      await files.put("short", picture(10));
      await files.expire(["short"], 1);
      await until("it is gone", async () => await files.get("short") === undefined);
    },
  );
}

Deno.test("a beat need not wait until a large picture is through", {
  ignore: !redis,
  ...lax,
}, async () => {
  await using engine = await openEngine(redis!.database());
  const bytes = picture(4_000_000);
  const order: string[] = [];
  const beat = async () => {
    await engine.announce({ name: "gpu-2", instance: "1" }, 3_600_000);
    order.push("beat");
  };
  await Promise.all([engine.files.put("a", bytes).then(() => order.push("put")), beat()]);
  await Promise.all([engine.files.get("a").then(() => order.push("got")), beat()]);
  assert.deepEqual(order, ["beat", "put", "beat", "got"]);
});

Deno.test("on Redis many pictures wait for their turn, and a beat does not wait for them", {
  ignore: !redis,
  ...lax,
}, async () => {
  await using engine = await openEngine(redis!.database());
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8"];
  const order: string[] = [];
  const beat = async () => {
    await engine.announce({ name: "gpu-2", instance: "1" }, 3_600_000);
    order.push("beat");
  };
  const all = (act: (key: string) => Promise<unknown>) =>
    Promise.all(keys.map(async (key) => order.push(String(await act(key)))));
  const puts = all((key) => engine.files.put(key, picture(100)));
  await beat();
  await puts;
  const gets = all((key) => engine.files.get(key));
  await engine.announced(); // by now it asks for bytes
  await beat();
  await gets;
  const places = order.flatMap((what, i) => what === "beat" ? [i] : []);
  assert.ok(places[0]! < 4 && places[1]! < 9 + 4, `it came as ${places} of ${order.length}`);
});

Deno.test("on PostgreSQL many pictures wait for their turn, and a beat does not wait for them", {
  ignore: !postgres,
  ...lax,
}, async () => {
  const url = await postgres!.database();
  await using engine = await openEngine(url);
  const { files } = engine;
  await files.put("a", picture(10));
  const slow = openConnection(url);
  await slow.connect();
  await slow.query("begin");
  await slow.query("lock table image_edit_bot_remote.files");
  const keys = ["1", "2", "3", "4", "5", "6"];
  const puts = Promise.all(keys.map((key) => files.put(key, picture(10))));
  const gets = Promise.all(keys.map(() => files.get("a")));
  for (const each of [puts, gets]) each.catch(() => {});
  try {
    assert.equal(await engine.announce({ name: "gpu-2", instance: "1" }, 3_600_000), true);
  } finally {
    await slow.end();
  }
  await puts;
  assert.deepEqual(await gets, keys.map(() => picture(10)));
  for (const key of keys) assert.deepEqual(await files.get(key), picture(10));
});

Deno.test("a picture of which Redis has lost a part is not taken for a whole one", {
  ignore: !redis,
  ...lax,
}, async () => {
  await using engine = await openEngine(redis!.database());
  const put = engine.files.put("a", picture(2_000_000));
  put.catch(() => {});
  await engine.announced(); // by now it has sent its first piece
  await engine.files.remove(["a"]);
  await assert.rejects(put, /^Error: Cannot keep a picture/);
  assert.equal(await engine.files.get("a"), undefined);
});

Deno.test("an engine on Redis says why it cannot be reached, until it can", lax, async () => {
  await using nobody = await openEngine(`redis://127.0.0.1:${freePort()}`);
  await until("it has tried", () => nobody.trouble() !== undefined);
  if (!redis) return;
  await using server = await startRedis();
  await using engine = await openEngine(server.database());
  await server.stop();
  await until("it has noticed", () => engine.trouble() !== undefined);
  await server.start();
  await engine.announced();
  assert.equal(engine.trouble(), undefined);
});

Deno.test("what was missing on a lost connection to Redis is not held against the next one", {
  ignore: !redis,
  ...lax,
}, async () => {
  await using server = await startRedis();
  const url = server.database();
  const silenceMs = 2_000;
  await using engine = openRedisEngine(url, silenceMs);
  await engine.announced();
  const other = new Redis(url);
  other.on("error", () => {});
  using _ = { [Symbol.dispose]: () => other.disconnect() };
  const clients = async () => String(await other.client("LIST")).match(/^id=\d+/gm);
  await other.client("PAUSE", 60_000);
  const asked = performance.now();
  const answer = engine.announced();
  answer.catch(() => {});
  await server.stop();
  await server.start();
  await answer;
  const before = await clients();
  const isOver = () => performance.now() > asked + silenceMs;
  await until("the former connection would have been given up", isOver);
  await engine.announced();
  assert.deepEqual(await clients(), before);
});
