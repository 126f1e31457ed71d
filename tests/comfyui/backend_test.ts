/**
 * Backend.run() and its fellows on a ComfyUI that behaves.
 *
 * Drives besides: src/comfyui/prompt_status.ts, src/comfyui/run_prompt.ts, src/comfyui/socket.ts.
 */
import assert from "node:assert/strict";
import { releases } from "../../lab/comfyui/mod.ts";
import { gradientPng } from "../../lab/pictures.ts";
import { ComfyUIConnectionError, WorkflowExecutionError } from "../../src/lib/errors.ts";
import type { BackendEvent } from "../../src/worker/backend.ts";
import {
  again,
  collect,
  connect,
  doneOf,
  endOf,
  followTo,
  never,
  picture,
  quick,
  sampling,
  start,
  submitAsStranger,
  typesOf,
  uploaded,
} from "./backend_fixture.ts";

Deno.test("run() uploads, submits, reports each node and step and gives the saved picture", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  const events = await collect(backend, sampling({ steps: 4, seed: 9 }));

  assert.deepEqual(events[0], { type: "accepted", attached: false });
  assert.deepEqual(events[1], { type: "started" });
  assert.deepEqual(typesOf(events), ["accepted", "started", "executing", "step", "done"]);
  assert.ok(
    events.some((event) =>
      event.type === "executing" && event.nodeId === "121" &&
      event.classType === "ClownsharKSampler_Beta"
    ),
  );
  const steps = events.filter((event) => event.type === "step");
  assert.deepEqual(steps.at(-1), { type: "step", nodeId: "121", value: 4, max: 4 });
  const done = doneOf(events);
  assert.deepEqual(done.picture, {
    mime: "image/png",
    bytes: comfy.file("output", "", "job_9_00001_.png"),
  });
  assert.equal(done.cached, false);
});

Deno.test("run() hears a run that ends at once, for its socket is open before the POST (trap 4)", async () => {
  await using fixture = await start();
  const events = await collect(fixture.backend, quick());
  assert.deepEqual(typesOf(events), ["accepted", "started", "executing", "done"]);
});

Deno.test("run() gives previews when ComfyUI makes them (trap 7)", async () => {
  await using fixture = await start({ comfy: { previews: "latent2rgb" } });
  const { comfy, backend } = fixture;
  const sent: Uint8Array[] = [];
  using _frames = comfy.onFrame(({ data }) => data instanceof Uint8Array && sent.push(data));
  const events = await collect(backend, sampling());
  assert.deepEqual(new Set(sent.map((bytes) => bytes[3])), new Set([4]), "they name their prompt");
  const preview = events.find((event) => event.type === "preview");
  assert.equal(preview?.picture.mime, "image/jpeg");
  assert.deepEqual([...preview?.picture.bytes.subarray(0, 3) ?? []], [0xff, 0xd8, 0xff]);
});

Deno.test("run() says so when everything came from the cache (traps 9, 10)", async () => {
  await using fixture = await start();
  const first = doneOf(await collect(fixture.backend, sampling({ seed: 5 })));
  const events = await collect(fixture.backend, { ...sampling({ seed: 5 }), pictures: uploaded });
  assert.equal(events.some((event) => event.type === "step"), false);
  const second = doneOf(events);
  assert.deepEqual([first.cached, second.cached], [false, true]);
  assert.deepEqual(second.picture, first.picture);
});

Deno.test("run() is cached when only the saving was new", async () => {
  await using fixture = await start();
  const request = sampling({ seed: 5 });
  await collect(fixture.backend, request);
  const { "102": saver, ...rest } = request.fill(["in.png"]);
  const events = await collect(fixture.backend, {
    ...sampling(),
    pictures: uploaded,
    fill: () => ({
      ...rest,
      "102": { class_type: "SaveImage", inputs: { ...saver?.inputs, filename_prefix: "other" } },
    }),
  });
  assert.equal(doneOf(events).cached, true);
});

Deno.test("run() goes on to the last node when an earlier one has outputs (trap 9)", async () => {
  await using fixture = await start();
  const request = sampling();
  const events = await collect(fixture.backend, {
    ...request,
    fill: (names) => ({
      ...request.fill(names),
      "200": { class_type: "PreviewImage", inputs: { images: ["78", 0] } },
    }),
  });
  assert.ok(events.some((event) => event.type === "step"));
  assert.equal(doneOf(events).picture.mime, "image/png");
});

Deno.test("run() gives what the output node only shows when it saves nothing (trap 9)", async () => {
  await using fixture = await start();
  const { picture } = doneOf(await collect(fixture.backend, quick("PreviewImage")));
  assert.deepEqual(picture.bytes.subarray(1, 4), new TextEncoder().encode("PNG"));
});

Deno.test("run() fails when the output node saved no picture", async () => {
  await using fixture = await start();
  const request = { ...quick(), outputNode: "3" };
  await assert.rejects(collect(fixture.backend, request), (error: Error) => {
    assert.ok(error instanceof WorkflowExecutionError);
    assert.equal(error.message, "Cannot find the result: node 3 saved no picture");
    assert.equal(error.nodeId, "3");
    return true;
  });
});

Deno.test("run() fills the graph with the names that came back when ComfyUI changes them (trap 12)", async () => {
  await using fixture = await start();
  const names: string[] = [];
  const request = quick();
  await collect(fixture.backend, {
    ...request,
    pictures: () => Promise.resolve([picture, { ...picture, name: "a/b.png" }]),
    fill: (given) => {
      names.push(...given);
      return request.fill(given);
    },
  });
  assert.deepEqual(names, ["in.png", "a%2Fb.png"]);
});

Deno.test("run() fills the graph with the folder when ComfyUI puts a picture into one (trap 12)", async () => {
  await using fixture = await start();
  await using backend = connect(fixture.comfy, {
    async fetch(input, init) {
      const answer = await fetch(input, init);
      if (!String(input).endsWith("/upload/image")) return answer;
      return Response.json({ ...await answer.json(), subfolder: "mine" });
    },
  });
  const names: string[] = [];
  const request = quick();
  await collect(backend, {
    ...request,
    fill: (given) => {
      names.push(...given);
      return request.fill([]);
    },
  });
  assert.deepEqual(names, ["mine/in.png"]);
});

Deno.test("run() fails for good when ComfyUI does not take our prompt_id", async () => {
  await using fixture = await start();
  await using backend = connect(fixture.comfy, {
    async fetch(input, init) {
      const answer = await fetch(input, init);
      if (!String(input).endsWith("/prompt")) return answer;
      return Response.json({ ...await answer.json(), prompt_id: "its own" });
    },
  });
  await assert.rejects(collect(backend, quick()), {
    name: "WorkflowExecutionError",
    message: /ComfyUI assigned a prompt_id of its own/,
  });
});

Deno.test("run() replaces a picture of the same name when it uploads (trap 12)", async () => {
  await using fixture = await start();
  const other = gradientPng(16, 16);
  for (const bytes of [picture.bytes, other]) {
    const pictures = () => Promise.resolve([{ ...picture, bytes }]);
    await collect(fixture.backend, { ...quick(), pictures });
  }
  assert.deepEqual(fixture.comfy.file("input", "", "in.png"), other);
});

Deno.test("run() fails for good when the picture is larger than ComfyUI takes (trap 12)", async () => {
  await using fixture = await start({ comfy: { maxUploadBytes: 100 } });
  await assert.rejects(
    collect(fixture.backend, sampling()),
    (error) =>
      error instanceof WorkflowExecutionError && /wanted at most 100 bytes/.test(error.message),
  );
});

Deno.test("run() names node, input and value when ComfyUI refuses the graph", async () => {
  await using fixture = await start();
  await assert.rejects(collect(fixture.backend, sampling({ sampler: "bogus" })), (error: Error) => {
    assert.ok(error instanceof WorkflowExecutionError);
    assert.equal(
      error.message,
      "Cannot run node 121 (ClownsharKSampler_Beta): sampler_name: 'bogus' not in (list of length 119)",
    );
    return true;
  });
});

Deno.test("run() names node and reason when a node fails", async () => {
  await using fixture = await start();
  fixture.comfy.faults.add({
    kind: "error",
    exceptionType: "torch.OutOfMemoryError",
    exceptionMessage: "Allocation on device ",
  });
  await assert.rejects(collect(fixture.backend, sampling()), (error: Error) => {
    assert.ok(error instanceof WorkflowExecutionError);
    assert.match(error.message, /node 121 .* the GPU is out of memory/);
    assert.deepEqual([error.nodeId, error.nodeType], ["121", "ClownsharKSampler_Beta"]);
    return true;
  });
});

Deno.test("run() gives each of two runs its own events when both are in ComfyUI", async () => {
  await using fixture = await start({ comfy: { previews: "latent2rgb" } });
  const [first, second] = await Promise.all([
    collect(fixture.backend, sampling({ steps: 3, seed: 1 })),
    collect(fixture.backend, sampling({ steps: 7, seed: 2 })),
  ]);
  const maxima = (events: readonly BackendEvent[]) =>
    new Set(events.flatMap((event) => event.type === "step" ? [event.max] : []));
  assert.deepEqual(maxima(first), new Set([3]));
  assert.deepEqual(maxima(second), new Set([7]));
  for (const events of [first, second]) {
    assert.equal(events.filter((event) => event.type === "started").length, 1);
    doneOf(events);
  }
  assert.notDeepEqual(doneOf(first).picture.bytes, doneOf(second).picture.bytes);
  assert.equal(fixture.comfy.sockets, 1);
});

Deno.test("run() keeps the end and the latest step when its reader is slow", async () => {
  await using fixture = await start({ comfy: { previews: "latent2rgb" } });
  const { comfy, backend } = fixture;
  const request = sampling({ steps: 30 });
  const events: BackendEvent[] = [];
  for await (const event of backend.run(request, { signal: never })) {
    events.push(event);
    if (event.type === "accepted") {
      await endOf(comfy, request.promptId);
      // The last frame of a run: what came before it is in by then.
      await comfy.until(() => comfy.queue().running.length === 0, { what: "the queue empty" });
    }
  }
  const steps = events.filter((event) => event.type === "step");
  assert.ok(steps.length < 30, `${steps.length} steps`);
  assert.deepEqual(steps.at(-1), { type: "step", nodeId: "121", value: 30, max: 30 });
  doneOf(events);
});

Deno.test("run() leaves the prompt alone when its reader stops reading", async () => {
  await using fixture = await start();
  const request = sampling();
  await followTo(fixture.backend, request, "started");
  assert.equal(await endOf(fixture.comfy, request.promptId), "success");
});

for (const release of releases) {
  for (const where of ["pending", "running", "ended"] as const) {
    Deno.test(`run() attaches when the prompt is ${where} in ComfyUI ${release}, as after a crash of the bot (trap 1)`, async () => {
      await using fixture = await start({ comfy: { release } });
      const { comfy, backend } = fixture;
      // What runs goes on when it is attached to.
      using stuck = comfy.faults.add({ kind: "stuck", afterStep: 2 });
      if (where === "ended") stuck.remove();
      const request = sampling({ steps: 5 });
      let blocker: string | undefined;
      if (where === "pending") {
        const before = sampling({ seed: 2 });
        blocker = before.promptId;
        await followTo(backend, before, "started");
      }
      await followTo(backend, request, where === "running" ? "step" : "accepted");
      if (where === "ended") await endOf(comfy, request.promptId);
      await backend[Symbol.asyncDispose]();

      await using next = connect(comfy);
      const events: BackendEvent[] = [];
      for await (const event of next.run(again(request), { signal: never })) {
        events.push(event);
        if (event.type === "accepted") stuck.remove();
      }
      assert.deepEqual(events[0], { type: "accepted", attached: true });
      assert.equal(doneOf(events).cached, false);
      assert.equal(events.some((event) => event.type === "step"), where !== "ended");
      assert.deepEqual(
        comfy.ran.map((run) => run.promptId),
        blocker ? [blocker, request.promptId] : [request.promptId],
      );
      assert.equal(
        events.some((event) => event.type === "executing" && event.classType === "VAEDecode"),
        where !== "ended",
        "the class of a node is known from ComfyUI's queue",
      );
    });
  }
}

Deno.test("run() attaches when the prompt ends between the looks at history and queue (trap 1)", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  const request = sampling({ steps: 40 });
  await followTo(backend, request, "step");
  await backend[Symbol.asyncDispose]();
  await using next = connect(comfy, {
    async fetch(input, init) {
      if (String(input).endsWith("/queue")) await endOf(comfy, request.promptId);
      return await fetch(input, init);
    },
  });
  const events = await collect(next, again(request));
  assert.deepEqual(events[0], { type: "accepted", attached: true });
  assert.equal(doneOf(events).cached, false);
});

Deno.test("health() gives version, devices and the length of the queue", async () => {
  await using fixture = await start({ comfy: { version: "0.9.1" } });
  const request = sampling({ steps: 1000 });
  await followTo(fixture.backend, request, "started");
  const health = await fixture.backend.health({ signal: never });
  assert.equal(health.version, "0.9.1");
  assert.ok((health.devices[0]?.vramTotal ?? 0) > 0);
  assert.deepEqual([health.running.length, health.pending.length], [1, 0]);
  await fixture.backend.interrupt(request.promptId, { signal: never });
});

for (const release of releases) {
  Deno.test(`health() gives what waits in the order in which it runs, which /queue does not, ComfyUI ${release}`, async () => {
    await using fixture = await start({ comfy: { release } });
    const { comfy, backend } = fixture;
    using _hold = comfy.faults.add({ kind: "stuck" });
    for (let i = 0; i < 9; i++) await submitAsStranger(comfy, 3);
    for (const left of [7, 6, 5]) {
      const stopped = await fetch(`${comfy.url}/interrupt`, { method: "POST", body: "{}" });
      await stopped.body?.cancel();
      await comfy.until(() => comfy.queue().pending.length === left, { what: `${left} wait` });
      const wire = await (await fetch(`${comfy.url}/queue`)).json();
      const { pending } = await backend.health({ signal: never });
      const ids = wire.queue_pending.map(([, id]: [number, string]) => id);
      assert.deepEqual(pending, comfy.queue().pending);
      assert.notDeepEqual(ids, pending);
    }
  });
}

Deno.test("catalog() gives the classes that are asked for and leaves out what is not installed (trap 16)", async () => {
  await using fixture = await start();
  const { backend } = fixture;
  const asked = ["KSampler", "Image Saver Simple", "NoSuchNode", "KSampler"];
  const catalog = await backend.catalog(asked, { signal: never });
  assert.deepEqual(Object.keys(catalog).toSorted(), ["Image Saver Simple", "KSampler"]);
  assert.ok(catalog["KSampler"]?.inputs["sampler_name"]?.options?.includes("euler"));
  const whole = await backend.catalog([], { signal: never });
  assert.ok(Object.keys(whole).length > 20);
  assert.deepEqual(whole["KSampler"], catalog["KSampler"]);
});

Deno.test("free() unloads the models (trap 19)", async () => {
  await using fixture = await start();
  const { backend } = fixture;
  await collect(backend, sampling());
  await backend.free({ signal: never });
  // What was unloaded is not cached either.
  const events = await collect(backend, { ...sampling(), pictures: uploaded });
  assert.equal(doneOf(events).cached, false);
});

Deno.test("run() rejects and leaves the prompt alone when the backend is disposed of", async () => {
  await using fixture = await start({ comfy: { stepMs: 10 } });
  const request = sampling({ steps: 10 });
  const run = fixture.backend.run(request, { signal: never });
  await assert.rejects(async () => {
    for await (const event of run) {
      if (event.type === "started") await fixture.backend[Symbol.asyncDispose]();
    }
  }, ComfyUIConnectionError);
  assert.equal(await endOf(fixture.comfy, request.promptId), "success");
  await fixture.comfy.until(() => fixture.comfy.sockets === 0, { what: "the socket closed" });
});
