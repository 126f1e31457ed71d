/** Commits within Deno KV's limits, in a real file: what is split, what is refused, and that the limits are Deno's own. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { serialize } from "node:v8";
import { type Change, commit, commitInParts, fits, remove, set } from "../../src/kv/commit.ts";
import { RecordTooLargeError } from "../../src/lib/errors.ts";
import { withFolder, withKv } from "./kv_fixture.ts";

const usingKv = (use: (kv: Deno.Kv) => Promise<void>) => withFolder((dir) => withKv(dir, use));

async function countIn(kv: Deno.Kv): Promise<number> {
  return (await Array.fromAsync(kv.list({ prefix: ["k"] }))).length;
}

const changes = (count: number, value: unknown = 1): Change[] =>
  Array.from({ length: count }, (_, index) => set(["k", index], value));

for (
  const [what, count, value] of [
    ["1 001 small records", 1_001, 1],
    ["2 500 small records", 2_500, 1],
    ["40 records of 60 000 bytes", 40, new Uint8Array(60_000)],
    ["30 records of 30 000 Cyrillic letters", 30, "ж".repeat(30_000)],
    ["nothing", 0, 1],
  ] as const
) {
  Deno.test(`commitInParts() writes ${what}`, () =>
    usingKv(async (kv) => {
      await commitInParts(kv, changes(count, value).map((change) => [change]));
      assert.equal(await countIn(kv), count);
    }));
}

Deno.test("commitInParts() never tears a group when one of the next part is refused", () =>
  usingKv(async (kv) => {
    const groups = Array.from(
      { length: 400 },
      (_, group) => [0, 1, 2].map((part) => set(["k", group, part], 1)),
    );
    const broken = (function* () {
      yield* groups;
      throw new Error("killed");
    })();
    await assert.rejects(commitInParts(kv, broken), /killed/);
    const written = await countIn(kv);
    assert.ok(written > 0 && written < 1_200, `${written} were written`);
    assert.equal(written % 3, 0);
  }));

for (
  const [what, many, checks] of [
    ["1 001 changes", () => changes(1_001), 0],
    ["1 001 deletions", () => Array.from({ length: 1_001 }, (_, at) => remove(["k", at])), 0],
    ["101 checks", () => changes(1), 101],
    ["840 000 bytes", () => changes(14, new Uint8Array(60_000)), 0],
  ] as const
) {
  Deno.test(`commit() refuses ${what} and writes none of them`, () =>
    usingKv(async (kv) => {
      const checked = Array.from({ length: checks }, (_, at) => ({
        key: ["c", at],
        versionstamp: null,
      }));
      await assert.rejects(commit(kv, many(), checked), RecordTooLargeError);
      assert.equal(await countIn(kv), 0);
    }));
}

Deno.test("commit() writes as much as Deno KV takes at once", () =>
  usingKv(async (kv) => {
    const checks = Array.from({ length: 100 }, (_, at) => ({ key: ["c", at], versionstamp: null }));
    assert.equal(await commit(kv, changes(1_000), checks), true);
    assert.equal(await commit(kv, changes(12, new Uint8Array(65_536))), true);
    assert.equal(await countIn(kv), 1_000);
  }));

Deno.test("commit() is false and writes nothing when a checked record has changed", () =>
  usingKv(async (kv) => {
    const entry = await kv.get(["k", 0]);
    await kv.set(["k", 0], "other");
    assert.equal(await commit(kv, [set(["k", 0], "ours")], [entry]), false);
    assert.equal((await kv.get(["k", 0])).value, "other");
  }));

/** The longest text that a record takes of each kind, found by asking Deno itself. */
for (
  const [what, make] of [
    ["Cyrillic letters", (length: number) => "ж".repeat(length)],
    ["Latin letters", (length: number) => "a".repeat(length)],
    ["bytes", (length: number) => new Uint8Array(length)],
    ["a record with Cyrillic", (length: number) => ({ v: 1, text: "ж".repeat(length), at: 1.5 })],
  ] as const
) {
  Deno.test(`set() refuses ${what} where Deno KV does`, () =>
    usingKv(async (kv) => {
      let [taken, refused] = [0, 70_000];
      while (refused - taken > 1) {
        const middle = (taken + refused) >> 1;
        try {
          await kv.set(["k"], make(middle));
          taken = middle;
        } catch {
          refused = middle;
        }
      }
      await commit(kv, [set(["k"], make(taken - 8))]);
      assert.ok(fits(make(taken - 8)));
      assert.throws(() => set(["k"], make(refused)), RecordTooLargeError);
      assert.ok(!fits(make(refused)));
    }));
}

Deno.test("set() and remove() refuse a key of more than 2 KiB", () =>
  usingKv(async (kv) => {
    await commit(kv, [set(["ж".repeat(1_023)], 1)]);
    assert.throws(() => set(["ж".repeat(1_024)], 1), RecordTooLargeError);
    assert.throws(() => remove(["k", "\0".repeat(1_024), 7]), RecordTooLargeError);
  }));

Deno.test("set() counts a value as V8 serializes it, and never less", () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ depthSize: "small" }),
      fc.string({ unit: "binary", maxLength: 300 }),
      (json, text) => {
        const [counted, real] = sizesOf({ v: 1, json, text });
        assert.ok(counted >= real, `${counted} of ${real}`);
      },
    ),
  );
});

Deno.test("set() counts little more than V8 serializes where a record holds no small integers", () => {
  const item = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.double({ noInteger: true }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), item)), (records) => {
      const [counted, real] = sizesOf(records);
      assert.ok(counted <= real * 1.35 + 8, `${counted} of ${real}`);
    }),
  );
});

Deno.test("set() counts an integer as a double, which V8 makes of it beside fractions", () => {
  const [fraction, integer] = [0.5, 7].map((seconds) => ({ seconds }));
  for (const value of [[0.5, 7].slice(1), integer, { nested: [fraction, integer] }]) {
    const [counted, real] = sizesOf(value);
    assert.ok(counted >= real, `${counted} of ${real}`);
  }
});

/** What set() counts for a value, and what V8 makes of it, in bytes. */
function sizesOf(value: unknown): [number, number] {
  const emptyKey = set(["k"], new Uint8Array()).bytes;
  return [set(["k"], value).bytes - emptyKey, serialize(value).length];
}
