/**
 * The worker between a small backend and a chat: what runs when, what ends it, and what is told.
 *
 * Drives besides: src/worker/end_job.ts, src/worker/run_timeout.ts, src/worker/run_job.ts,
 * src/worker/catalog_cache.ts.
 */
import assert from "node:assert/strict";
import { until } from "../../lab/until.ts";
import {
  PromptLostError,
  WorkflowExecutionError,
  WorkflowInterruptedError,
} from "../../src/lib/errors.ts";
import type { NodeCatalog, NodeInputs } from "../../src/templates/graph.ts";
import { assertJob, requestOf } from "../jobs/job_fixture.ts";
import type { SmallPrompt } from "./small_backend.ts";
import { finish, result, startWorker, template, type WorkerFixture } from "./worker_fixture.ts";

Deno.test("run() has previews made of the jobs whose person wants to see them", async () => {
  await using fixture = await startWorker();
  const { backend, chat } = fixture;
  chat.watched.add("b");
  for (const id of ["a", "b"]) await fixture.add(id);
  assert.deepEqual([(await backend.prompt(1)).previews, (await backend.prompt(2)).previews], [
    false,
    true,
  ]);
});

Deno.test("run() renders a job and delivers what the backend gave, step by step", async () => {
  await using fixture = await startWorker();
  const { backend, chat, storage } = fixture;
  await fixture.add("a");
  const prompt = await backend.prompt(1);
  const submitted = await fixture.reaches("a", "submitted");
  assertJob(submitted, { backend: "gpu", promptId: prompt.promptId, submittedAt: 1_000_000 });
  assert.deepEqual(prompt.graph, {
    "1": { class_type: "LoadImage", inputs: { image: "a.png" } },
    "2": { class_type: "Edit", inputs: { text: "make it night", image: ["1", 0] } },
    "3": {
      class_type: "SaveImage",
      inputs: { images: ["2", 0], filename_prefix: "image-edit-bot_a" },
    },
  });
  assert.equal(new TextDecoder().decode(prompt.pictures[0]?.bytes), "picture a");

  fixture.time += 3_000;
  prompt.start();
  assertJob(await fixture.reaches("a", "running"), { startedAt: 1_003_000 });
  prompt.step(4, 8);
  await until(
    "the step",
    () =>
      chat.events.some(({ event }) =>
        event.type === "progress" && event.step?.value === 4 && event.fraction > 0.5
      ),
  );
  fixture.time += 5_000;
  prompt.finish(result);
  const done = await fixture.reaches("a", "done");
  assertJob(done, {
    renderedAt: 1_008_000,
    endedAt: 1_008_000,
    delivered: { messageId: 5 },
    resultFile: "a.bin",
    sendMark: { chat: 40, privates: 41 },
    settled: true,
  });
  assert.deepEqual(chat.results, [{ id: "a", bytes: result }]);
  assert.deepEqual(chat.lookedFor, []);
  assert.deepEqual(chat.cleared, ["a"]);
  assert.deepEqual(await storage.readResult("a.bin"), result);
});

Deno.test("run() removes a result that was delivered when it should not be kept", async () => {
  await using fixture = await startWorker({ keepResults: false });
  await fixture.add("a");
  await finish(fixture, 1);
  await fixture.reaches("a", "done");
  await until(
    "the file to go",
    async () => await fixture.storage.readResult("a.bin") === undefined,
  );
});

Deno.test("run() learns how long a job took, and not from the cache", async () => {
  await using fixture = await startWorker();
  const { backend, estimator } = fixture;
  const kind = { template: "edit", params: { steps: 8 }, pictures: [{}] } as never;
  await fixture.add("a");
  await fixture.add("b");
  for (const [n, cached] of [[1, true], [2, false]] as const) {
    assert.equal(estimator.expectMs(kind), undefined);
    const prompt = await backend.prompt(n);
    prompt.start();
    await until("the start", () => prompt.isHeard);
    for (const value of [1, 2]) {
      fixture.time += 1_000;
      prompt.step(value);
      await until("the step", () => prompt.isHeard);
    }
    prompt.finish(result, { cached });
    await fixture.reaches(n === 1 ? "a" : "b", "done");
  }
  assert.equal(estimator.stepMs(kind), 1_000);
});

Deno.test("run() keeps the next job warm in the backend and the rest in the queue when depth is 2", async () => {
  await using fixture = await startWorker();
  const { backend, queue } = fixture;
  for (const id of ["a", "b", "c"]) await fixture.add(id);
  const first = await backend.prompt(1);
  await backend.prompt(2);
  assertJob(await queue.get("b"), { state: "submitted" });
  assertJob(await queue.get("c"), { state: "queued" });
  assert.equal(backend.submitted.length, 2);

  first.start();
  first.finish(result);
  await backend.prompt(3);
  assert.deepEqual(backend.submitted.map(({ pictures }) => pictures[0]?.name), [
    "a.png",
    "b.png",
    "c.png",
  ]);
});

Deno.test("run() takes what was not for it yet as soon as its own job has ended", async () => {
  let asked = 0;
  await using fixture = await startWorker({
    picking: {
      pickMs: 3_600_000,
      pick([next]) {
        asked++;
        return fixture.worker.held().length === 0 ? next : undefined;
      },
    },
  });
  await fixture.add("a");
  await fixture.backend.prompt(1);
  await fixture.add("b");
  await until("b is refused", () => asked >= 2);
  await finish(fixture, 1);
  await finish(fixture, 2);
  await fixture.reaches("b", "done");
});

Deno.test("run() takes the next job while a result is on its way to its user", async () => {
  await using fixture = await startWorker({ depth: 1 });
  const { chat, backend } = fixture;
  const sent = Promise.withResolvers<void>();
  chat.takes = async () => {
    await sent.promise;
    return { messageId: 5 };
  };
  await fixture.add("a");
  await fixture.add("b");
  await finish(fixture, 1);
  await backend.prompt(2);
  assertJob(await fixture.queue.get("a"), { state: "delivering" });
  sent.resolve();
  await fixture.reaches("a", "done");
});

/** Has the second of two jobs of one chat, a and b, collected while the first runs; gives the first one's prompt. */
async function collectLaterOne(fixture: WorkerFixture): Promise<SmallPrompt> {
  await fixture.add("a");
  await fixture.add("b");
  const [first, second] = [await fixture.backend.prompt(1), await fixture.backend.prompt(2)];
  first.start();
  second.start();
  second.finish(result);
  // It waits for its turn, where that is not over by now.
  await until("b is rendered", async () => (await fixture.queue.get("b"))?.resultFile);
  return first;
}

Deno.test("run() delivers the results of one chat in their order when the later one is collected first", async () => {
  await using fixture = await startWorker();
  const first = await collectLaterOne(fixture);
  first.finish(result);
  await fixture.reaches("b", "done");
  assert.deepEqual(fixture.chat.results.map(({ id }) => id), ["a", "b"]);
});

Deno.test("run() delivers what was collected first after an earlier job that a former process left", async () => {
  await using fixture = await startWorker();
  const first = await collectLaterOne(fixture);
  await fixture.restart();
  first.finish(result);
  await fixture.reaches("b", "done");
  await fixture.reaches("a", "done");
  assert.deepEqual(fixture.chat.results.map(({ id }) => id), ["a", "b"]);
});

Deno.test("run() delivers an earlier result first though its job is lost and rendered again, over a restart too", async () => {
  await using fixture = await startWorker();
  const first = await collectLaterOne(fixture);
  first.fail(new PromptLostError("Cannot follow: lost"));
  await fixture.backend.prompt(3);
  await fixture.restart();
  await finish(fixture, 3);
  await fixture.reaches("b", "done");
  assert.deepEqual(fixture.chat.results.map(({ id }) => id), ["a", "b"]);
});

Deno.test("run() delivers a result that has waited long enough for an earlier one", async () => {
  await using fixture = await startWorker({ orderMs: 20 });
  await collectLaterOne(fixture);
  await fixture.reaches("b", "done");
  assertJob(await fixture.queue.get("a"), { state: "running" });
});

Deno.test("run() has no result wait for a job that was put first later", async () => {
  await using fixture = await startWorker();
  const { backend, queue } = fixture;
  await fixture.add("a");
  const first = await backend.prompt(1);
  queue.paused = true;
  await fixture.add("b");
  await queue.moveToFront("b");
  queue.paused = false;
  await backend.prompt(2);
  first.start();
  first.finish(result);
  await fixture.reaches("a", "done");
});

Deno.test("run() delivers the results of one chat in their order, and lets no other chat wait for that", async () => {
  await using fixture = await startWorker({ depth: 3 });
  const { chat, storage, queue } = fixture;
  const sent = Promise.withResolvers<{ messageId: number }>();
  chat.takes = ({ id }) => id === "a" ? sent.promise : Promise.resolve({ messageId: 6 });
  for (const id of ["a", "b"]) await fixture.add(id);
  await storage.saveInput("c.png", result);
  await queue.enqueue(requestOf(8, "c"));
  for (const n of [1, 2, 3]) {
    await finish(fixture, n);
    await until("it is rendered", async () => (await queue.get("abc"[n - 1]!))?.resultFile);
  }
  await fixture.reaches("c", "done");
  assertJob(await queue.get("b"), { state: "delivering" });
  sent.resolve({ messageId: 5 });
  await fixture.reaches("b", "done");
  assert.deepEqual(chat.results.map(({ id }) => id), ["c", "a", "b"]);
});

Deno.test("held() counts down for the job that runs alone, and knows nothing of new kinds", async () => {
  await using fixture = await startWorker();
  const { backend, worker, estimator, queue } = fixture;
  const leftMs = () => worker.held().map((job) => job.leftMs);
  assert.deepEqual(leftMs(), []);
  await fixture.add("a");
  await backend.prompt(1);
  assert.deepEqual(leftMs(), [undefined]);
  await finish(fixture, 1);
  const learned = await fixture.reaches("a", "done");
  await estimator.learn(learned, { totalMs: 20_000, stepMs: 2_000 });

  await fixture.add("b");
  await fixture.add("c");
  const running = await backend.prompt(2);
  await backend.prompt(3);
  running.start();
  await fixture.reaches("b", "running");
  assert.deepEqual(leftMs(), [20_000, 20_000]);
  fixture.time += 15_000;
  assert.deepEqual(leftMs(), [5_000, 20_000], "5 s of the one, 20 s of the one that waits");
  fixture.time += 15_000;
  assert.deepEqual(leftMs(), [0, 20_000], "who is late takes nothing off the one that waits");
  assert.deepEqual(worker.held().map(({ id, hasBegun }) => [id, hasBegun]), [
    ["b", true],
    ["c", false],
  ]);
  assert.equal(queue.size, 0);
});

Deno.test("run() cancels a job when it waits in the backend, and takes the next", async () => {
  await using fixture = await startWorker({ depth: 1 });
  const { backend, queue, chat } = fixture;
  await fixture.add("a");
  await fixture.add("b");
  const prompt = await backend.prompt(1);
  assert.equal((await queue.cancel("a")).type, "requested");
  assertJob(await fixture.reaches("a", "cancelled"), { endedAt: 1_000_000 });
  assert.ok(prompt.isWithdrawn);
  assert.notEqual((await backend.prompt(2)).promptId, prompt.promptId);
  assert.deepEqual(chat.results, []);
  await until("the job to be settled", async () => (await queue.get("a"))?.settled);
});

Deno.test("run() cancels a job when it runs, and leaves the others alone", async () => {
  await using fixture = await startWorker();
  const { backend, queue } = fixture;
  await fixture.add("a");
  await fixture.add("b");
  const [running, warm] = [await backend.prompt(1), await backend.prompt(2)];
  running.start();
  await fixture.reaches("a", "running");
  await queue.cancel("a");
  await fixture.reaches("a", "cancelled");
  assert.ok(running.isWithdrawn);
  assert.ok(!warm.isWithdrawn);
  await finish(fixture, 2);
  await fixture.reaches("b", "done");
});

Deno.test("run() cancels a job when its user gives it up at the moment of its claim", async () => {
  await using fixture = await startWorker();
  const { queue, chat } = fixture;
  // The cancel is in the queue's turn behind the claim, before the worker has the job in its hands.
  queue.listen((job) => {
    if (job.state === "submitted" && !job.cancelRequestedAt) queue.cancel(job.id);
  }, new AbortController().signal);
  await fixture.add("a");
  await fixture.reaches("a", "cancelled");
  assert.deepEqual(chat.results, []);
});

Deno.test("run() cancels a job when its user gives it up while its result is being stored", async () => {
  await using fixture = await startWorker();
  const { queue, storage, chat } = fixture;
  const { saveResult } = storage;
  storage.saveResult = async (...result) => {
    await queue.cancel("a");
    await saveResult(...result);
  };
  await fixture.add("a");
  await finish(fixture, 1);
  await fixture.reaches("a", "cancelled");
  assert.deepEqual(chat.results, []);
});

Deno.test("run() fails a job when it shows no progress for too long, not one that waits, for its pictures either", async () => {
  await using fixture = await startWorker({ timeoutMs: 5 });
  const { backend } = fixture;
  for (const id of ["a", "b", "c"]) await fixture.add(id);
  const [running, warm] = [await backend.prompt(1), await backend.prompt(2)];
  warm.waitForStorage();
  await until("it waits", () => fixture.chat.told("b").includes("storage_away"));
  running.start();
  assertJob(await fixture.reaches("a", "failed"), {
    failure: "timeout",
    error: "Cannot wait any longer: no progress",
  });
  assert.ok(running.isWithdrawn);
  (await backend.prompt(3)).start();
  await fixture.reaches("c", "failed");
  assertJob(await fixture.queue.get("b"), { state: "submitted" });
  assert.equal(warm.followers, 1);
});

Deno.test("run() does not take its own sleep for the backend's silence", async () => {
  const timeoutMs = 1000;
  await using fixture = await startWorker({ timeoutMs });
  await fixture.add("a");
  const prompt = await fixture.backend.prompt(1);
  prompt.start();
  await fixture.reaches("a", "running");
  // Nothing runs in this process, as where a laptop's lid is closed; what was due then comes first.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeoutMs);
  await new Promise((resolve) => setTimeout(resolve, 0));
  prompt.finish(result);
  await fixture.reaches("a", "done");
});

Deno.test("run() fails a job with the reason when the backend gives one, and takes the next", async () => {
  await using fixture = await startWorker({ depth: 1 });
  const { backend, chat, queue } = fixture;
  const ends = [
    [new WorkflowExecutionError("Cannot run node 2 (Edit): boom", "2", "Edit"), "execution"],
    [
      new WorkflowExecutionError("Cannot run node 2 (Edit): the GPU is out of memory", "2"),
      "out_of_memory",
    ],
    [new WorkflowInterruptedError("Cannot finish the workflow: it was interrupted"), "interrupted"],
  ] as const;
  for (const [i, [error, failure]] of ends.entries()) {
    await fixture.add(`job${i}`);
    const prompt = await backend.prompt(i + 1);
    prompt.start();
    prompt.fail(error);
    const failed = await fixture.reaches(`job${i}`, "failed");
    assertJob(failed, { failure, error: error.message, endedAt: 1_000_000 });
    await until("it to be settled", async () => (await queue.get(`job${i}`))?.settled);
  }
  assert.deepEqual(chat.results, []);
});

Deno.test("run() fails a job when its picture or its template is gone", async () => {
  await using fixture = await startWorker();
  const { backend, queue, storage } = fixture;
  await storage.saveInput("a.png", result);
  fixture.template = undefined;
  await fixture.add("a");
  assertJob(await fixture.reaches("a", "failed"), {
    error: "Cannot run template edit: there is no such template",
  });
  await fixture.restart();
  fixture.template = template;
  await fixture.add("b");
  await backend.prompt(1);
  await fixture.add("c");
  await backend.prompt(2);
  await fixture.add("d");
  await storage.removeInput("d.png");
  await finish(fixture, 1);
  assertJob(await fixture.reaches("d", "failed"), { failure: "picture_gone" });
  assert.equal(queue.size, 0);
});

Deno.test("run() completes the graph by what the backend says, and anew when that was updated meanwhile", async () => {
  await using fixture = await startWorker();
  const { backend } = fixture;
  const edit = (steps: number, more: NodeInputs = {}): NodeCatalog => ({
    Edit: {
      outputNode: false,
      inputs: { ...more, steps: { type: "INT", required: true, default: steps } },
    },
  });
  backend.nodes = edit(1);
  await fixture.add("a");
  assert.equal((await backend.prompt(1)).graph["2"]?.inputs["steps"], 1);
  await finish(fixture, 1);

  backend.nodes = edit(2, { tiling: { type: "BOOLEAN", required: true } });
  backend.objection = ({ "2": node }) =>
    node?.inputs["tiling"] === undefined ? "no tiling" : undefined;
  await fixture.add("b");
  const { inputs } = (await backend.prompt(2)).graph["2"]!;
  assert.deepEqual([inputs["steps"], inputs["tiling"]], [2, false]);
  assert.equal(backend.refused.length, 1);
  await finish(fixture, 2);

  backend.objection = () => "no";
  await fixture.add("c");
  assertJob(await fixture.reaches("c", "failed"), { failure: "refused", error: "no" });
  assert.equal(backend.refused.length, 2);
});
