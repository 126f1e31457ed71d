/**
 * The worker's loop beats whatever it waits for, and says so: a watchdog hears that it lives.
 *
 * Drives besides: src/worker/outbox.ts.
 */
import assert from "node:assert/strict";
import { until } from "../../lab/until.ts";
import { openFileStore } from "../../src/images/file_store.ts";
import { openEstimator } from "../../src/jobs/estimator.ts";
import { limitSignal } from "../../src/lib/abort.ts";
import { createSerializer } from "../../src/lib/serialize.ts";
import { createWorker } from "../../src/worker/worker.ts";
import { openQueue, request } from "../jobs/job_fixture.ts";
import { SmallBackend } from "./small_backend.ts";
import { Chat, template, undrawn } from "./worker_fixture.ts";

Deno.test("run() beats while nothing waits, while its places are taken, and still claims what comes", async () => {
  const dir = await Deno.makeTempDir();
  await using backend = new SmallBackend();
  const storage = await openFileStore(dir);
  const queue = await openQueue();
  let beats = 0;
  const worker = createWorker({
    backend,
    queue,
    storage,
    estimator: await openEstimator({
      load: () => Promise.resolve(undefined),
      save: () => Promise.resolve(),
    }),
    messenger: new Chat(queue),
    drawing: undrawn,
    chatTurns: createSerializer(),
    template: () => template,
    now: () => 1_000,
    newPromptId: () => crypto.randomUUID(),
    heartbeat: { beat: () => beats++, maxMs: 2 },
  }, () => ({ depth: 1, timeoutMs: 60_000, megapixels: 1, keepResults: true, retryMs: 1 }));
  const stopping = new AbortController();
  const running = worker.run(stopping.signal);
  const turnsMore = (count: number) => {
    const from = beats;
    return until(`${count} more beats`, () => beats >= from + count);
  };

  await turnsMore(3);
  await storage.saveInput("a.png", Uint8Array.of(1));
  await queue.enqueue(request("a"));
  await backend.prompt(1);
  await turnsMore(3);
  assert.equal((await queue.get("a"))?.state, "submitted");
  stopping.abort();
  await running;
  const stopped = beats;
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(beats, stopped);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("limitSignal() aborts with its signal or when its time is over, and not once it is disposed of", async () => {
  const stop = new AbortController();
  using late = limitSignal(stop.signal, 1);
  await late.over;
  assert.equal(late.signal.aborted, true);

  using unlimited = limitSignal(stop.signal);
  const disposed = limitSignal(stop.signal, 1);
  disposed[Symbol.dispose]();
  stop.abort(new Error("stop"));
  await unlimited.over;
  assert.match(String(unlimited.signal.reason), /stop/);
  assert.equal(disposed.signal.aborted, false);

  using gone = limitSignal(stop.signal, 1);
  await gone.over;
  assert.equal(gone.signal.aborted, true);
});
