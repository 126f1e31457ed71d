/** The backends on the owner's desk: looked at, and freed where they are idle. */
import assert from "node:assert/strict";
import type { BackendHealth } from "../../src/worker/backend.ts";
import { createBackendMonitor } from "../../src/worker/backend_health.ts";

/** A backend whose memory is given back some looks after it was asked to. */
function gpu(name: string, { running = 0, freesAfter = 0, isAway = false } = {}) {
  const state = { freed: 0, looksLeft: Infinity };
  const backend = {
    name,
    state,
    health(): Promise<BackendHealth> {
      if (isAway) return Promise.reject(new Error("nobody listens"));
      const isFree = state.freed > 0 && state.looksLeft-- <= 0;
      return Promise.resolve({
        version: "0.3.64",
        devices: [{ name: "cuda:0", vramTotal: 24, vramFree: isFree ? 23 : 5 }],
        running: Array.from({ length: running }, (_, i) => `other-${i}`),
        pending: [],
      });
    },
    free() {
      state.freed++;
      state.looksLeft = freesAfter;
      return Promise.resolve();
    },
  };
  return backend;
}

const never = new AbortController().signal;
const options = { now: () => 0, wait: () => Promise.resolve() };

Deno.test("free() unloads idle backends alone and says what each gained", async () => {
  const backends = [
    gpu("idle"),
    gpu("slow", { freesAfter: 4 }),
    gpu("busy", { running: 1 }),
    gpu("away", { isAway: true }),
    gpu("empty", { freesAfter: Infinity }),
  ];
  const desk = createBackendMonitor({ backends: () => backends, ...options }, never);
  assert.deepEqual(await desk.free(), [
    { type: "freed", name: "idle", bytes: 18 },
    { type: "freed", name: "slow", bytes: 18 },
    { type: "busy", name: "busy" },
    { type: "away", name: "away", reason: "nobody listens" },
    { type: "freed", name: "empty", bytes: 0 },
  ]);
  assert.deepEqual(backends.map(({ state }) => state.freed), [1, 1, 0, 0, 1]);
});

Deno.test("look() gives every backend, those that are away too", async () => {
  const backends = [gpu("one"), gpu("two", { isAway: true })];
  const desk = createBackendMonitor({
    backends: () => backends,
    ...options,
  }, never);
  assert.deepEqual((await desk.look()).map(({ name, ok }) => [name, ok]), [
    ["one", true],
    ["two", false],
  ]);
});
