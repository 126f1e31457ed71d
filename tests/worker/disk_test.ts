/** The worker when the disk takes nothing, and when its backend takes nothing: no job fails of it, none loses its place. */
import { configure, reset } from "@logtape/logtape";
import assert from "node:assert/strict";
import { until } from "../../lab/until.ts";
import { WorkflowExecutionError } from "../../src/lib/errors.ts";
import { adoptOrphans } from "../../src/worker/assignment.ts";
import { assertJob, openQueue, request } from "../jobs/job_fixture.ts";
import { SmallBackend } from "./small_backend.ts";
import { finish, result, startWorker } from "./worker_fixture.ts";

Deno.test("run() keeps a result that the disk does not take, and delivers it when there is room", async () => {
  await using fixture = await startWorker();
  const { backend, queue, chat } = fixture;
  await fixture.add("a");
  const prompt = await backend.prompt(1);
  fixture.isDiskFull = true;
  prompt.start();
  prompt.step(1);
  prompt.finish(result);
  // One for each event, then the result's, again and again.
  await until("the result is refused", () => fixture.refusedWrites > 3);
  assertJob(await queue.get("a"), { state: "submitted" });
  const told = ["accepted", "progress", "progress", "storage_away"];
  assert.deepEqual(chat.told("a"), told, "its user sees it run, and that its result waits");
  fixture.isDiskFull = false;
  await fixture.reaches("a", "done");
  assert.deepEqual(chat.results.map(({ bytes }) => bytes), [result]);
  assert.equal(backend.submitted.length, 1);
});

Deno.test("run() cancels a job when its user gives it up while its result waits for the disk", async () => {
  await using fixture = await startWorker();
  const refused = Promise.withResolvers<void>();
  fixture.storage.saveResult = () => {
    refused.resolve();
    return Promise.reject(new TypeError("database or disk is full"));
  };
  await fixture.add("a");
  await finish(fixture, 1);
  await refused.promise;
  await fixture.queue.cancel("a");
  await fixture.reaches("a", "cancelled");
});

Deno.test("run() knows of a delivery that the disk has not taken, and sends nothing twice", async () => {
  await using fixture = await startWorker();
  const { chat } = fixture;
  chat.takes = () => {
    fixture.isDiskFull = true;
    return Promise.resolve({ messageId: 5 });
  };
  await fixture.add("a");
  await finish(fixture, 1);
  await until("it is sent", () => chat.results.length === 1);
  fixture.isDiskFull = false;
  assertJob(await fixture.reaches("a", "done"), { delivered: { messageId: 5 } });
  assert.equal(chat.results.length, 1);
});

Deno.test("run() logs that a job failed when that is written", async () => {
  const lines: string[] = [];
  await configure({
    sinks: { lines: ({ message }) => lines.push(message.join("")) },
    loggers: [
      { category: "bot", lowestLevel: "error", sinks: ["lines"] },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  try {
    await using fixture = await startWorker();
    await fixture.add("a");
    const prompt = await fixture.backend.prompt(1);
    fixture.isDiskFull = true;
    prompt.fail(new WorkflowExecutionError("Cannot run: a node failed"));
    await until("its end is refused", () => prompt.followers === 0 && fixture.refusedWrites > 0);
    const isLogged = () => lines.includes("Job a failed: Cannot run: a node failed");
    assert.ok(!isLogged(), lines.join("\n"));
    fixture.isDiskFull = false;
    await fixture.reaches("a", "failed");
    await until("it is logged", isLogged);
  } finally {
    await reset();
  }
});

Deno.test("run() ends a failed job, and puts a lost one back, when the disk takes it", async () => {
  await using fixture = await startWorker();
  const { backend } = fixture;
  for (const id of ["a", "b"]) await fixture.add(id);
  const prompts = [await backend.prompt(1), await backend.prompt(2)] as const;
  fixture.isDiskFull = true;
  prompts[0].fail(new WorkflowExecutionError("Cannot run: a node failed"));
  await until("the first has ended", () => prompts[0].followers === 0);
  backend.crash();
  await until("the second is lost", () => prompts[1].followers === 0);
  fixture.isDiskFull = false;
  assertJob(await fixture.reaches("a", "failed"), { failure: "execution" });
  await finish(fixture, 3);
  await fixture.reaches("b", "done");
});

Deno.test("run() claims when the disk takes that, and leaves jobs alone until then", async () => {
  await using fixture = await startWorker();
  fixture.queue.paused = true;
  await fixture.add("a");
  fixture.isDiskFull = true;
  fixture.queue.paused = false;
  await assert.rejects(fixture.queue.cancel("a"), /disk is full/);
  assert.equal(fixture.queue.size, 1);
  fixture.isDiskFull = false;
  await finish(fixture, 1);
  await fixture.reaches("a", "done");
});

Deno.test("run() goes on to claim when that has failed for a cause of its own", async () => {
  await using fixture = await startWorker();
  const { queue } = fixture;
  const claim = queue.claim.bind(queue);
  let isBroken = true;
  queue.claim = (patch) => {
    if (!isBroken) return claim(patch);
    isBroken = false;
    return Promise.reject(new Error("a bug"));
  };
  await fixture.add("a");
  await finish(fixture, 1);
  await fixture.reaches("a", "done");
  assert.ok(!isBroken);
});

Deno.test("run() stops at once while it waits for the disk, and the next process attaches", async () => {
  await using fixture = await startWorker({ retryMs: 60_000 });
  const { backend } = fixture;
  await fixture.add("a");
  const prompt = await backend.prompt(1);
  fixture.isDiskFull = true;
  prompt.start();
  prompt.finish(result);
  await until("the result is refused", () => fixture.refusedWrites > 1);
  await fixture.stop();
  fixture.isDiskFull = false;
  await fixture.restart();
  await fixture.reaches("a", "done");
  assert.equal(backend.submitted.length, 1);
});

Deno.test("run() puts a job back that its backend never had when another one could take it", async () => {
  const backend = new SmallBackend();
  backend.goAway();
  await using fixture = await startWorker({ backend, elsewhere: () => true });
  const { queue } = fixture;
  for (const id of ["a", "b"]) await fixture.add(id);
  await until("it waits again", async () => {
    const job = await queue.get("a");
    return job?.state === "queued" && job.history.length > 1;
  });
  const claimed = await queue.claim(() => ({ backend: "other", promptId: "elsewhere" }));
  assert.equal(claimed?.id, "a", "at its old place");
});

Deno.test("run() keeps a job that its backend has when that is away, wherever it could go", async () => {
  await using fixture = await startWorker({ elsewhere: () => true });
  const { backend, queue, worker } = fixture;
  await fixture.add("a");
  await backend.prompt(1);
  backend.goAway();
  await until("it is noticed", () => !worker.reachable);
  assertJob(await queue.get("a"), { state: "submitted", backend: "gpu" });
  backend.comeBack();
  await finish(fixture, 1);
  await fixture.reaches("a", "done");
});

Deno.test("run() moves a job from a backend that stays away only while another one is there all the time", async () => {
  let looks = 0;
  /** Another one comes and goes, as all do whose network does. */
  let isElsewhere = () => looks++ % 7 < 6;
  await using fixture = await startWorker({ elsewhere: () => isElsewhere(), lookMs: 2 });
  const { backend, queue } = fixture;
  await fixture.add("a");
  await backend.prompt(1);
  backend.goAway();
  await until("it has looked often", () => looks > 50);
  assertJob(await queue.get("a"), { state: "submitted", backend: "gpu" });
  isElsewhere = () => true;
  await fixture.reaches("a", "queued");
});

Deno.test("run() keeps a job that its backend may have from a former process, wherever it could go", async () => {
  const backend = new SmallBackend();
  backend.goAway();
  await using fixture = await startWorker({
    backend,
    elsewhere: () => true,
    left: [{ id: "a", record: { promptId: "left" } }],
  });
  await until("it is asked for", () => backend.healthAsked > 1);
  assertJob(await fixture.queue.get("a"), { state: "submitted", backend: "gpu" });
  backend.comeBack();
  await finish(fixture, 1);
  await fixture.reaches("a", "done");
});

Deno.test("run() gives its backend one job after the other, in the queue's order", async () => {
  const slow = Promise.withResolvers<void>();
  class SlowBackend extends SmallBackend {
    asked = 0;
    override async *run(...args: Parameters<SmallBackend["run"]>) {
      if (++this.asked === 1) await slow.promise;
      yield* super.run(...args);
    }
  }
  const backend = new SlowBackend();
  await using fixture = await startWorker({ backend, depth: 2 });
  for (const id of ["a", "b"]) await fixture.add(id);
  await until("the first is on its way", () => backend.asked === 1);
  await fixture.add("c");
  assert.equal(fixture.queue.size, 2);
  slow.resolve();
  await backend.prompt(2);
  assert.deepEqual(backend.submitted.map(({ pictures }) => pictures[0]?.name), ["a.png", "b.png"]);
});

Deno.test("adoptOrphans() puts jobs of a backend that is gone back to their places, and has results delivered", async () => {
  const queue = await openQueue();
  for (const id of ["a", "b", "c", "d", "e", "f"]) await queue.enqueue(request(id));
  const claim = (backend: string) => queue.claim(() => ({ backend, promptId: backend }));
  for (const backend of ["gone", "gone", "here", "gone", "other"]) await claim(backend);
  await queue.update("b", { state: "running" });
  await queue.update("d", { state: "delivering" });
  await adoptOrphans(queue, ["here", "other"]);
  assert.deepEqual(queue.waiting().map(({ id }) => id), ["a", "b", "f"]);
  assertJob(await queue.get("c"), { state: "submitted", backend: "here" });
  assertJob(await queue.get("e"), { state: "submitted", backend: "other" });
  assertJob(await queue.get("d"), { state: "delivering", backend: "here" });
  assertJob(await claim("other"), { id: "a", backend: "other", crashes: 0 });
});
