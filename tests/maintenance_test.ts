/** What is done now and then: that each part of it is done, by whom, and that a failure ends none of it. */
import assert from "node:assert/strict";
import { until } from "../lab/until.ts";
import { type Config, defaultConfig } from "../src/config/config.ts";
import { runPeriodically } from "../src/lib/periodic.ts";
import { createMemoryPolicy, runIdlePolicy, runMaintenance } from "../src/maintenance.ts";
import { openQueue, request } from "./jobs/job_fixture.ts";
import { SmallBackend } from "./worker/small_backend.ts";

Deno.test("inRounds() goes on when a round fails, until its signal aborts", async () => {
  const stop = new AbortController();
  let rounds = 0;
  await runPeriodically(
    () => {
      if (++rounds === 3) stop.abort();
      return Promise.reject(new Error("the disk is away"));
    },
    { what: "look", everyMs: 0 },
    stop.signal,
  );
  assert.equal(rounds, 3);
});

Deno.test("keepUp() starts the unit of the first backend alone, sweeps, and backs nothing up on a full disk", async () => {
  const defaults = defaultConfig("/srv");
  const config: Config = {
    ...defaults,
    comfyui: {
      ...defaults.comfyui,
      unit: "comfyui.service",
      backends: ["a", "b"].map((name) => ({ name, url: "http://127.0.0.1:1", headers: {} })),
    },
  };
  const backends = ["a", "b"].map((name) => {
    const backend = new SmallBackend(name);
    backend.goAway();
    return { backend, worker: { reachable: true } };
  });
  const started: string[] = [];
  let [sweeps, backups, looks] = [0, 0, 0];
  const stop = new AbortController();
  const queue = await openQueue();
  const maintenance = runMaintenance({
    config: () => config,
    queue,
    settings: { drafts: () => Promise.resolve([]) },
    storage: { sweep: () => Promise.resolve(++sweeps) },
    disk: { isFull: true, run: () => Promise.resolve() },
    onDisk: () => {},
    backUp() {
      backups++;
      return Promise.resolve(undefined);
    },
    wake: () => Promise.resolve(void looks++),
    collectGarbage: undefined,
    now: () => 1_000_000,
  }, stop.signal);
  const idle = backends.map((each) =>
    runIdlePolicy(
      {
        config: () => config,
        queue,
        openUnit: (name) => ({
          start: () => Promise.resolve(void started.push(name)),
          stop: () => Promise.resolve(),
        }),
        now: () => 1_000_000,
      },
      each,
      stop.signal,
    )
  );
  await until("the unit is started", () => started.length > 0);
  await until("the sweep", () => sweeps > 0);
  stop.abort();
  await Promise.all([maintenance, ...idle]);
  assert.deepEqual(started, ["comfyui.service"]);
  assert.equal(backups, 0);
  assert.equal(looks > 0, true);
});

Deno.test("createMemoryPolicy() gives memory back after the start and once when no job is left, never beside one", async () => {
  const queue = await openQueue();
  let collected = 0;
  const look = createMemoryPolicy(queue, () => collected++, new AbortController().signal);
  const after = async (act: () => Promise<unknown>) => {
    await act();
    await look();
    await look();
    return collected;
  };
  assert.equal(await after(() => Promise.resolve()), 1, "what the start has left");
  assert.equal(await after(() => queue.enqueue(request("a"))), 1);
  assert.equal(await after(() => queue.claim(() => ({ backend: "one" }))), 1);
  assert.equal(await after(() => queue.enqueue(request("b"))), 1);
  assert.equal(await after(() => queue.update("a", { state: "failed", endedAt: 1 })), 1);
  assert.equal(await after(() => queue.cancel("b")), 2);
  assert.equal(await after(() => queue.update("a", { settled: true })), 3, "its status is gone");
});
