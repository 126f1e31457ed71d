/** A worker that loses its bucket while it runs. Drives besides: src/remote/host.ts, src/remote/run.ts, src/remote/worker_queue.ts. */
import assert from "node:assert/strict";
import { canServeBucket, startBucket } from "../../lab/servers/bucket.ts";
import { redisOfFile } from "../../lab/servers/redis.ts";
import { until } from "../../lab/until.ts";
import { PromptLostError } from "../../src/lib/mod.ts";
import { createRemoteBackend } from "../../src/remote/backend.ts";
import { createBucketFiles } from "../../src/remote/bucket_files.ts";
import { openEngine } from "../../src/remote/open_engine.ts";
import { runWorkerHost } from "../../src/remote/host.ts";
import { Announcement, pictureKey, protocol } from "../../src/remote/protocol.ts";
import { openBucket } from "../../src/s3/mod.ts";
import { again, collect, doneOf, picture, quick, start } from "../comfyui/backend_fixture.ts";
import { bucketConfigOf } from "./bucket_config.ts";

const redis = await redisOfFile();
const canBucket = await canServeBucket();

Deno.test(
  "a worker that has lost its bucket gets its runs through the queue until the bucket is back",
  { ignore: !redis || !canBucket, sanitizeOps: false, sanitizeResources: false },
  async () => {
    await using server = await startBucket();
    const files = createBucketFiles(openBucket(bucketConfigOf(server)), Date.now);
    await using engine = await openEngine(redis!.database());
    await using comfyui = await start();
    const clock = { ms: 0 };
    const stop = new AbortController();
    const working = runWorkerHost(
      { engine, bucket: files, backend: comfyui.backend, now: () => performance.now() + clock.ms },
      { name: "gpu-2", onReady() {}, onBeat() {} },
      stop.signal,
    );
    working.catch(() => {});

    let said: Announcement | undefined;
    const untilSaid = (what: string, isSo: (announcement: Announcement) => boolean) =>
      until(what, async () => {
        const [written] = await engine.announced();
        said = Announcement.safeParse(written).data;
        return said !== undefined && isSo(said);
      });
    await using bot = createRemoteBackend({
      engine,
      // Its ComfyUI was not asked since the clock's jump.
      find: () => said && { ...said, comfyui: { devices: [] } },
      bucket: files,
    }, "gpu-2");
    await untilSaid("it has the bucket", ({ bucket }) => bucket === files.where);

    await server.stop();
    const request = quick();
    const { promptId, outputNode } = request;
    const { name, mime } = picture;
    const sent = engine.openQueue("gpu-2");
    await sent.add("run", {
      protocol,
      promptId,
      graph: request.fill([name]),
      outputNode,
      previews: false,
      pictures: [{ key: pictureKey(promptId, "in", 0), name, mime }],
      picturesIn: "bucket",
    }, { jobId: promptId });
    await untilSaid("it has lost the bucket", ({ bucket }) => bucket === undefined);
    const job = await sent.getJob(promptId);
    assert.equal(job?.finishedOn, undefined, "a bucket may be away for a minute");
    clock.ms += 100_000;
    const late = AbortSignal.timeout(30_000);
    await assert.rejects(collect(bot, again(request), late), PromptLostError);
    await sent.close();

    const events = await collect(bot, request);
    assert.ok(doneOf(events).picture.bytes.length > 0, "it came through the queue");
    await server.start();
    await untilSaid("it has the bucket again", ({ bucket }) => bucket === files.where);
    stop.abort();
    await working;
    // It waits for that for two seconds at most.
    await until("nothing is left in the bucket", async () => (await server.names()).length === 0);
  },
);
