import assert from "node:assert/strict";
import { createCoalescer } from "../../src/lib/serialize.ts";

/** Acts that wait to be let go; `begun` names those that have been called, in order. */
function acts() {
  const begun: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<string>>();
  return {
    begun,
    act: (name: string) => () => {
      begun.push(name);
      const gate = Promise.withResolvers<string>();
      gates.set(name, gate);
      return gate.promise;
    },
    end: (name: string) => gates.get(name)!.resolve(name),
    fail: (name: string) => gates.get(name)!.reject(new Error(name)),
  };
}

Deno.test("createLatest() makes the first and the newest when many come at once", async () => {
  const latest = createCoalescer<string>();
  const { begun, act, end } = acts();
  const first = latest("m", act("a"));
  const others = ["b", "c", "d"].map((name) => latest("m", act(name)));
  assert.deepEqual(begun, ["a"]);
  end("a");
  assert.equal(await first, "a");
  assert.deepEqual(begun, ["a", "d"]);
  end("d");
  assert.deepEqual(await Promise.all(others), ["d", "d", "d"]);
  assert.deepEqual(begun, ["a", "d"]);
});

Deno.test("createLatest() holds back no call when the keys differ", () => {
  const latest = createCoalescer<string>();
  const { begun, act } = acts();
  latest("m", act("a"));
  latest("n", act("b"));
  assert.deepEqual(begun, ["a", "b"]);
});

Deno.test("createLatest() goes on when one has failed or thrown", async () => {
  const latest = createCoalescer<string>();
  const { begun, act, end, fail } = acts();
  const failing = latest("m", act("a"));
  const next = latest("m", act("b"));
  fail("a");
  await assert.rejects(failing, /a/);
  end("b");
  assert.equal(await next, "b");
  await assert.rejects(
    latest("m", () => {
      throw new Error("thrown");
    }),
    /thrown/,
  );
  const last = latest("m", act("c"));
  end("c");
  assert.equal(await last, "c");
  assert.deepEqual(begun, ["a", "b", "c"]);
});
