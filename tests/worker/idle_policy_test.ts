/** A backend without jobs is given back, stopped and started again: on a clock that the test moves. */
import assert from "node:assert/strict";
import { ComfyUIConnectionError } from "../../src/lib/errors.ts";
import { openUnit } from "../../src/systemd/units.ts";
import { createIdlePolicy, type IdlePolicyOptions } from "../../src/worker/idle_policy.ts";
import { openQueue, request } from "../jobs/job_fixture.ts";

const minuteMs = 60_000;
const never = new AbortController().signal;

/** A backend beside a queue; `did` holds what was done to it. */
async function open(options: Partial<IdlePolicyOptions> & { readonly hasUnit?: boolean }) {
  const queue = await openQueue();
  const did: string[] = [];
  const act = (what: string) => () => {
    did.push(what);
    return Promise.resolve();
  };
  const { hasUnit = false, ...times } = options;
  const world = {
    queue,
    did,
    minutes: 0,
    reachable: true,
    answers: true,
    othersJobs: 0,
    async look(minutes: number) {
      world.minutes = minutes;
      await care.look(never);
    },
  };
  const care = createIdlePolicy({
    backend: {
      name: "gpu",
      health: () =>
        world.answers
          ? Promise.resolve({
            version: undefined,
            devices: [],
            running: Array.from({ length: world.othersJobs }, (_, i) => `other-${i}`),
            pending: [],
          })
          : Promise.reject(new ComfyUIConnectionError("Cannot reach ComfyUI")),
      free: act("free"),
    },
    queue,
    reachable: () => world.reachable,
    now: () => world.minutes * minuteMs,
  }, () => ({
    freeAfterMs: 0,
    stopAfterMs: 0,
    unit: hasUnit ? { start: act("start"), stop: act("stop") } : undefined,
    ...times,
  }));
  return world;
}

Deno.test("look() frees once after so long without a job, and again after the next job", async () => {
  const world = await open({ freeAfterMs: 10 * minuteMs });
  for (const minutes of [0, 5, 9.9]) await world.look(minutes);
  assert.deepEqual(world.did, []);
  for (const minutes of [10, 11, 60]) await world.look(minutes);
  assert.deepEqual(world.did, ["free"]);
  await world.queue.enqueue(request("a"));
  await world.look(61);
  await world.queue.claim(() => ({ backend: "gpu", promptId: "1" }));
  await world.look(90);
  await world.queue.update("a", { state: "failed" });
  for (const minutes of [91, 100]) await world.look(minutes);
  assert.deepEqual(world.did, ["free"]);
  await world.look(101);
  assert.deepEqual(world.did, ["free", "free"]);
});

Deno.test("look() leaves a backend alone that another client uses, or that does not answer", async () => {
  const world = await open({ freeAfterMs: 10 * minuteMs });
  await world.look(0);
  world.othersJobs = 1;
  await world.look(10);
  world.othersJobs = 0;
  await world.look(19);
  assert.deepEqual(world.did, [], "the time began anew");
  world.answers = false;
  await world.look(20);
  assert.deepEqual(world.did, []);
  world.answers = true;
  await world.look(21);
  assert.deepEqual(world.did, ["free"]);
});

Deno.test("look() does nothing when it was not asked to", async () => {
  const world = await open({});
  world.answers = false;
  for (const minutes of [0, 1_000]) await world.look(minutes);
  world.reachable = false;
  await world.queue.enqueue(request("a"));
  await world.look(2_000);
  assert.deepEqual(world.did, []);
});

Deno.test("look() stops the unit after so long, and starts it when a job comes", async () => {
  const world = await open({ freeAfterMs: minuteMs, stopAfterMs: 30 * minuteMs, hasUnit: true });
  for (const minutes of [0, 1, 2, 29.9]) await world.look(minutes);
  assert.deepEqual(world.did, ["free"]);
  for (const minutes of [30, 31, 90]) await world.look(minutes);
  assert.deepEqual(world.did, ["free", "stop"]);
  // Nobody has found out yet that it is away.
  await world.queue.enqueue(request("a"));
  for (const minutes of [91, 91.1]) await world.look(minutes);
  assert.deepEqual(world.did, ["free", "stop", "start"]);
});

Deno.test("look() starts the unit when it is away at the start or while jobs wait, once a minute", async () => {
  const world = await open({ hasUnit: true });
  world.answers = false;
  for (const minutes of [0, 0.5, 5]) await world.look(minutes);
  assert.deepEqual(world.did, ["start"]);
  world.reachable = false;
  await world.queue.enqueue(request("a"));
  for (const minutes of [10, 10.5, 10.9]) await world.look(minutes);
  assert.deepEqual(world.did, ["start", "start"]);
  await world.look(11);
  assert.deepEqual(world.did, ["start", "start", "start"]);
});

Deno.test("openUnit() asks systemd and waits for nothing, and says why when it may not", async () => {
  const asked: string[] = [];
  const answers = [
    { code: 0, out: "", err: "" },
    { code: 1, out: "", err: "Failed to stop comfyui.service: Access denied\n" },
  ];
  const unit = openUnit({
    run(program, args) {
      asked.push([program, ...args].join(" "));
      return Promise.resolve(answers.shift()!);
    },
  }, "comfyui.service");
  await unit.start();
  await assert.rejects(
    unit.stop(),
    /^Error: Cannot stop comfyui\.service: Failed .*: Access denied \(wanted a polkit rule /,
  );
  assert.deepEqual(asked, [
    "systemctl start --no-block --no-ask-password comfyui.service",
    "systemctl stop --no-block --no-ask-password comfyui.service",
  ]);
});
