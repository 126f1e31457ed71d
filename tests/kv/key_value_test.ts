/**
 * The ordered key-value store, as every kind of state must be.
 *
 * Drives besides: src/postgres/key_value.ts, src/postgres/key_codec.ts, src/postgres/schema.ts, src/postgres/database.ts.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type KeyValueStore } from "../../src/kv/key_value.ts";
import { testState } from "./kv_fixture.ts";

const keysOf = async (kv: KeyValueStore, ...args: Parameters<KeyValueStore["list"]>) =>
  (await Array.fromAsync(kv.list(...args))).map(({ key }) => key);

testState("a record is what was written last, over a restart", async (open) => {
  const value = {
    text: "Снег \u0000 \ud83d\ude00 \"'\\\\",
    numbers: [0, -1, 1.5, 2 ** 53, 1e300],
    bytes: Uint8Array.of(0, 255, 1),
    nested: { isNull: null, yes: true, list: [] },
  };
  await open(async (kv) => {
    assert.deepEqual(await kv.get(["a", 1]), { key: ["a", 1], value: null, versionstamp: null });
    assert.deepEqual(
      await kv.atomic().set(["a", 1], 1).set(["a", 1], value).commit().then(({ ok }) => ok),
      true,
    );
  });
  await open(async (kv) => {
    assert.deepEqual((await kv.get(["a", 1])).value, value);
    await kv.atomic().set(["b"], 1).delete(["a", 1]).delete(["b"]).set(["b"], 2).commit();
    const entries = await kv.getMany([["a", 1], ["b"]]);
    assert.deepEqual(entries.map((entry) => entry.value), [null, 2]);
    await kv.delete(["b"]);
    await kv.delete(["b"]);
    assert.equal((await kv.get(["b"])).value, null);
  });
});

testState("nothing is written where a checked record has changed", async (open) => {
  await open(async (kv) => {
    const absent = await kv.get(["n"]);
    assert.equal((await kv.atomic().check(absent).set(["n"], 1).set(["m"], 1).commit()).ok, true);
    assert.equal((await kv.atomic().check(absent).set(["n"], 2).set(["m"], 2).commit()).ok, false);
    const [n, m] = await kv.getMany([["n"], ["m"]]);
    assert.deepEqual([n.value, m.value], [1, 1]);
    assert.equal(n.versionstamp, m.versionstamp, "written at once");
    assert.equal((await kv.atomic().check(n, m).delete(["m"]).commit()).ok, true);
    assert.equal((await kv.atomic().check(n, m).set(["n"], 3).commit()).ok, false);
    // Written again with the same value, it is another record.
    await kv.atomic().set(["n"], 1).commit();
    assert.equal((await kv.atomic().check(n).set(["n"], 4).commit()).ok, false);
  });
});

testState("of many that write at once, each checked change is made once", async (open) => {
  await open(async (kv) => {
    await Promise.all(Array.from({ length: 20 }, async () => {
      for (;;) {
        const entry = await kv.get(["count"]);
        const next = Number(entry.value) + 1;
        if ((await kv.atomic().check(entry).set(["count"], next).commit()).ok) return;
      }
    }));
    assert.equal((await kv.get(["count"])).value, 20);
  });
});

testState("a list has the prefix, the order of the keys, a start and a limit", async (open) => {
  await open(async (kv) => {
    const keys = [["a", -1.5], ["a", 2], ["a", 10], ["a", "10"], ["a", "9"], ["a", "9", 1], [
      "ab",
      1,
    ], ["a"]];
    for (const [i, key] of keys.entries()) await kv.atomic().set(key, i).commit();
    const all = [["a", "10"], ["a", "9"], ["a", "9", 1], ["a", -1.5], ["a", 2], ["a", 10]];
    for (const batchSize of [1, 2, 3, 500]) {
      assert.deepEqual(await keysOf(kv, { prefix: ["a"] }, { batchSize }), all);
    }
    assert.deepEqual(await keysOf(kv, { prefix: ["a"], start: ["a", 2] }), all.slice(4));
    assert.deepEqual(await keysOf(kv, { prefix: ["a"], start: ["a", 1.9] }, { limit: 1 }), [[
      "a",
      2,
    ]]);
    assert.deepEqual(await keysOf(kv, { prefix: ["a", "9"] }), [["a", "9", 1]]);
    assert.deepEqual(await keysOf(kv, { prefix: ["none"] }), []);
  });
});

const part = fc.oneof(
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.integer(),
  fc.double({ noNaN: true }),
);
const keys = fc.uniqueArray(fc.array(part, { minLength: 1, maxLength: 3 }), {
  maxLength: 30,
  selector: (key) => JSON.stringify(key.map((each) => Object.is(each, -0) ? "-0" : each)),
});
/** By what Deno KV gave, for the same keys: the one that is run first. */
const orders: (readonly Deno.KvKey[])[] = [];

testState("any keys come back, in the same order for every kind of state", async (open) => {
  const samples = fc.sample(keys, { numRuns: 20, seed: 7 });
  const found: (readonly Deno.KvKey[])[] = [];
  await open(async (kv) => {
    for (const [i, sample] of samples.entries()) {
      const atomic = kv.atomic();
      for (const key of sample) atomic.set([i, ...key], true);
      await atomic.commit();
      found.push((await keysOf(kv, { prefix: [i] })).map((key) => key.slice(1)));
      assert.equal(found[i]!.length, sample.length);
    }
  });
  orders.push(...orders.length === 0 ? found : []);
  assert.deepEqual(found, orders);
});
