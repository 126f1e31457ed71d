/**
 * Pictures on their way: what engines and bucket promise alike, and what is the bucket's own, marks and sweeps.
 *
 * Drives besides: src/remote/engine.ts, src/remote/redis.ts, src/remote/postgres.ts.
 */
import assert from "node:assert/strict";
import { canServeBucket, startBucket } from "../../lab/servers/bucket.ts";
import { postgresOfFile } from "../../lab/servers/postgres.ts";
import { redisOfFile } from "../../lab/servers/redis.ts";
import { until } from "../../lab/until.ts";
import { StorageAwayError } from "../../src/lib/mod.ts";
import { createBucketFiles, openBucketFiles } from "../../src/remote/bucket_files.ts";
import { type EngineFiles, pictureMs } from "../../src/remote/engine.ts";
import { openEngine } from "../../src/remote/open_engine.ts";
import { openBucket } from "../../src/s3/mod.ts";
import { bucketConfigOf, type BucketPlace } from "./bucket_config.ts";

const redis = await redisOfFile();
const postgres = await postgresOfFile();
const options = { ignore: !await canServeBucket() };
const bytes = (...values: number[]) => Uint8Array.from(values);

/** Files with a clock of their own. */
function bucketFilesAt(place: BucketPlace) {
  const clock = { ms: Date.now() };
  const files = createBucketFiles(openBucket(bucketConfigOf(place)), () => clock.ms);
  return { files, clock };
}

interface Opened extends AsyncDisposable {
  readonly files: EngineFiles;
  /** Some milliseconds go by. */
  readonly pass: (ms: number) => Promise<unknown>;
}

async function openedEngine(url: string): Promise<Opened> {
  const engine = await openEngine(url);
  return {
    files: engine.files,
    pass: () => Promise.resolve(), // the server's own clock goes
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

async function openedBucket(): Promise<Opened> {
  const server = await startBucket();
  const { files, clock } = bucketFilesAt(server);
  return {
    files,
    pass: (ms) => files.sweep(clock.ms += ms),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const places = [
  { place: "Redis", open: () => openedEngine(redis!.database()), ignore: !redis },
  {
    place: "PostgreSQL",
    open: async () => openedEngine(await postgres!.database()),
    ignore: !postgres,
  },
  { place: "the bucket", open: openedBucket, ignore: options.ignore },
];

for (const { place, open, ignore } of places) {
  Deno.test(
    `pictures in ${place} are whole and as last written, until they are removed or expire`,
    { ignore, sanitizeOps: false, sanitizeResources: false },
    async () => {
      await using opened = await open();
      const { files, pass } = opened;
      const run = crypto.randomUUID();
      const [one, two, three] = [`${run}/in/0`, `${run}/in/1`, `${run}/out/0`] as const;
      const large = new Uint8Array(1_000_000).map((_, i) => i * 7);
      assert.equal(await files.get(one), undefined);
      await files.put(one, bytes(1));
      await files.put(one, bytes(0, 255, 10, 13));
      await files.put(two, large);
      await files.put(three, bytes(3));
      assert.deepEqual(await files.get(one), bytes(0, 255, 10, 13));
      assert.deepEqual(await files.get(two), large);
      await files.remove([]);
      await files.remove([one, `${run}/in/7`]);
      assert.equal(await files.get(one), undefined);
      assert.deepEqual(await files.get(two), large);

      await files.expire([two], 60_000);
      await files.expire([three, `${run}/out/7`], 100);
      await pass(200);
      await until("it has expired", async () => await files.get(three) === undefined);
      assert.deepEqual(await files.get(two), large);
    },
  );
}

Deno.test("the bucket's pictures go after a day, and nothing else does", options, async () => {
  await using server = await startBucket();
  const { files, clock } = bucketFilesAt(server);
  const other = bucketFilesAt({ ...server, url: "s3://pictures" });
  const run = crypto.randomUUID();
  await files.put(`${run}/in/0`, bytes(1));
  await files.put(`${run}/out/12`, bytes(1));
  await other.files.put(`${run}/in/0`, bytes(1));
  assert.equal(await files.sweep(clock.ms + pictureMs - 60_000), 0);
  assert.equal(await files.sweep(clock.ms + pictureMs + 60_000), 2);
  assert.deepEqual(await server.names(), [`workers/${run}/in/0`]);
});

Deno.test("a mark is found in the same bucket alone, under whatever address", options, async () => {
  await using server = await startBucket();
  await using another = await startBucket();
  const instance = crypto.randomUUID();
  const worker = bucketFilesAt(server).files;
  const { env, url } = server;
  const alias = env.AWS_ENDPOINT_URL!.replace("127.0.0.1", "localhost");
  const bot = bucketFilesAt({ url, env: { ...env, AWS_ENDPOINT_URL: alias } }).files;
  const strangers = [
    bucketFilesAt(another).files,
    bucketFilesAt({ url: "s3://pictures/other", env }).files,
    bucketFilesAt({ url: "s3://pictures", env }).files,
  ];
  assert.equal(await bot.isMarked(instance), false);
  await worker.mark(instance);
  assert.equal(await bot.isMarked(instance), true);
  assert.equal(await bot.isMarked(crypto.randomUUID()), false);
  for (const stranger of strangers) assert.equal(await stranger.isMarked(instance), false);
  assert.match(worker.where, /^pictures\/bot on 127\.0\.0\.1:\d+$/);

  await worker.unmark(instance);
  assert.deepEqual(await server.names(), []);
  const away = bucketFilesAt({
    url,
    env: { ...env, AWS_ENDPOINT_URL: "http://127.0.0.1:2" },
  }).files;
  for (const act of [away.mark, away.isMarked]) {
    await assert.rejects(act(instance), StorageAwayError);
  }
});

/** The bucket of a server of the test's own. */
const servedAt = (port: number) => ({
  url: "s3://pictures/bot",
  env: {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
  },
});

/** Time limits of requests from now on, in a time of their own: `pass` lets milliseconds go by. */
function limitsInOwnTime() {
  const { timeout } = AbortSignal;
  const limits: { readonly ms: number; readonly late: AbortController }[] = [];
  AbortSignal.timeout = (ms) => {
    const late = new AbortController();
    limits.push({ ms, late });
    return late.signal;
  };
  return {
    pass(passedMs: number): void {
      for (const { ms, late } of limits) if (ms <= passedMs) late.abort();
    },
    [Symbol.dispose]: () => void (AbortSignal.timeout = timeout),
  };
}

Deno.test("a picture of 12 MB comes through a bucket over a line of 1 Mbit/s", async () => {
  const asked: PromiseWithResolvers<Response>[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    const answer = Promise.withResolvers<Response>();
    asked.push(answer);
    return answer.promise;
  });
  using time = limitsInOwnTime();
  const config = bucketConfigOf(servedAt(server.addr.port));
  const files = (await openBucketFiles(config))!;
  const [comes, goes] = [files.get("a"), files.put("b", bytes(1))];
  const beside = openBucket(config).get("input/a");
  for (const each of [comes, goes, beside]) each.catch(() => {});
  await until("all are asked", () => asked.length === 3);
  time.pass(96_000);
  for (const { resolve } of asked) resolve(new Response(bytes(7, 8)));
  assert.deepEqual(await comes, bytes(7, 8));
  await goes;
  await assert.rejects(beside, StorageAwayError, "a bot's own line is fast");
});

Deno.test("a worker whose key may write in the bucket and not read cannot leave its mark", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ method }) => new Response(null, { status: method === "PUT" ? 200 : 403 }),
  );
  const { files } = bucketFilesAt(servedAt(server.addr.port));
  await assert.rejects(files.mark(crypto.randomUUID()), StorageAwayError);
});
