/**
 * `doctor` with a queue for workers on other hosts, on the bot's host and on a worker's.
 *
 * Drives besides: src/remote/inspect.ts.
 */
import assert from "node:assert/strict";
import { canServeBucket, startBucket } from "../../../lab/servers/bucket.ts";
import { freePort } from "../../../lab/servers/installed_server.ts";
import { postgresOfFile } from "../../../lab/servers/postgres.ts";
import { canServeRedis, startRedis } from "../../../lab/servers/redis.ts";
import { version } from "../../../src/lib/mod.ts";
import { inspectQueue, openBucketFiles, openEngine } from "../../../src/remote/mod.ts";
import { type Announcement } from "../../../src/remote/protocol.ts";
import { openBucket } from "../../../src/s3/mod.ts";
import { bucketConfigOf } from "../../remote/bucket_config.ts";
import { examine, machine } from "./doctor_fixture.ts";

const canRedis = await canServeRedis();
const canBucket = await canServeBucket();
const postgres = await postgresOfFile();

const gpu = {
  protocol: 1,
  name: "gpu-2",
  version,
  comfyui: { version: "0.33.0", devices: [{ name: "cuda:0", vramTotal: 24e9, vramFree: 1e9 }] },
  isLeaving: false,
};

Deno.test(
  "doctor says who is connected to Redis, and what is wrong there",
  { ignore: !canRedis, sanitizeOps: false, sanitizeResources: false },
  async () => {
    await using server = await startRedis(["--appendonly", "yes", "--requirepass", "TEST-SECRET"]);
    await using careless = await startRedis(["--maxmemory-policy", "allkeys-lru"]);
    // As hosted ones are.
    await using silent = await startRedis(["--rename-command", "CONFIG", "NO-CONFIG"]);
    await using right = await machine();
    await right.home.write("config.yaml", 'queue: { url: "${QUEUE_URL}" }\n');
    const address = server.database();
    const url = address.replace("//", "//:TEST-SECRET@");
    const check = async (QUEUE_URL: string, troubles: readonly string[]) => {
      const report = await examine(right, { QUEUE_URL });
      assert.deepEqual(report.troubles, troubles);
      return report.named("queue");
    };
    assert.match(
      (await check(url, [])).message,
      /^127\.0\.0\.1:\d+ answers; no worker is connected$/,
    );

    await using engine = await openEngine(url);
    const announce = (changes: Partial<Announcement>) =>
      engine.announce(
        { ...gpu, instance: crypto.randomUUID(), at: Date.now(), ...changes } as Announcement,
        60_000,
      );
    await announce({});
    assert.match((await check(url, [])).message, /workers gpu-2 \(\S+, 22 GB VRAM\)$/);
    await announce({ name: "old", version: "0.0.1" });
    await announce({ name: "future", protocol: 2, version: "9.0.0" });
    await announce({ name: "late", at: Date.now() - 90_000 });
    await announce({ name: "alone", comfyui: null });
    const { message, status } = await check(url, ["queue"]);
    assert.equal(status, "warn");
    for (
      const problem of [
        /^old is of version 0\.0\.1 \(wanted/m,
        /^future cannot be used: it is of version 9\.0\.0/m,
        /^the clock of late is (89|9\d) s behind/m,
        /^alone: its ComfyUI does not answer/m,
      ]
    ) assert.match(message, problem);

    const found = await check(careless.database(), ["queue"]);
    assert.match(found.message, /maxmemory-policy is allkeys-lru[^]*appendonly is off/);
    const untold = await check(silent.database(), ["queue"]);
    assert.match(untold.message, /Redis does not tell its settings \(wanted maxmemory-policy/);
    for (const wrong of [address, url.replace("SECRET", "SECRET-OTHER")]) {
      assert.equal((await check(wrong, ["queue"])).status, "fail");
    }
    // Without the seconds that doctor waits for one that is away.
    await using nowhere = await openEngine(`redis://127.0.0.1:${freePort()}`);
    const looking = { now: Date.now, bucket: undefined };
    await assert.rejects(
      inspectQueue(nowhere, looking, AbortSignal.timeout(300)),
      /^ComfyUIConnectionError: Cannot use the queue on 127\.0\.0\.1:\d+: ./,
    );
  },
);

Deno.test(
  "doctor says on the bot's host whose pictures come through its bucket, and on a worker's that it may use it",
  { ignore: !canRedis || !canBucket, sanitizeOps: false, sanitizeResources: false },
  async () => {
    await using server = await startRedis();
    await using bucket = await startBucket();
    const url = server.database();
    await using right = await machine();
    const storage = `storage: { url: "${bucket.url}" }\n`;
    await right.home.write("config.yaml", `queue: { url: "\${QUEUE_URL}" }\n${storage}`);
    const env = { ...bucket.env, QUEUE_URL: url };
    const config = bucketConfigOf(bucket);
    const files = (await openBucketFiles(config))!;
    // In the way of the folder that the pictures of workers go through.
    const objects = openBucket(config);
    await objects.put("workers", Uint8Array.of(1));
    const hindered = await examine(right, env);
    assert.deepEqual(hindered.troubles, ["bucket"]);
    assert.match(hindered.named("bucket").message, /^Cannot write workers\/doctor-/);
    await objects.remove("workers");

    await using engine = await openEngine(url);
    async function announce(name: string, where?: string): Promise<string> {
      const instance = crypto.randomUUID();
      const said = { ...gpu, name, instance, at: Date.now(), ...where && { bucket: where } };
      assert.ok(await engine.announce(said, 60_000));
      return instance;
    }
    await announce("plain");
    await files.mark(await announce("near", files.where));
    const good = await examine(right, env);
    assert.deepEqual(good.troubles, []);
    assert.match(
      good.named("queue").message,
      /plain \(\S+, 22 GB VRAM, pictures through the queue\)/,
    );
    assert.match(
      good.named("queue").message,
      /near \(\S+, 22 GB VRAM, pictures through the bucket\)/,
    );
    await announce("far", "photos on s3.example.com");
    const { status, message } = (await examine(right, env)).named("queue");
    assert.equal(status, "warn");
    assert.match(
      message,
      /^the bucket of far is another one, photos on s3\.example\.com: .*through the queue \(wanted/m,
    );

    await bucket.stop();
    const { message: unknown } = (await examine(right, env)).named("queue");
    assert.match(unknown, /plain \([^)]+, pictures through the queue\)/);
    assert.match(unknown, /near \([^)]+, which way its pictures go is not known: the bucket does/);
    await bucket.start();

    // A worker has to do with its own bucket alone, and there with its own folder.
    const worker = 'queue: { url: "${QUEUE_URL}" }\nworker: { name: near }\n' + storage;
    await right.home.write("config.yaml", worker);
    const ofWorker = { ...env, TELEGRAM_BOT_TOKEN: "", ADMIN_USER_IDS: "" };
    const there = await examine(right, ofWorker);
    assert.deepEqual(there.troubles, []);
    assert.match(there.named("bucket").message, /^pictures\/bot on \S+ takes pictures/);
    await bucket.stop();
    const away = await examine(right, ofWorker);
    assert.deepEqual(away.troubles, ["bucket"]);
    assert.match(away.named("bucket").message, /^Cannot write workers\/doctor-/);
  },
);

Deno.test("doctor on a worker's host wants no bot, and looks at PostgreSQL", {
  ignore: !postgres,
  sanitizeOps: false,
  // A client of Redis of the tests before lets go of its connection two seconds after it was closed.
  sanitizeResources: false,
}, async () => {
  await using right = await machine();
  await right.home.write(
    "config.yaml",
    'queue: { url: "${QUEUE_URL}" }\nworker: { name: gpu-2 }\n',
  );
  const env = { TELEGRAM_BOT_TOKEN: "", ADMIN_USER_IDS: "", QUEUE_URL: await postgres!.database() };
  const report = await examine(right, env);
  assert.deepEqual(report.troubles, []);
  assert.match(report.named("token").message, /this is a worker/);
  assert.match(report.named("queue").message, /answers; no worker is connected/);
});
