/**
 * Workers on other hosts: the bot and workers as processes of their own, over a real Redis and a real PostgreSQL.
 *
 * Drives besides: src/workers.ts, src/cli/commands/worker.ts, src/cli/commands/program.ts,
 * src/remote/host.ts, src/remote/run.ts,
 * src/remote/backend.ts, src/remote/roster.ts, src/remote/feed.ts, src/remote/redis.ts, src/remote/postgres.ts,
 * src/remote/engine.ts, src/remote/open_engine.ts,
 * src/remote/worker_queue.ts, src/pool.ts.
 */
import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { freePort } from "../../lab/servers/installed_server.ts";
import { modelsOf2025 } from "../../lab/comfyui/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import { postgresOfFile } from "../../lab/servers/postgres.ts";
import { redisOfFile } from "../../lab/servers/redis.ts";
import { startWorker, untilJoined } from "../../lab/remote_worker.ts";
import {
  holdRun,
  noDrafts,
  openStage,
  results,
  type Stage,
  type StageOptions,
  untilMetrics,
  untilResults,
  untilSaid,
  untilShown,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { unlessAborted } from "../../src/lib/mod.ts";
import { rowsOf } from "../postgres/rows.ts";

const photo = await gradientJpeg(160, 120);
const redis = await redisOfFile();
const postgres = await postgresOfFile();
const engines = [
  { engine: "Redis", url: () => Promise.resolve(redis!.database()), ignore: !redis },
  { engine: "PostgreSQL", url: () => postgres!.database(), ignore: !postgres },
];

/** A stage whose bot has no ComfyUI of its own. */
function openOn(url: string, options: StageOptions = {}): Promise<Stage> {
  return openStage({
    telegram: { limits: false },
    config: 'queue: { url: "${QUEUE_URL}" }\ncomfyui: { backends: [] }\n',
    env: { QUEUE_URL: url },
    ...options,
  });
}

const words = (stage: Stage) =>
  results(stage, stage.ben).map(({ caption }) => caption?.split("\n")[0]).sort();

/** Pictures, and jobs with their words, that the engine has. */
async function leftIn(place: string): Promise<readonly string[]> {
  if (place.startsWith("redis:")) {
    using stack = new DisposableStack();
    const redis = stack.adopt(new Redis(place), (redis) => redis.disconnect());
    const keys = await redis.keys("*");
    return keys.filter((key) => /:file:|:[0-9a-f]{8}-[0-9a-f-]{27}$/.test(key));
  }
  const rows = await rowsOf<{ key: string }>(
    place,
    "select key from image_edit_bot_remote.files union all select id from bullmq.job where name = 'run'",
  );
  return rows.map(({ key }) => key);
}

for (const { engine, url, ignore } of engines) {
  Deno.test(`over ${engine} a user sees a job on a worker run, cancels one, and gets the next`, {
    ignore,
  }, async () => {
    const place = await url();
    await using stage = await openOn(place, { telegram: noDrafts });
    await using worker = await startWorker({
      name: "gpu-2",
      url: place,
      comfyui: { previews: "latent2rgb", scale: true },
    });
    await untilJoined(stage, worker);
    using hold = holdRun(worker, { afterStep: 2 });
    await stage.ben.sendPhoto(photo, { caption: "held steps=8" });
    await untilShown(stage, stage.ben, /Step 2 of 8/);
    stage.ben.sendText("/cancel");
    await worker.comfyui.until(() => worker.comfyui.ran[0]?.outcome === "interrupted", {
      what: "ComfyUI is interrupted",
    });
    hold.remove();
    await stage.ben.sendPhoto(photo, { caption: "next steps=2" });
    await untilResults(stage, stage.ben);
    assert.deepEqual(words(stage), ["next"]);
    assert.equal(worker.comfyui.ran.length, 2);
    await until("nothing of the jobs is left in the engine", async () => {
      return (await leftIn(place)).length === 0;
    });
    assert.equal(await worker.stop(), 0);
    await stage.telegram.until(() => stage.bot.output().includes("gpu-2 has left"), {
      what: "the bot sees it leave",
    });
  });
}

Deno.test(
  "the job of a worker that is killed goes to another",
  { ignore: !redis },
  async () => {
    const place = redis!.database();
    await using stage = await openOn(place);
    await using one = await startWorker({ name: "one", url: place });
    await untilJoined(stage, one);
    using _hold = holdRun(one);
    await stage.ben.sendPhoto(photo, { caption: "runs steps=1" });
    await one.comfyui.until(() => one.comfyui.ran.length === 1, { what: "it runs" });
    await using two = await startWorker({ name: "two", url: place });
    await untilJoined(stage, two);
    const killedMs = performance.now();
    await one.kill();
    await untilResults(stage, stage.ben);
    assert.ok(performance.now() - killedMs < 30_000);
    // When it is back, it does not go on with what was done elsewhere.
    one.start();
    await one.comfyui.until(() => one.comfyui.ran[0]?.outcome === "interrupted", {
      what: "the prompt is withdrawn",
    });
    assert.deepEqual([one.comfyui.ran.length, two.comfyui.ran.length], [1, 1]);
    assert.deepEqual(words(stage), ["runs"]);
  },
);

Deno.test(
  "a worker that comes back is asked again what its ComfyUI can run",
  { ignore: !redis },
  async () => {
    const place = redis!.database();
    const lacking = { ...modelsOf2025, checkpoints: [] };
    await using stage = await openOn(place, {
      config: 'queue: { url: "${QUEUE_URL}" }\ncomfyui: { backends: [] }\n' +
        "metrics: { serve: true, port: 0 }\n",
    });
    await using worker = await startWorker({
      name: "gpu-2",
      url: place,
      comfyui: { models: lacking },
    });
    const metrics = await untilMetrics(stage);
    const untilAble = (value: 0 | 1) =>
      until(`it can run the template: ${value}`, async () => {
        const text = await (await fetch(`${metrics}/metrics`)).text();
        return text.includes(
          `template_available{backend="gpu-2",template="qwen_image_edit"} ${value}\n`,
        );
      });
    await untilAble(0);
    for (const [value, models] of [[1, modelsOf2025], [0, lacking]] as const) {
      await worker.stop();
      worker.comfyui.setModels(models);
      worker.start();
      await untilAble(value);
    }
  },
);

Deno.test(
  "a worker with the name of a ComfyUI in config.yaml gets no jobs",
  { ignore: !redis },
  async () => {
    const place = redis!.database();
    await using stage = await openOn(place, { config: 'queue: { url: "${QUEUE_URL}" }\n' });
    await using worker = await startWorker({ name: "comfyui", url: place });
    await until("it is said", () => stage.bot.output().includes("comfyui gets no jobs"));
    await stage.ben.sendPhoto(photo, { caption: "words steps=1" });
    await untilResults(stage, stage.ben);
    assert.deepEqual([stage.comfyui.ran.length, worker.comfyui.ran.length], [1, 0]);
    assert.ok(!stage.bot.output().includes("comfyui has joined"));
  },
);

Deno.test(
  "what a worker finishes while bot or worker are dead is not rendered twice",
  {
    ignore: !postgres,
  },
  async () => {
    const place = await postgres!.database();
    await using stage = await openOn(place);
    await using worker = await startWorker({ name: "gpu-2", url: place });
    await untilJoined(stage, worker);
    const { comfyui } = worker;
    using hold = holdRun(worker);
    await stage.ben.sendPhoto(photo, { caption: "bot dies steps=1" });
    await comfyui.until(() => comfyui.ran.length === 1, { what: "it runs" });
    stage.bot.kill("SIGKILL");
    await stage.bot.status;
    hold.remove();
    await comfyui.until(() => comfyui.ran[0]?.outcome === "success", { what: "it is rendered" });
    stage.start();
    await untilResults(stage, stage.ben);

    using again = holdRun(worker);
    await stage.ben.sendPhoto(photo, { caption: "worker dies steps=1" });
    await comfyui.until(() => comfyui.ran.length === 2, { what: "it runs" });
    await worker.kill();
    again.remove();
    await comfyui.until(() => comfyui.ran[1]?.outcome === "success", { what: "it is rendered" });
    worker.start();
    await untilResults(stage, stage.ben, 2);
    assert.deepEqual(words(stage), ["bot dies", "worker dies"]);
    assert.equal(comfyui.ran.length, 2);
  },
);

Deno.test(
  "a queue that is away costs no job: users are told, and what ran meanwhile is not rendered twice",
  { ignore: !postgres },
  async () => {
    const place = await postgres!.database();
    await using stage = await openOn(place);
    await using worker = await startWorker({ name: "gpu-2", url: place });
    await untilJoined(stage, worker);
    using hold = holdRun(worker);
    await stage.ben.sendPhoto(photo, { caption: "runs steps=1" });
    await worker.comfyui.until(() => worker.comfyui.ran.length === 1, { what: "it runs" });
    await stage.ben.sendPhoto(photo, { caption: "waits steps=1" });
    await postgres!.stop();
    await untilSaid(stage, stage.ben, "does not answer");
    hold.remove();
    await stage.ben.sendPhoto(photo, { caption: "comes then steps=1" });
    await worker.comfyui.until(() => worker.comfyui.ran[0]?.outcome === "success", {
      what: "it is rendered",
    });
    await postgres!.start();
    await untilResults(stage, stage.ben, 3);
    assert.deepEqual(words(stage), ["comes then", "runs", "waits"]);
    assert.equal(worker.comfyui.ran.length, 3);
  },
);

Deno.test("a queue that cannot be reached: its password is in no log, and the worker stops when told", async () => {
  await Promise.all(["redis", "postgres"].map(async (scheme) => {
    const place = `${scheme}://bot:TEST-SECRET-WORD@127.0.0.1:${freePort()}/bot`;
    await using stage = await openOn(place);
    await using worker = await startWorker({ name: "gpu-2", url: place });
    const logs = () => [stage.bot.output(), worker.life.output()];
    await until("both say so", () => logs().every((log) => /Cannot (ask|reach)/.test(log)));
    assert.equal(await worker.stop(), 0);
    for (const log of logs()) assert.doesNotMatch(log, /SECRET|CRITICAL|no answer/);
  }));
});

Deno.test(
  "a worker stops when told also while its queue is away and its bucket silent",
  { ignore: !redis },
  async () => {
    let marks = 0;
    const shut = new AbortController();
    using _shut = { [Symbol.dispose]: () => shut.abort() };
    const place = { hostname: "127.0.0.1", port: 0, signal: shut.signal, onListen() {} };
    const silent = Deno.serve(place, () => {
      marks++;
      if (marks === 1) return new Response("not now", { status: 503 });
      return new Promise<Response>((resolve) => {
        shut.signal.addEventListener("abort", () => resolve(new Response()));
      });
    });
    const env = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${silent.addr.port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
    };
    await using worker = await startWorker({
      name: "gpu-2",
      url: redis!.database(),
      bucket: { url: "s3://pictures/bot", env },
    });
    async function untilStopped(): Promise<void> {
      assert.equal(await unlessAborted(worker.stop(), AbortSignal.timeout(20_000)), 0);
      assert.match(worker.life.output(), /Cannot write workers\S+ in the bucket pictures/);
      assert.doesNotMatch(worker.life.output(), /Cannot go on/);
    }
    await until("it tries the bucket again", () => marks > 1);
    await untilStopped();
    marks = 0;
    worker.start();
    await until("it is connected", () => worker.life.output().includes("Connected to"));
    await redis!.stop();
    try {
      await untilStopped();
    } finally {
      await redis!.start();
    }
  },
);
