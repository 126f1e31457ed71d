/**
 * Pictures of workers on other hosts that travel through the bucket: bot and workers as processes of their own, over a real Redis and a
 * real S3 server.
 */
import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { type BucketServer, canServeBucket, startBucket } from "../../lab/servers/bucket.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import { redisOfFile } from "../../lab/servers/redis.ts";
import { startWorker, untilJoined } from "../../lab/remote_worker.ts";
import {
  holdRun,
  noDrafts,
  openStage,
  results,
  type Stage,
  untilResults,
  untilShown,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";

const photo = await gradientJpeg(160, 120);
const redis = await redisOfFile();
const options = { ignore: !redis || !await canServeBucket() };

/** A bot that has this bucket, and no ComfyUI of its own. */
function openOn(queueUrl: string, { url, env }: BucketServer): Promise<Stage> {
  return openStage({
    telegram: { limits: false, ...noDrafts },
    config: 'queue: { url: "${QUEUE_URL}" }\ncomfyui: { backends: [], retry_seconds: [0.2] }\n' +
      `storage: { url: "${url}" }\n`,
    env: { ...env, QUEUE_URL: queueUrl },
  });
}

/** All that Redis is told from now on. */
async function listenTo(url: string) {
  const client = new Redis(url);
  const monitor = await client.monitor();
  const told: string[] = [];
  monitor.on("monitor", (_time: string, args: string[]) => told.push(args.join(" ")));
  return {
    told,
    [Symbol.dispose]() {
      monitor.disconnect();
      client.disconnect();
    },
  };
}

/** Resolves when the bot has read that a worker has a bucket: one that was slow to take its mark is announced later. */
function untilBucketIsKnown({ told }: { readonly told: readonly string[] }): Promise<unknown> {
  return until("the bot knows of the worker's bucket", () => {
    const announced = told.findIndex((line) => line.includes('"bucket":'));
    return announced >= 0 && told.slice(announced).some((line) => line.startsWith("mget "));
  });
}

/** Runs whose pictures are on their way in the bucket: `in/0`, `out/0`. */
async function onTheirWay({ names }: BucketServer): Promise<readonly string[]> {
  const below = (await names()).filter((name) => name.startsWith("bot/workers/"));
  return below.filter((name) => !name.endsWith("/here")).map((name) =>
    name.split("/").slice(-2).join("/")
  );
}

const words = (stage: Stage) =>
  results(stage, stage.ben).map(({ caption }) => caption?.split("\n")[0]).sort();

Deno.test(
  "a worker with the bot's bucket gets and gives pictures there, also when bot or bucket were away",
  options,
  async () => {
    await using server = await startBucket();
    const place = redis!.database();
    using redisLog = await listenTo(place);
    await using stage = await openOn(place, server);
    await using worker = await startWorker({ name: "gpu-2", url: place, bucket: server });
    await untilJoined(stage, worker);
    await untilBucketIsKnown(redisLog);
    const { comfyui } = worker;

    let hold = holdRun(worker);
    await stage.ben.sendPhoto(photo, { caption: "bot dies steps=1" });
    await comfyui.until(() => comfyui.ran.length === 1, { what: "it runs" });
    assert.deepEqual(await onTheirWay(server), ["in/0"]);
    stage.bot.kill("SIGKILL");
    await stage.bot.status;
    hold.remove();
    // Its source goes when the result is there.
    await until("the result waits", async () => !(await onTheirWay(server)).includes("in/0"));
    await server.stop();
    stage.start();
    await until(
      "the bot waits for it",
      () => /A result waits: Cannot read/.test(stage.bot.output()),
    );
    await server.start();
    await untilResults(stage, stage.ben);

    // A worker that has lost its bucket gets the next pictures through the queue until it is seen to have it again: this comes last.
    hold = holdRun(worker);
    await stage.ben.sendPhoto(photo, { caption: "bucket dies steps=1" });
    await comfyui.until(() => comfyui.ran.length === 2, { what: "it runs" });
    assert.ok((await onTheirWay(server)).includes("in/0"));
    await server.stop();
    hold.remove();
    await untilShown(stage, stage.ben, /Pictures can't be stored or read right now/);
    assert.equal(comfyui.ran[1]?.outcome, "success");
    await server.start();
    await untilResults(stage, stage.ben, 2);

    assert.deepEqual(words(stage), ["bot dies", "bucket dies"]);
    assert.equal(comfyui.ran.length, 2, "nothing was rendered twice");
    await until("nothing is left on its way", async () => (await onTheirWay(server)).length === 0);
    assert.ok(redisLog.told.some((line) => line.includes("bucket dies")));
    assert.deepEqual(redisLog.told.filter((line) => /:file:|test-secret-key/.test(line)), []);
    assert.doesNotMatch(worker.life.output() + stage.bot.output(), /test-secret-key/);
    assert.equal(await worker.stop(), 0);
    const left = (await server.names()).filter((name) => name.startsWith("bot/workers/"));
    assert.deepEqual(left, [], "its mark went with it");
  },
);

Deno.test(
  "pictures of a worker without a bucket, or with another one, go through the queue",
  options,
  async () => {
    await using server = await startBucket();
    const place = redis!.database();
    using redisLog = await listenTo(place);
    await using stage = await openOn(place, server);
    const ways = [
      { name: "none", bucket: undefined },
      { name: "other", bucket: { ...server, url: "s3://pictures/another" } },
    ];
    for (const [i, { name, bucket }] of ways.entries()) {
      await using worker = await startWorker({ name, url: place, ...bucket && { bucket } });
      await untilJoined(stage, worker);
      using hold = holdRun(worker);
      await stage.ben.sendPhoto(photo, { caption: `${name} steps=1` });
      await worker.comfyui.until(() => worker.comfyui.ran.length === 1, { what: "it runs" });
      assert.deepEqual(await onTheirWay(server), []);
      hold.remove();
      await untilResults(stage, stage.ben, i + 1);
      const puts = redisLog.told.filter((line) => /^set \S*:file:/i.test(line));
      assert.equal(puts.length, 2 * (i + 1), "a source and a result each");
      assert.equal(await worker.stop(), 0);
    }
    assert.match(stage.bot.output(), /The bucket of other is another one/);
    assert.deepEqual(words(stage), ["none", "other"]);
  },
);
