/** Waits for what may never come: each ends as it should, and leaves nothing behind however often it is repeated. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "../../lab/until.ts";
import { afterAwake, race, unlessAborted } from "../../src/lib/abort.ts";

const pending = new Promise<never>(() => {});

Deno.test("race() settles as the first promise does, however many races that is in", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const won = [race([promise, pending]), race([pending, promise]), race([promise])];
  assert.equal(await race([promise, Promise.resolve("sooner")]), "sooner");
  resolve("value");
  assert.deepEqual(await Promise.all(won), ["value", "value", "value"]);
  assert.equal(await race([pending, promise]), "value", "one that was settled before");

  const { promise: failing, reject } = Promise.withResolvers<string>();
  assert.equal(await race([failing, promise]), "value");
  const lost = [race([failing, pending]), race([pending, failing])];
  reject(new Error("failed"));
  for (const result of await Promise.allSettled(lost)) {
    assert.ok(result.status === "rejected" && /failed/.test(String(result.reason)));
  }
  await assert.rejects(race([failing, pending]), /failed/);
});

/** Bytes that one round comes to: so many that the engine soon collects what nothing holds. */
const roundBytes = 2 ** 22;
const rounds = 20;

const { signal: forGood } = new AbortController();
const waits = {
  "race()": (value: Uint8Array) => race([pending, Promise.resolve(value)]),
  "unlessAborted() until the abort": async (value: Uint8Array) => {
    const stop = new AbortController();
    const waiting = unlessAborted(pending, stop.signal);
    stop.abort(value);
    await waiting.catch(() => {});
  },
  "unlessAborted() until the promise": (value: Uint8Array) =>
    unlessAborted(Promise.resolve(value), forGood),
};

for (const [what, act] of Object.entries(waits)) {
  Deno.test(`${what} leaves nothing behind on what stays pending`, async () => {
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    for (let i = 0; i < rounds; i++) {
      const value = new Uint8Array(roundBytes);
      registry.register(value, undefined);
      await act(value);
    }
    // What is made and held meanwhile gives the engine a reason to; of the last rounds it may still hold something itself.
    const held: Uint8Array[] = [];
    await until("most are collected", () => {
      if (held.push(new Uint8Array(roundBytes)) > rounds) held.length = 0;
      return collected > rounds / 2;
    });
  });
}

Deno.test("afterAwake() waits on where the machine stood still for longer", async () => {
  const over = Promise.withResolvers<void>();
  let isOver = false;
  using _timer = afterAwake(300, () => {
    isOver = true;
    over.resolve();
  });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
  await pause(0);
  assert.ok(!isOver);
  await over.promise;
});

Deno.test("afterAwake() does not act once it is disposed of", async () => {
  const order: string[] = [];
  const over = Promise.withResolvers<void>();
  afterAwake(20, () => order.push("disposed of"))[Symbol.dispose]();
  using _timer = afterAwake(40, over.resolve);
  await over.promise;
  assert.deepEqual(order, []);
});
