/**
 * The order in which ComfyUI gets the jobs when it has died under them: that of the queue, whichever worker notices first. A worker
 * with the real backend, on a simulated ComfyUI that is killed and started again.
 */
import assert from "node:assert/strict";
import { type SimulatedComfyUI, startComfyUI } from "../../lab/comfyui/mod.ts";
import { until } from "../../lab/until.ts";
import type { ComfyBackendOptions } from "../../src/comfyui/backend.ts";
import type { Template } from "../../src/templates/template.ts";
import type { Backend } from "../../src/worker/backend.ts";
import { connect, picture, samplerGraph } from "../comfyui/backend_fixture.ts";
import { requestOf } from "../jobs/job_fixture.ts";
import { startWorker, template, type WorkerFixture } from "./worker_fixture.ts";

const sampler: Template = {
  ...template,
  graph: samplerGraph({ image: "", steps: 4 }),
  pictures: [{ node: "78", input: "image" }],
  promptText: [{ node: "119", input: "prompt" }],
  output: { node: "102", filename: [{ node: "102", input: "filename_prefix" }] },
};

const names = ["a", "b", "c", "d"];

/** The job of a run, by the name of the file that it saves. */
const jobOf = (graph: unknown) => /image-edit-bot_([a-z]+)/.exec(JSON.stringify(graph))?.[1];

interface Scene extends AsyncDisposable {
  readonly comfy: SimulatedComfyUI;
  readonly fixture: WorkerFixture;
  enqueue(id: string): Promise<void>;
  /** The process ends, and whatever it had under way with it. */
  endProcess(): Promise<void>;
}

/** Begins with the first job running, which does not end before ComfyUI does. */
async function openScene(
  depth: number,
  options: Partial<ComfyBackendOptions> = {},
): Promise<Scene> {
  const comfy = await startComfyUI({ stepMs: 10 });
  const stuck = comfy.faults.add({ kind: "stuck", afterStep: 2, times: 1 });
  let backend: Backend | undefined;
  const fixture = await startWorker({
    depth,
    template: sampler,
    connect: () =>
      backend = connect(comfy, { pollMs: 40, bridgeMs: 100, openTimeoutMs: 100, ...options }),
  });
  const scene: Scene = {
    comfy,
    fixture,
    async enqueue(id) {
      await fixture.storage.saveInput(`${id}.png`, picture.bytes);
      await fixture.queue.enqueue(requestOf(names.indexOf(id) + 1, id));
    },
    async endProcess() {
      await fixture.stop();
      await backend?.[Symbol.asyncDispose]();
    },
    async [Symbol.asyncDispose]() {
      await scene.endProcess();
      await fixture[Symbol.asyncDispose]();
      await comfy.stop();
    },
  };
  await scene.enqueue("a");
  await fixture.reaches("a", "running");
  await comfy.until(() => stuck.hits === 1, { what: "the run that is stuck" });
  return scene;
}

/** The others come too, and as many as there is room for wait in ComfyUI. */
async function fill({ comfy, enqueue }: Scene, depth: number): Promise<void> {
  for (const id of names.slice(1)) await enqueue(id);
  await comfy.until(() => comfy.queue().pending.length === depth - 1, { what: "all places taken" });
}

/** Everybody gets a result, and what began after the loss began in the order of the queue. */
async function assertOrder({ comfy, fixture }: Scene): Promise<void> {
  for (const id of names) await fixture.reaches(id, "done");
  assert.deepEqual(comfy.ran.slice(1).map(({ graph }) => jobOf(graph)), names);
}

/** Ways in which ComfyUI is lost with all that it knew. */
const losses: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  async "is away for longer than the bridge"({ comfy, fixture }) {
    await comfy.kill();
    await until("it to be found away", () => !fixture.worker.reachable);
    await comfy.restart();
  },
  async "restarts at once"({ comfy }) {
    await comfy.restart();
  },
  async "restarts while the bot is down"({ comfy, fixture, endProcess }) {
    await endProcess();
    await comfy.restart();
    await fixture.restart();
  },
  async "is away while the bot starts"({ comfy, fixture, endProcess }) {
    await endProcess();
    await comfy.kill();
    await fixture.restart();
    await until("it to be found away", () => !fixture.worker.reachable);
    await comfy.restart();
  },
};

/** Side by side, each on a ComfyUI of its own: who is first differs. */
async function fourTimes(act: () => Promise<void>): Promise<void> {
  await Promise.all([act(), act(), act(), act()]);
}

for (const [what, lose] of Object.entries(losses)) {
  for (const depth of [2, 3]) {
    Deno.test(`run() keeps the queue's order when ComfyUI ${what}, with ${depth} jobs in it`, async () => {
      await fourTimes(async () => {
        await using scene = await openScene(depth);
        await fill(scene, depth);
        await lose(scene);
        await assertOrder(scene);
      });
    });
  }
}

Deno.test("run() keeps the queue's order when ComfyUI restarts while the next job is being sent", async () => {
  await fourTimes(async () => {
    // A submit is retried soon; a followed prompt is polled late.
    await using scene = await openScene(2, { retryDelaysMs: [50, 50], bridgeMs: 60_000 });
    const { comfy } = scene;
    const refused = comfy.faults.add({ kind: "http", path: /^\/prompt$/, answer: "500", times: 1 });
    for (const id of names.slice(1)) await scene.enqueue(id);
    await comfy.until(() => refused.hits === 1, { what: "the POST that fails" });
    comfy.faults.add({ kind: "http", path: /^\/history/, answer: "500", times: 1 });
    await comfy.restart();
    await assertOrder(scene);
  });
});
