import assert from "node:assert/strict";
import { createSerializer, createTurns } from "../../src/lib/serialize.ts";

Deno.test("createSerializer() keeps the order of one key when the first takes longest, and others do not wait", async () => {
  const turns = createSerializer();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns("a", async () => {
    await gate.promise;
    done.push("first");
  });
  const second = turns("a", () => Promise.resolve(done.push("second")));
  await turns("b", () => Promise.resolve(done.push("other")));
  assert.deepEqual(done, ["other"]);
  gate.resolve();
  await Promise.all([first, second]);
  assert.deepEqual(done, ["other", "first", "second"]);
});

Deno.test("createSerializer() goes on when one fails, and the failure is its own", async () => {
  const turns = createSerializer();
  const failing = turns("a", () => Promise.reject(new Error("mine")));
  const next = turns("a", () => Promise.resolve("next"));
  await assert.rejects(failing, /mine/);
  assert.equal(await next, "next");
});

Deno.test("createTurns() runs so many at a time and the rest in the order of the calls, also when one fails", async () => {
  const turns = createTurns(2);
  const begun: string[] = [];
  const gates = ["a", "b", "c", "d"].map((name) => ({ name, ...Promise.withResolvers<void>() }));
  const [a, b, c, d] = gates.map(({ name, promise }) =>
    turns(async () => {
      begun.push(name);
      await promise;
      return name;
    })
  );
  assert.deepEqual(begun, ["a", "b"]);
  gates[1]!.reject(new Error("mine"));
  await assert.rejects(b!, /mine/);
  assert.deepEqual(begun, ["a", "b", "c"]);
  gates[0]!.resolve();
  assert.equal(await a, "a");
  assert.deepEqual(begun, ["a", "b", "c", "d"]);
  for (const { resolve } of gates) resolve();
  assert.deepEqual(await Promise.all([c, d]), ["c", "d"]);
  assert.equal(await turns(() => Promise.resolve("e")), "e");
});
