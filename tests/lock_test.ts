/** The lock file: every package by its hash, and no host. */
import assert from "node:assert/strict";
import { z } from "zod";

const Lock = z.object({ npm: z.record(z.string(), z.object({ integrity: z.string() })) });

Deno.test("deno.lock has a hash for every package and names no host", async () => {
  const text = await Deno.readTextFile(new URL("../deno.lock", import.meta.url));
  assert.ok(Object.keys(Lock.parse(JSON.parse(text)).npm).length > 10);
  assert.doesNotMatch(text, /https?:\/\//);
});
