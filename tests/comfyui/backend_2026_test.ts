/** Backend.run() on a simulated ComfyUI of 2026: what it does there as on one of 2025, and what only there can happen. */
import assert from "node:assert/strict";
import { releases } from "../../lab/comfyui/mod.ts";
import { ResultGoneError, WorkflowRefusedError } from "../../src/lib/errors.ts";
import {
  again,
  collect,
  doneOf,
  endOf,
  followTo,
  never,
  quick,
  sampling,
  start,
  submitAsStranger,
  typesOf,
  uploaded,
} from "./backend_fixture.ts";

const gaveUp = new Error("gave up");
const of2026 = { release: "0.33" } as const;

Deno.test("run() stops its own prompt and no other, waiting or running, when ComfyUI is of 2026", async () => {
  await using fixture = await start({ comfy: of2026 });
  const { comfy, backend } = fixture;
  const stuck = comfy.faults.add({ kind: "stuck" });
  const stranger = await submitAsStranger(comfy, 2);
  const controller = new AbortController();
  await assert.rejects(async () => {
    const run = backend.run(sampling(), { signal: controller.signal });
    for await (const event of run) if (event.type === "accepted") controller.abort(gaveUp);
  }, gaveUp);
  assert.deepEqual(comfy.queue(), { running: [stranger], pending: [] });
  stuck[Symbol.dispose]();

  const mine = sampling({ steps: 1000 });
  await followTo(backend, mine, "step");
  assert.equal(await endOf(comfy, stranger), "success");
  const after = await submitAsStranger(comfy, 2);
  await backend.interrupt(mine.promptId, { signal: never });
  assert.equal(await endOf(comfy, mine.promptId), "interrupted");
  assert.equal(await endOf(comfy, after), "success");
});

Deno.test("run() sees previews of ComfyUI of 2026 when they are wanted, and none when they are not", async () => {
  for (const server of ["none", "latent2rgb"] as const) {
    await using fixture = await start({ comfy: { ...of2026, previews: server } });
    for (const previews of [true, false]) {
      const request = { ...sampling({ seed: previews ? 1 : 2 }), previews };
      const events = await collect(fixture.backend, request);
      assert.equal(typesOf(events).includes("preview"), previews, server);
    }
  }
});

for (const release of releases) {
  Deno.test(`run() rejects when its file was deleted, and the graph gives it under another name, of ${release}`, async () => {
    await using fixture = await start({ comfy: { release } });
    const { comfy, backend } = fixture;
    const first = sampling({ seed: 5 });
    doneOf(await collect(backend, first));
    assert.ok(comfy.remove("output", "", "job_5_00001_.png"));
    // Attached to, and the same graph again, which ComfyUI has in its cache.
    for (const request of [again(first), { ...sampling({ seed: 5 }), pictures: uploaded }]) {
      await assert.rejects(collect(backend, request), ResultGoneError);
    }
    const request = { ...sampling({ seed: 5 }), pictures: uploaded };
    const events = await collect(backend, {
      ...request,
      fill(names) {
        const { "102": saver, ...graph } = request.fill(names);
        assert.ok(saver);
        const inputs = { ...saver.inputs, filename_prefix: "job_5_2" };
        return { ...graph, "102": { ...saver, inputs } };
      },
    });
    assert.equal(events.some((event) => event.type === "step"), false, "nothing is computed again");
    assert.equal(doneOf(events).cached, true);
  });

  Deno.test(`run() fails at once, and nothing runs, when only another output could, of ${release}`, async () => {
    await using fixture = await start({ comfy: { release } });
    const { comfy, backend } = fixture;
    using _stuck = comfy.faults.add({ kind: "stuck" });
    const stranger = await submitAsStranger(comfy, 2);
    const request = sampling({ steps: 3 });
    const run = collect(backend, {
      ...request,
      fill: (names) => ({
        ...request.fill(names),
        "93": {
          class_type: "ImageScaleToTotalPixels",
          inputs: { ...request.fill(names)["93"]?.inputs, megapixels: 99 },
        },
        "200": { class_type: "PreviewImage", inputs: { images: ["78", 0] } },
      }),
    });
    await assert.rejects(run, (error) => {
      assert.ok(error instanceof WorkflowRefusedError);
      assert.equal(
        error.message,
        "Cannot run node 93 (ImageScaleToTotalPixels): megapixels: Value 99.0 bigger than max of 16.0",
      );
      return true;
    });
    assert.deepEqual(comfy.queue(), { running: [stranger], pending: [] });
  });

  Deno.test(`run() is not held up when a stranger's graph holds NaN, of ${release}`, async () => {
    await using fixture = await start({ comfy: { release, stepMs: 20 }, pollMs: 20 });
    const { comfy, backend } = fixture;
    comfy.faults.add({ kind: "socket-cut", refuse: true });
    const promptId = await submitAsStranger(comfy, 10, { certainty: NaN, most: -Infinity });
    const request = quick();
    assert.equal(doneOf(await collect(backend, request)).picture.mime, "image/png");
    assert.equal(await endOf(comfy, promptId), "success");
    const text = await (await fetch(`${comfy.url}/history/${promptId}`)).text();
    assert.match(text, /NaN.*-Infinity/s, "as Python writes it");
  });
}
