/** Progress, tracked from what a real ComfyUI said during recorded runs, and from runs made up. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { z } from "zod";
import { PromptEvents } from "../../src/comfyui/prompt_events.ts";
import { parseFrame } from "../../src/comfyui/ws_schema.ts";
import type { BackendEvent } from "../../src/worker/backend.ts";
import { createProgress, type Progress, type ProgressOptions } from "../../src/worker/progress.ts";

const recording = z.object({
  request: z.object({ prompt_id: z.string() }).optional(),
  prompt_id: z.string().optional(),
  /** `t` in seconds. */
  events: z.array(z.object({
    t: z.number(),
    text: z.unknown().optional(),
    binary: z.object({ base64: z.string().nullable() }).optional(),
  })),
});

/** A clock that a test moves. */
function clock() {
  let nowMs = 1_000_000;
  return {
    now: () => nowMs,
    pass(ms: number) {
      nowMs += ms;
    },
    set(ms: number) {
      nowMs = 1_000_000 + ms;
    },
  };
}

function start(options: Partial<ProgressOptions> = {}) {
  const time = clock();
  const tracker = createProgress({
    now: time.now,
    expectedMs: undefined,
    expectedStepMs: undefined,
    ...options,
  });
  return { time, ...tracker };
}

const done: BackendEvent = {
  type: "done",
  picture: { bytes: new Uint8Array(), mime: "image/png" },
  cached: false,
};
const step = (value: number, max: number, nodeId = "9"): BackendEvent => ({
  type: "step",
  nodeId,
  value,
  max,
});
const accepted = (attached = false): BackendEvent => ({ type: "accepted", attached });

/** Folds a recording at the pace at which it was made; `done` at its end where the run ended well. */
async function replay(name: string) {
  const url = new URL(`../recordings/${name}.json`, import.meta.url);
  const { request, prompt_id = request?.prompt_id ?? "", events } = recording.parse(
    JSON.parse(await Deno.readTextFile(url)),
  );
  const run = start();
  const apply = new PromptEvents(prompt_id, run.time.now);
  const shown: Progress[] = [run.apply(accepted())];
  let endedWell = false;
  for (const { t, text, binary } of events) {
    run.time.set(t * 1_000);
    if (text === undefined && !binary?.base64) continue;
    const frame = parseFrame(
      text === undefined ? Uint8Array.fromBase64(binary!.base64!).buffer : JSON.stringify(text),
    );
    apply.onFrame(frame);
    for (;;) {
      const item = await apply.next(0, new AbortController().signal);
      if (item.type === "ask") break;
      shown.push(run.apply(item.event));
    }
    endedWell ||= frame.type === "execution_success";
  }
  if (endedWell) shown.push(run.apply(done));
  return { shown, measured: run.measured() };
}

function assertNeverFalls(shown: readonly Progress[]): void {
  for (const [i, { fraction, leftMs }] of shown.entries()) {
    assert.ok(fraction >= (shown[i - 1]?.fraction ?? 0) && fraction <= 1, `at ${i}: ${fraction}`);
    assert.ok(leftMs === undefined || leftMs >= 0, `at ${i}: ${leftMs} ms left`);
  }
}

Deno.test("createProgress() climbs with the steps of a recorded run to 1", async () => {
  const { shown, measured } = await replay("success_qwen_template_with_previews");
  assertNeverFalls(shown);
  const steps = shown.flatMap(({ step }) => step ? [`${step.value}/${step.max}`] : []);
  assert.deepEqual([...new Set(steps)], ["1/3", "2/3", "3/3"]);
  assert.deepEqual(shown.at(-1), { fraction: 1, step: { value: 3, max: 3 }, leftMs: 0 });
  assert.ok(shown.filter(({ fraction }) => fraction > 0.1 && fraction < 1).length >= 3);
  assert.ok(measured && measured.stepMs! > 0 && measured.totalMs > 2 * measured.stepMs!);
});

for (
  const name of [
    "success_core_nodes",
    "success_previews_with_metadata",
    "success_subfolder_input",
    "success_all_cached",
    "reconnect_mid_run",
    "interrupted_mid_sampling",
    "execution_error_broken_checkpoint",
  ]
) {
  Deno.test(`createProgress() never falls when the run is ${name}`, async () => {
    const { shown } = await replay(name);
    assertNeverFalls(shown);
    assert.equal(shown.at(-1)?.fraction === 1, /^(success|reconnect)/.test(name));
  });
}

Deno.test("measured() gives undefined when a recorded run came from the cache", async () => {
  assert.equal((await replay("success_all_cached")).measured, undefined);
});

Deno.test("apply() tells the time left from the steps when nothing was learned before", () => {
  const { time, apply } = start();
  assert.deepEqual(apply(accepted()), { fraction: 0, leftMs: undefined });
  assert.equal(apply({ type: "started" }).leftMs, undefined);
  time.pass(60_000);
  assert.equal(apply(step(1, 8)).leftMs, undefined, "one step says nothing of the pace");
  time.pass(1_000);
  assert.equal(apply(step(2, 8)).leftMs, 6_000);
  time.pass(3_000);
  assert.equal(apply(step(3, 8)).leftMs, 10_000, "the mean of two steps, five to go");
});

Deno.test("apply() counts down what is expected when it was learned before", () => {
  const { time, apply } = start({ expectedMs: 20_000, expectedStepMs: 2_000 });
  assert.equal(apply(accepted()).leftMs, 20_000);
  time.pass(5_000);
  assert.equal(apply(accepted()).leftMs, 20_000, "it only waits");
  apply({ type: "started" });
  time.pass(4_000);
  assert.equal(apply({ type: "executing", nodeId: "1", classType: "X" }).leftMs, 16_000);
  assert.equal(apply(step(1, 8)).leftMs, 7 * 2_000 + 1_000, "what comes after the sampler is kept");
  time.pass(500);
  assert.equal(apply({ type: "executing", nodeId: "9", classType: "X" }).leftMs, 14_500);
  time.pass(60_000);
  assert.equal(apply({ type: "executing", nodeId: "9", classType: "X" }).leftMs, 0);
});

Deno.test("apply() begins to measure anew when a second sampler begins", () => {
  const { time, apply } = start();
  apply({ type: "started" });
  for (let value = 1; value <= 4; value++) {
    time.pass(1_000);
    apply(step(value, 4));
  }
  time.pass(10_000);
  const second = apply(step(1, 4, "10"));
  assert.deepEqual(second.step, { value: 1, max: 4 });
  assert.equal(second.fraction, 0.95, "the bar stays where it was");
  time.pass(200);
  assert.equal(apply(step(2, 4, "10")).leftMs, 400);
});

Deno.test("measured() leaves the repeated last step out of the pace", () => {
  const { time, apply, measured } = start();
  apply({ type: "started" });
  time.pass(5_000);
  for (const value of [1, 2, 3, 3]) {
    time.pass(1_000);
    apply(step(value, 3));
  }
  time.pass(1_000);
  apply(done);
  assert.deepEqual(measured(), { totalMs: 10_000, stepMs: 1_000 });
});

Deno.test("measured() gives no pace when there was one step, and nothing when there was none", () => {
  const { time, apply, measured } = start();
  apply(accepted());
  apply({ type: "started" });
  assert.equal(measured(), undefined);
  time.pass(3_000);
  apply(step(1, 1));
  assert.deepEqual(measured(), { totalMs: 3_000, stepMs: undefined });
});

Deno.test("measured() gives undefined when the run had begun before it was watched", () => {
  const { time, apply, measured } = start();
  apply(accepted(true));
  apply({ type: "started" });
  for (const value of [6, 7, 8]) {
    time.pass(1_000);
    apply(step(value, 8));
  }
  assert.equal(measured(), undefined);
});

Deno.test("createProgress() never falls and never leaves less than nothing, whatever comes", () => {
  const event = fc.oneof(
    fc.record({ type: fc.constant("accepted" as const), attached: fc.boolean() }),
    fc.constant({ type: "started" } as const),
    fc.record({
      type: fc.constant("step" as const),
      nodeId: fc.constantFrom("1", "2"),
      value: fc.nat(20),
      max: fc.integer({ min: 1, max: 20 }),
    }),
    fc.constant({ type: "executing", nodeId: undefined, classType: undefined } as const),
  );
  const estimate = fc.option(fc.nat(60_000), { nil: undefined });
  fc.assert(fc.property(
    fc.array(fc.tuple(event, fc.nat(5_000))),
    estimate,
    estimate,
    (events, expectedMs, expectedStepMs) => {
      const { time, apply } = start({ expectedMs, expectedStepMs });
      const shown = events.map(([each, ms]) => {
        time.pass(ms);
        return apply(each);
      });
      assertNeverFalls(shown);
      assert.deepEqual([apply(done).fraction, apply(done).leftMs], [1, 0]);
    },
  ));
});
