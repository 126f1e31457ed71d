/**
 * A worker that is not ours, and says what the test has it say. Drives besides: src/remote/run.ts.
 */
import assert from "node:assert/strict";
import type { z } from "zod";
import { canServeBucket, startBucket } from "../../lab/servers/bucket.ts";
import { redisOfFile } from "../../lab/servers/redis.ts";
import { until } from "../../lab/until.ts";
import { ComfyUIConnectionError, StorageAwayError } from "../../src/lib/mod.ts";
import { createRemoteBackend } from "../../src/remote/backend.ts";
import { openBucketFiles } from "../../src/remote/bucket_files.ts";
import { openEngine } from "../../src/remote/open_engine.ts";
import { Announcement, RunData, RunEvent } from "../../src/remote/protocol.ts";
import { openBucket } from "../../src/s3/mod.ts";
import { bucketConfigOf } from "./bucket_config.ts";

const redis = await redisOfFile();
const canBucket = await canServeBucket();
const picture = Uint8Array.of(1, 2, 3);

Deno.test(
  "a worker that names files of others gets the bot to read or remove none of them",
  { ignore: !redis || !canBucket, sanitizeOps: false, sanitizeResources: false },
  async () => {
    await using server = await startBucket();
    const config = bucketConfigOf(server);
    const others = openBucket(config);
    const files = (await openBucketFiles(config))!;
    const instance = crypto.randomUUID();
    const another = `${crypto.randomUUID()}/out/0`;
    await others.put("input/secret.png", picture);
    await files.put(another, picture);
    await files.mark(instance);

    await using engine = await openEngine(redis!.database());
    const announcement = Announcement.parse({
      protocol: 1,
      name: "stranger",
      instance,
      version: "1.0.0",
      comfyui: { devices: [] },
      isLeaving: false,
      at: Date.now(),
      bucket: files.where,
    });
    await using backend = createRemoteBackend(
      { engine, find: () => announcement, bucket: files },
      "stranger",
    );
    const places: string[] = [];
    /** The key that it names, of the run's id. */
    let keyOf = (promptId: string) => `${promptId}/out/0`;
    const worker = engine.openWorker("stranger", async (job) => {
      if (job.name !== "run") return { type: "answer", value: true };
      const { promptId, picturesIn, pictures } = RunData.parse(job.data);
      places.push(picturesIn);
      const place = picturesIn === "bucket" ? files : engine.files;
      assert.deepEqual(await place.get(pictures[0]!.key), picture);
      await place.put(`${promptId}/out/0`, Uint8Array.of(9));
      const key = keyOf(promptId);
      return { type: "done", files: [{ key, mime: "image/png" }], cached: false, saved: [] };
    });
    const { signal } = new AbortController();
    async function run(): Promise<Uint8Array | undefined> {
      const promptId = crypto.randomUUID();
      const request = {
        promptId,
        outputNode: "1",
        pictures: () => Promise.resolve([{ name: "a.png", mime: "image/png", bytes: picture }]),
        fill: () => ({ "1": { class_type: "SaveImage", inputs: {} } }),
      };
      try {
        for await (const event of backend.run(request, { signal })) {
          if (event.type === "done") return event.picture.bytes;
        }
        return undefined;
      } finally {
        const copies = { v: 1 as const, promptId, backend: "stranger", jobId: "1", files: [] };
        await backend.erase(copies, { signal });
      }
    }
    try {
      assert.deepEqual(await run(), Uint8Array.of(9));
      const forged = [
        (id: string) => `${id}/out/../../../input/secret.png`,
        () => "../input/secret.png",
        () => another,
        (id: string) => `${id}/in/0`,
      ];
      for (const forge of forged) {
        keyOf = forge;
        await assert.rejects(
          run(),
          (error) =>
            error instanceof ComfyUIConnectionError && /of another run/.test(error.message),
        );
      }
      assert.deepEqual(places, Array(1 + forged.length).fill("bucket"));
      assert.deepEqual(await others.get("input/secret.png"), picture);
      assert.deepEqual(await files.get(another), picture);

      // Trouble with the bucket is none of the worker's, whether it is met by a picture or by the look for the mark.
      keyOf = (promptId) => `${promptId}/out/0`;
      await server.stop();
      assert.deepEqual(await run(), Uint8Array.of(9));
      await assert.rejects(files.isMarked(instance), StorageAwayError);
      assert.deepEqual(await run(), Uint8Array.of(9));
      assert.deepEqual(places.slice(-2), ["engine", "engine"]);
    } finally {
      await worker.close(true);
    }
  },
);

Deno.test(
  "run() says that pictures wait, and that they do so no more, to a bot that comes meanwhile",
  { ignore: !redis, sanitizeOps: false, sanitizeResources: false },
  async () => {
    await using engine = await openEngine(redis!.database());
    const announcement = Announcement.parse({
      protocol: 1,
      name: "slow",
      instance: crypto.randomUUID(),
      version: "1.0.0",
      comfyui: { devices: [] },
      isLeaving: false,
      at: Date.now(),
    });
    const isAway = Promise.withResolvers<void>();
    const heard: string[] = [];
    const stop = new AbortController();
    const { signal } = stop;
    /** The bot goes on asking a worker that fails. */
    const untilHeard = (type: string) =>
      until(`${type} is heard`, () => heard.at(-1) === type).catch((error) => stop.abort(error));
    const worker = engine.openWorker("slow", async (job) => {
      const { promptId } = RunData.parse(job.data);
      const say = (event: z.input<typeof RunEvent>) => job.updateProgress(event);
      await say({ type: "storage_away" });
      isAway.resolve();
      await untilHeard("storage_away");
      await say({ type: "accepted", attached: false });
      await untilHeard("accepted");
      await say({ type: "started" });
      await say({ type: "accepted", attached: true }); // its ComfyUI was away, and has it still
      const key = `${promptId}/out/0`;
      await engine.files.put(key, picture);
      return { type: "done", files: [{ key, mime: "image/png" }], cached: false, saved: [] };
    });
    const request = {
      promptId: crypto.randomUUID(),
      outputNode: "1",
      pictures: () => Promise.resolve([]),
      fill: () => ({ "1": { class_type: "SaveImage", inputs: {} } }),
    };
    const connect = () =>
      createRemoteBackend({ engine, find: () => announcement, bucket: undefined }, "slow");
    try {
      {
        await using before = connect();
        for await (const _accepted of before.run(request, { signal })) break;
      }
      await isAway.promise;
      await using backend = connect();
      for await (const { type } of backend.run(request, { signal })) {
        if (type !== heard.at(-1)) heard.push(type);
      }
      // That it has begun may be missed.
      const told = heard.filter((type) => type !== "started");
      assert.deepEqual(told, ["accepted", "storage_away", "accepted", "done"]);
    } finally {
      await worker.close(true);
    }
  },
);
