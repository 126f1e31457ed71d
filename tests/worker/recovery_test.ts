/**
 * The worker when something breaks off: the backend crashes or is away, this process or the one before it ends.
 *
 * Drives besides: src/worker/connectivity.ts.
 */
import assert from "node:assert/strict";
import { until } from "../../lab/until.ts";
import { PromptLostError, ResultGoneError } from "../../src/lib/errors.ts";
import { assertJob, request } from "../jobs/job_fixture.ts";
import { finish, result, startWorker } from "./worker_fixture.ts";

Deno.test("run() puts a job back at its old place when the backend crashed under it", async () => {
  await using fixture = await startWorker({ depth: 1 });
  const { backend, queue } = fixture;
  for (const id of ["a", "b"]) await fixture.add(id);
  const first = await backend.prompt(1);
  first.start();
  await fixture.reaches("a", "running");
  backend.crash();
  const again = await backend.prompt(2);
  assert.equal(again.pictures[0]?.name, "a.png", "before b");
  assert.notEqual(again.promptId, first.promptId);
  assertJob(await queue.get("a"), {
    state: "submitted",
    crashes: 1,
    params: { steps: 8, seed: 42 },
  });
  again.start();
  again.finish(result);
  await fixture.reaches("a", "done");
});

Deno.test("run() keeps the order of two jobs when the later one is the first to be found lost", async () => {
  await using fixture = await startWorker();
  const { backend, queue } = fixture;
  for (const id of ["a", "b"]) await fixture.add(id);
  const [first, second] = [await backend.prompt(1), await backend.prompt(2)];
  second.fail(new PromptLostError("Cannot follow: lost"));
  await until("the later one waits again", async () => {
    const job = await queue.get("b");
    return job?.history.filter(({ state }) => state === "queued").length === 2;
  });
  first.fail(new PromptLostError("Cannot follow: lost"));
  await backend.prompt(4);
  assert.deepEqual(
    backend.submitted.map(({ pictures }) => pictures[0]?.name),
    ["a.png", "b.png", "a.png", "b.png"],
  );
});

Deno.test("run() fails a job when the backend crashed under it twice", async () => {
  await using fixture = await startWorker({ depth: 1 });
  const { backend } = fixture;
  await fixture.add("a");
  await fixture.add("b");
  for (const n of [1, 2]) {
    (await backend.prompt(n)).start();
    await fixture.reaches("a", "running");
    backend.crash();
  }
  assertJob(await fixture.reaches("a", "failed"), { failure: "crashed" });
  assert.equal((await backend.prompt(3)).pictures[0]?.name, "b.png");
});

for (const state of ["submitted", "running"] as const) {
  Deno.test(`run() has a result that is gone made again under another name, once, when its job was ${state}`, async () => {
    await using fixture = await startWorker();
    const { backend } = fixture;
    await fixture.add("a");
    for (const [n, name] of [[1, "image-edit-bot_a"], [2, "image-edit-bot_a_2"]] as const) {
      const prompt = await backend.prompt(n);
      assert.equal(prompt.graph["3"]?.inputs["filename_prefix"], name);
      if (state === "running") prompt.start();
      await fixture.reaches("a", state);
      prompt.fail(new ResultGoneError("Cannot fetch the result: it is gone"));
    }
    assertJob(await fixture.reaches("a", "failed"), { failure: "execution", crashes: 1 });
    assert.equal(backend.submitted.length, 2);
  });
}

Deno.test("run() does not count a crash against a job that only waited", async () => {
  await using fixture = await startWorker({ depth: 1 });
  const { backend } = fixture;
  await fixture.add("a");
  for (const n of [1, 2, 3]) {
    await backend.prompt(n);
    backend.crash();
  }
  await finish(fixture, 4);
  assertJob(await fixture.reaches("a", "done"), { crashes: 0 });
});

Deno.test("run() tells every user when the backend is away, and goes on by itself when it is back", async () => {
  await using fixture = await startWorker();
  const { backend, worker, queue } = fixture;
  for (const id of ["a", "b", "c"]) await fixture.add(id);
  const running = await backend.prompt(1);
  await backend.prompt(2);
  running.start();
  await fixture.reaches("a", "running");
  backend.goAway();
  await until("it to be noticed", () => !worker.reachable);
  assert.deepEqual(worker.held().map(({ id }) => id), ["a", "b"]);
  assertJob(await queue.get("a"), { state: "running" });
  backend.comeBack();
  await until("it to be back", () => worker.reachable);
  running.finish(result);
  await finish(fixture, 2);
  await finish(fixture, 3);
  for (const id of ["a", "b", "c"]) {
    assertJob(await fixture.reaches(id, "done"), { crashes: 0 });
  }
  assert.equal(backend.submitted.length, 3, "nothing was rendered twice");
});

Deno.test("run() submits anew when the backend comes back from a crash", async () => {
  await using fixture = await startWorker();
  const { backend, worker } = fixture;
  await fixture.add("a");
  await fixture.add("b");
  (await backend.prompt(1)).start();
  await backend.prompt(2);
  await fixture.reaches("a", "running");
  backend.goAway();
  await until("it to be noticed", () => !worker.reachable);
  backend.comeBack({ afterCrash: true });
  await finish(fixture, 3);
  await finish(fixture, 4);
  assertJob(await fixture.reaches("a", "done"), { crashes: 1 });
  assertJob(await fixture.reaches("b", "done"), { crashes: 0 });
});

Deno.test("run() takes jobs again when the one that found the backend away was given up", async () => {
  await using fixture = await startWorker({ depth: 1 });
  const { backend, worker, queue } = fixture;
  backend.goAway();
  await fixture.add("a");
  await until("it to be noticed", () => !worker.reachable);
  await queue.cancel("a");
  await fixture.reaches("a", "cancelled");
  await fixture.add("b");
  const asked = backend.healthAsked;
  await until("it to be asked again and again", () => backend.healthAsked > asked + 3);
  assert.equal(queue.position("b"), 1, "it waits in the queue while the backend is away");
  backend.comeBack();
  await finish(fixture, 1);
  await fixture.reaches("b", "done");
});

Deno.test("run() cancels a job that is lost and given up at once instead of trying it again", async () => {
  await using fixture = await startWorker({ depth: 1 });
  const { backend, queue } = fixture;
  await fixture.add("a");
  (await backend.prompt(1)).start();
  await fixture.reaches("a", "running");
  const states: string[] = [];
  queue.listen(({ state }) => states.push(state), new AbortController().signal);
  const cancelled = queue.cancel("a");
  backend.crash();
  assert.equal((await cancelled).type, "requested");
  await fixture.reaches("a", "cancelled");
  assert.ok(!states.includes("queued"), states.join());
});

Deno.test("run() cancels a job at once when its user gives it up while the backend is away", async () => {
  await using fixture = await startWorker({ depth: 1, retryMs: 60_000 });
  const { backend, queue, worker } = fixture;
  await fixture.add("a");
  (await backend.prompt(1)).start();
  await fixture.reaches("a", "running");
  backend.goAway();
  await until("it to be noticed", () => !worker.reachable);
  await queue.cancel("a");
  await fixture.reaches("a", "cancelled");
  assert.ok(!worker.reachable);
});

Deno.test("run() lets go of what runs when it is stopped, and the next process attaches to it", async () => {
  await using fixture = await startWorker();
  const { backend } = fixture;
  for (const id of ["a", "b", "c"]) await fixture.add(id);
  const [running, warm] = [await backend.prompt(1), await backend.prompt(2)];
  running.start();
  await fixture.reaches("a", "running");
  await fixture.stop();
  // What happens after the stop is for the next process.
  running.finish(result);
  await until("the old process to let go", () => running.followers === 0);
  assert.ok(!running.isWithdrawn && !warm.isWithdrawn);
  assertJob(await fixture.queue.get("a"), { state: "running" });
  assertJob(await fixture.queue.get("c"), { state: "queued" });
  assert.deepEqual(fixture.chat.results, []);

  await fixture.restart();
  await fixture.reaches("a", "done");
  assert.equal(warm.isWithdrawn, false);
  warm.start();
  warm.finish(result);
  await fixture.reaches("b", "done");
  assert.deepEqual(backend.submitted.slice(0, 2), [running, warm], "nothing was submitted twice");
  assert.equal((await backend.prompt(3)).pictures[0]?.name, "c.png");
});

Deno.test("run() submits again when a former process had only written that it would", async () => {
  await using fixture = await startWorker({
    left: [{ id: "a", record: { state: "submitted", promptId: "old" } }],
  });
  assert.notEqual((await fixture.backend.prompt(1)).promptId, "old", "it was back in the queue");
  await finish(fixture, 1);
  await fixture.reaches("a", "done");
});

Deno.test("run() counts a crash when a job ran at the end of a former process and is lost", async () => {
  await using fixture = await startWorker({
    left: [
      { id: "a", record: { state: "running", promptId: "old", crashes: 1 } },
      { id: "b", record: { state: "running", promptId: "older" } },
    ],
  });
  assertJob(await fixture.reaches("a", "failed"), { failure: "crashed" });
  const again = await fixture.backend.prompt(1);
  assert.notEqual(again.promptId, "older");
  await finish(fixture, 1);
  assertJob(await fixture.reaches("b", "done"), { crashes: 1 });
});

Deno.test("run() gives a job up when a former process was asked to", async () => {
  await using fixture = await startWorker({
    left: [{ id: "a", record: { state: "submitted", promptId: "old", cancelRequestedAt: 5 } }],
  });
  await fixture.reaches("a", "cancelled");
  assert.equal(fixture.backend.submitted.length, 0);
});

Deno.test("run() leaves jobs of another backend alone", async () => {
  await using fixture = await startWorker({
    left: [{ id: "a", record: { state: "submitted", promptId: "theirs", backend: "other" } }],
  });
  await fixture.add("b");
  await finish(fixture, 1);
  await fixture.reaches("b", "done");
  assertJob(await fixture.queue.get("a"), { state: "submitted" });
});

for (const sendMark of [undefined, { chat: 40, privates: 41 }]) {
  const what = sendMark ? "had rendered and begun to send" : "had rendered";
  Deno.test(`run() delivers what a former process ${what}`, async () => {
    await using fixture = await startWorker();
    await fixture.storage.saveResult("a.png", result);
    await fixture.stop();
    await fixture.queue.enqueue(request("a"));
    await fixture.queue.claim(() => ({ backend: "gpu" }));
    await fixture.queue.update("a", { state: "delivering", resultFile: "a.png", sendMark });
    await fixture.restart();
    await fixture.reaches("a", "done");
    assert.deepEqual(fixture.chat.results, [{ id: "a", bytes: result }]);
    assert.deepEqual(fixture.chat.lookedFor, sendMark ? ["a"] : [], "it may have been sent");
    assert.equal(fixture.backend.submitted.length, 0);
  });
}

Deno.test("run() does not send again what a former process had delivered and not settled", async () => {
  await using fixture = await startWorker({
    left: [{
      id: "a",
      record: { state: "delivering", resultFile: "a.png", delivered: { messageId: 3 } },
    }],
  });
  assertJob(await fixture.reaches("a", "done"), { delivered: { messageId: 3 }, settled: true });
  assert.deepEqual(fixture.chat.results, []);
  assert.deepEqual(fixture.chat.cleared, ["a"]);
});

Deno.test("run() fails a job when its result is gone, and keeps one that is refused", async () => {
  await using fixture = await startWorker({
    left: [{ id: "a", record: { state: "delivering", resultFile: "a.png" } }],
  });
  assertJob(await fixture.reaches("a", "failed"), { failure: "picture_gone" });
  fixture.chat.takes = () => Promise.resolve(undefined);
  await fixture.add("b");
  await finish(fixture, 1);
  const kept = await fixture.reaches("b", "failed");
  assertJob(kept, { failure: "undeliverable", kept: "person" });
  assert.ok(await fixture.storage.readResult(kept.resultFile ?? ""));
  assert.deepEqual((await fixture.queue.kept(kept.origin.userId)).map(({ id }) => id), ["b"]);
});

Deno.test("run() waits for a delivery when it is stopped, and leaves one that is broken off", async () => {
  await using fixture = await startWorker();
  const { chat } = fixture;
  const sent = Promise.withResolvers<{ messageId: number }>();
  chat.takes = () => sent.promise;
  await fixture.add("a");
  await finish(fixture, 1);
  await fixture.reaches("a", "delivering");
  const stopped = fixture.stop();
  sent.resolve({ messageId: 9 });
  await stopped;
  assertJob(await fixture.queue.get("a"), { state: "done", delivered: { messageId: 9 } });

  await fixture.restart();
  const asked = Promise.withResolvers<void>();
  const broken = Promise.withResolvers<never>();
  fixture.chat.takes = () => {
    asked.resolve();
    return broken.promise;
  };
  await fixture.add("b");
  await finish(fixture, 2);
  await asked.promise;
  const stoppedAgain = fixture.stop();
  broken.reject(new Error("the program stops"));
  await stoppedAgain;
  await fixture.restart();
  await fixture.reaches("b", "done");
  assert.deepEqual(fixture.chat.results.map(({ id }) => id), ["b"]);
});

Deno.test("run() leaves a result to the next process when it is stopped as that is stored", async () => {
  await using fixture = await startWorker();
  const stopped = Promise.withResolvers<void>();
  fixture.queue.listen(({ state }) => {
    if (state === "delivering") stopped.resolve(fixture.stop());
  }, new AbortController().signal);
  const { chat } = fixture;
  await fixture.add("a");
  await finish(fixture, 1);
  await stopped.promise;
  await fixture.restart();
  await fixture.reaches("a", "done");
  assert.deepEqual(fixture.chat.results.map(({ id }) => id), ["a"]);
  assert.deepEqual(chat.results, []);
});
