/** Where jobs stand among ours and what others have put into the backends, and how long that takes. */
import assert from "node:assert/strict";
import type { BackendHealth } from "../../src/worker/backend.ts";
import { createQueuePositions } from "../../src/worker/queue_position.ts";
import type { HeldJob } from "../../src/worker/worker.ts";
import { openQueue, request } from "../jobs/job_fixture.ts";

/** One backend: the jobs that its worker holds, and the prompts in its queue; `undefined` where it does not answer. */
interface World {
  readonly held?: readonly HeldJob[];
  readonly running?: readonly string[];
  readonly pending?: readonly string[] | undefined;
  readonly reachable?: boolean;
  /** It keeps its answer back. */
  readonly hangs?: boolean;
}

const held = (id: string, hasBegun = false, leftMs: number | undefined = 10_000): HeldJob => ({
  id,
  promptId: `p-${id}`,
  hasBegun,
  leftMs,
});

/** A queue of `jobs`, the first `claimed` of them claimed, in front of those backends; each job takes 10 s. */
async function open(
  worlds: readonly World[],
  { jobs = [], claimed = 0, expectMs = () => 10_000 }: {
    readonly jobs?: readonly string[];
    readonly claimed?: number;
    readonly expectMs?: () => number | undefined;
  } = {},
) {
  const queue = await openQueue();
  for (const id of jobs) await queue.enqueue(request(id));
  for (let i = 0; i < claimed; i++) {
    await queue.claim(({ id }) => ({ backend: "gpu-0", promptId: `p-${id}` }));
  }
  const answers = worlds.map(({ running = [], pending, hangs = false }, i) => {
    const name = `gpu-${i}`;
    const health: BackendHealth = { version: "1", devices: [], running, pending: pending ?? [] };
    return { name, hangs, answer: { ok: true as const, name, health } };
  });
  const isHanging = { value: true };
  const positions = createQueuePositions({
    queue,
    estimator: { expectMs },
    look: () =>
      answers.some(({ hangs }) => hangs) && isHanging.value
        ? new Promise(() => {})
        : Promise.resolve(answers.map(({ answer }) => answer)),
    workers: () =>
      worlds.map(({ held = [], reachable = true }, i) => ({
        name: `gpu-${i}`,
        held: () => held,
        reachable,
      })),
  });
  const at = async (id: string) => {
    const job = await queue.get(id);
    assert.ok(job);
    const found = await positions.of(job);
    return found && [found.position, found.waitMs];
  };
  return { queue, positions, at, isHanging };
}

Deno.test("of() counts the prompts of others before a job that is in ComfyUI", async () => {
  const others = ["x", "y", "z"];
  const jobs = ["a", "b", "c"];
  for (
    const [world, expected] of [
      [{ running: ["x"], pending: ["p-a"], held: [held("a")] }, [1, 10_000]],
      [{ running: ["x"], pending: ["y", "z", "p-a"], held: [held("a")] }, [3, 30_000]],
      // Others that come after it do not count.
      [{ running: ["x"], pending: ["y", "p-a", "z"], held: [held("a")] }, [2, 20_000]],
      // It is not there yet: it will come last.
      [{ running: ["x"], pending: ["y", "z"], held: [held("a")] }, [3, 30_000]],
      [{ pending: others, held: [held("a")] }, [4, 30_000]],
    ] as const
  ) {
    const { at } = await open([world], { jobs, claimed: 1 });
    assert.deepEqual(await at("a"), expected, JSON.stringify(world));
  }
});

Deno.test("of() counts ours that ComfyUI has and that have not begun, for those behind them", async () => {
  const world: World = {
    running: ["p-a"],
    pending: ["x", "p-b"],
    held: [held("a", true, 4_000), held("b")],
  };
  const { at, positions, queue } = await open([world], { jobs: ["a", "b", "c", "d"], claimed: 2 });
  await queue.update("a", { state: "running" });
  assert.equal(await at("a"), undefined, "it has begun");
  assert.deepEqual(await at("b"), [2, 14_000]);
  assert.deepEqual(await at("c"), [3, 24_000]);
  assert.deepEqual(await at("d"), [4, 34_000]);
  assert.equal(await positions.waiting(), 4);
});

Deno.test("of() counts of several backends what begins before the job's turn", async () => {
  const busy: World = { running: ["x"], pending: ["y1", "y2", "y3"] };
  const jobs = ["a", "b", "c", "d", "e"];
  const two = await open([busy, {}], { jobs });
  const places = await Promise.all(jobs.map(async (id) => (await two.at(id))?.[0]));
  // The second one takes a, b, c and d while the first one is at its own; each turn one of those begins.
  assert.deepEqual(places, [1, 3, 5, 7, 8]);
  const waits = await Promise.all(jobs.map(async (id) => (await two.at(id))?.[1]));
  assert.deepEqual(waits, [0, 10_000, 20_000, 30_000, 40_000]);
  const both = await open([{ ...busy, pending: ["y1"] }, { running: ["z"], pending: ["z1"] }], {
    jobs,
  });
  assert.deepEqual(await both.at("a"), [3, 20_000]);
  const alone = await open([{ ...busy, reachable: false }, {}], { jobs });
  assert.deepEqual(await alone.at("b"), [2, 10_000], "who is away takes nothing");
  const idle = await open([{}, {}, {}], { jobs });
  assert.deepEqual(await idle.at("e"), [5, 10_000]);
});

Deno.test("of() gives a place and no time where nothing like it has run yet", async () => {
  const expectMs = () => undefined;
  for (
    const [world, expected] of [
      [{}, [1, 0]],
      [{ running: ["x"] }, [1, undefined]],
      [{ running: ["x"], pending: ["y", "z"] }, [3, undefined]],
    ] as const
  ) {
    const { at } = await open([world], { jobs: ["a"], expectMs });
    assert.deepEqual(await at("a"), expected, JSON.stringify(world));
  }
});

Deno.test("of() goes by what ComfyUI said last while it does not answer", async () => {
  const world: World = { running: ["x"], pending: ["y"], hangs: true };
  const { at, isHanging } = await open([world], { jobs: ["a"] });
  assert.deepEqual(await at("a"), [1, 0], "nothing is known of others yet");
  isHanging.value = false;
  assert.deepEqual(await at("a"), [2, 20_000]);
  isHanging.value = true;
  assert.deepEqual(await at("a"), [2, 20_000]);
});
