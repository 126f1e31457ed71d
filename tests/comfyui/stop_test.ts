/** Backend.run() when somebody gives up, and Backend.interrupt(). */
import assert from "node:assert/strict";
import { WorkflowInterruptedError } from "../../src/lib/errors.ts";
import {
  again,
  collect,
  connect,
  endOf,
  followTo,
  never,
  sampling,
  start,
  submitAsStranger,
} from "./backend_fixture.ts";

const gaveUp = new Error("the person gave up");

Deno.test("run() interrupts its own prompt, and no other, when aborted while it runs (trap 8)", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  const mine = sampling({ steps: 1000 });
  const controller = new AbortController();
  let stranger = "";
  await assert.rejects(async () => {
    for await (const event of backend.run(mine, { signal: controller.signal })) {
      if (event.type !== "step" || stranger) continue;
      stranger = await submitAsStranger(comfy, 3);
      controller.abort(gaveUp);
    }
  }, gaveUp);
  assert.equal(await endOf(comfy, mine.promptId), "interrupted");
  assert.equal(await endOf(comfy, stranger), "success");
});

Deno.test("run() takes its prompt out of the queue when aborted while it waits (trap 8)", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  using stuck = comfy.faults.add({ kind: "stuck" });
  const stranger = await submitAsStranger(comfy, 2);
  const mine = sampling();
  const controller = new AbortController();
  await assert.rejects(async () => {
    for await (const event of backend.run(mine, { signal: controller.signal })) {
      assert.equal(event.type, "accepted");
      controller.abort(gaveUp);
    }
  }, gaveUp);
  assert.deepEqual(comfy.queue().pending, []);
  stuck.remove();
  assert.equal(await endOf(comfy, stranger), "success");
  assert.deepEqual(comfy.ran.map((run) => run.promptId), [stranger]);
});

Deno.test("run() withdraws the prompt when aborted before the answer to its POST has come", async () => {
  await using fixture = await start({ requestTimeoutMs: 300 });
  const { comfy, backend } = fixture;
  const mine = sampling({ steps: 1000 });
  const path = /^\/prompt$/;
  comfy.faults.add({ kind: "http", path, answer: "hang", processed: true, times: 1 });
  const controller = new AbortController();
  const run = collect(backend, mine, controller.signal);
  run.catch(() => {});
  await comfy.until(() => comfy.queue().running.includes(mine.promptId), {
    what: "the prompt run",
  });
  controller.abort(gaveUp);
  await assert.rejects(run, gaveUp);
  assert.equal(await endOf(comfy, mine.promptId), "interrupted");
});

Deno.test("run() withdraws the prompt when aborted while its POST is on the way", async () => {
  const posted = Promise.withResolvers<void>();
  const arrives = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await using fixture = await start();
  const { comfy } = fixture;
  await using backend = connect(comfy, {
    /** What has left takes effect, whether or not anybody waits for the answer any more. */
    async fetch(input, init) {
      if (new URL(String(input)).pathname !== "/prompt") return await fetch(input, init);
      posted.resolve();
      const aborted = Promise.withResolvers<never>();
      const signal = init && "signal" in init ? init.signal : undefined;
      signal?.addEventListener("abort", () => aborted.reject(signal.reason));
      const answer = arrives.promise.then(() => fetch(input, { ...init, signal: null }));
      answer.then(() => answered.resolve());
      return await Promise.race([answer, aborted.promise]);
    },
  });
  await submitAsStranger(comfy, 1000);
  const controller = new AbortController();
  const run = assert.rejects(collect(backend, sampling(), controller.signal), gaveUp);
  run.catch(() => {});
  await posted.promise;
  controller.abort(gaveUp);
  // By then it would have been looked for.
  await submitAsStranger(comfy, 2);
  const before = comfy.queue().pending;
  arrives.resolve();
  await Promise.all([run, answered.promise]);
  assert.deepEqual(comfy.queue().pending, before);
});

Deno.test("run() submits nothing when aborted before it began", async () => {
  await using fixture = await start();
  const signal = AbortSignal.abort(gaveUp);
  await assert.rejects(collect(fixture.backend, again(sampling()), signal), gaveUp);
  assert.equal(fixture.comfy.ran.length, 0);
});

Deno.test("run() rejects with the reason when aborted and ComfyUI is gone", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  const controller = new AbortController();
  await assert.rejects(async () => {
    for await (const event of backend.run(sampling(), { signal: controller.signal })) {
      if (event.type !== "started") continue;
      await comfy.kill();
      controller.abort(gaveUp);
    }
  }, gaveUp);
});

Deno.test("run() rejects with WorkflowInterruptedError when somebody else interrupts", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  await assert.rejects(async () => {
    for await (const event of backend.run(sampling({ steps: 1000 }), { signal: never })) {
      if (event.type !== "started") continue;
      const response = await fetch(`${comfy.url}/interrupt`, { method: "POST" });
      await response.body?.cancel();
    }
  }, WorkflowInterruptedError);
});

Deno.test("interrupt() stops the prompt when it runs, and frees one that is stuck at a step", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  comfy.faults.add({ kind: "stuck", times: 1 });
  const request = sampling();
  await followTo(backend, request, "started");
  await backend.interrupt(request.promptId, { signal: never });
  assert.equal(await endOf(comfy, request.promptId), "interrupted");
});

Deno.test("interrupt() tries again when ComfyUI answers 404, as some do where nothing runs yet", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  const mine = sampling({ steps: 1000 });
  await followTo(backend, mine, "step");
  using handle = comfy.faults.add({
    kind: "http",
    path: /^\/interrupt$/,
    answer: 404,
    times: 1,
  });
  await backend.interrupt(mine.promptId, { signal: never });
  assert.equal(await endOf(comfy, mine.promptId), "interrupted");
  assert.equal(handle.hits, 1);
});

Deno.test("interrupt() stops the prompt when it begins to run while it is taken out of the queue", async () => {
  await using fixture = await start();
  const { comfy } = fixture;
  await submitAsStranger(comfy, 20);
  const mine = sampling({ steps: 1000 });
  await followTo(fixture.backend, mine, "accepted");
  await using backend = connect(comfy, {
    async fetch(input, init) {
      const isDelete = init && "method" in init && init.method === "POST";
      if (String(input).endsWith("/queue") && isDelete) {
        await comfy.until(() => comfy.queue().running.includes(mine.promptId), {
          what: "the prompt run",
        });
      }
      return await fetch(input, init);
    },
  });
  await backend.interrupt(mine.promptId, { signal: never });
  assert.equal(await endOf(comfy, mine.promptId), "interrupted");
});

Deno.test("interrupt() takes the prompt out of the queue when it waits, and does nothing when it is neither", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  using stuck = comfy.faults.add({ kind: "stuck" });
  const stranger = await submitAsStranger(comfy, 2);
  const mine = sampling();
  await followTo(backend, mine, "accepted");
  assert.deepEqual(comfy.queue().pending, [mine.promptId]);
  await backend.interrupt(mine.promptId, { signal: never });
  assert.deepEqual(comfy.queue(), { running: [stranger], pending: [] });
  await backend.interrupt(mine.promptId, { signal: never });
  stuck.remove();
  assert.equal(await endOf(comfy, stranger), "success");
});
