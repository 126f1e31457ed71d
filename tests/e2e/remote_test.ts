/**
 * Workers on other hosts: the bot and workers as processes of their own, over a real Redis and a real PostgreSQL.
 *
 * Drives besides: src/workers.ts, src/cli/commands/worker.ts, src/remote/host.ts, src/remote/run.ts,
 * src/remote/backend.ts, src/remote/roster.ts, src/remote/feed.ts, src/remote/redis.ts, src/remote/postgres.ts,
 * src/remote/engine.ts, src/remote/open_engine.ts,
 * src/remote/worker_queue.ts, src/pool.ts.
 */
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import { postgresOfFile } from "../../lab/postgres.ts";
import { redisOfFile } from "../../lab/redis.ts";
import { type RemoteWorker, startWorker } from "../../lab/remote_worker.ts";
import {
  openStage,
  results,
  type Stage,
  type StageOptions,
  untilResults,
} from "../../lab/stage.ts";

const photo = await gradientJpeg(160, 120);
const redis = await redisOfFile();
const postgres = await postgresOfFile();
const engines = [
  { engine: "Redis", url: async () => await redis!.database(), ignore: !redis },
  { engine: "PostgreSQL", url: async () => await postgres!.database(), ignore: !postgres },
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

/** Resolves when it takes jobs, for the bot too. */
async function untilJoined(stage: Stage, ...workers: readonly RemoteWorker[]): Promise<void> {
  for (const { comfyui, name } of workers) {
    await comfyui.until(() => stage.bot.output().includes(`${name} has joined`), {
      what: `${name} joins`,
      timeoutMs: 30_000,
    });
  }
}

for (const { engine, url, ignore } of engines) {
  Deno.test(
    `a worker over ${engine} renders what a bot without a ComfyUI is sent`,
    { ignore },
    async () => {
      const place = await url();
      await using stage = await openOn(place);
      await using worker = await startWorker({ name: "gpu-2", url: place });
      await untilJoined(stage, worker);
      await stage.ben.sendPhoto(photo, { caption: "first steps=2" });
      await untilResults(stage, stage.ben);
      assert.deepEqual(words(stage), ["first"]);
      assert.equal(worker.comfyui.ran.length, 1);
    },
  );
}
