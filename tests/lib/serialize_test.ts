import assert from "node:assert/strict";
import { createSerializer } from "../../src/lib/serialize.ts";

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
