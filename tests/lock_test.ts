/**
 * Two lock files: deno.lock for everything, deno.binary.lock for what main.ts needs. `deno compile` packs all that its lock
 * file names, and the tests' libraries have no place in the binary.
 */
import assert from "node:assert/strict";
import { z } from "zod";

const Lock = z.object({ npm: z.record(z.string(), z.object({ integrity: z.string() })) });

async function readLock(name: string) {
  const text = await Deno.readTextFile(new URL(`../${name}`, import.meta.url));
  return { text, npm: Lock.parse(JSON.parse(text)).npm };
}

Deno.test("deno.binary.lock holds what the binary needs, as deno.lock has it, and no test library", async () => {
  const [all, binary] = await Promise.all([readLock("deno.lock"), readLock("deno.binary.lock")]);
  for (const [name, { integrity }] of Object.entries(binary.npm)) {
    assert.equal(integrity, all.npm[name]?.integrity, name);
  }
  assert.ok(Object.keys(binary.npm).some((name) => name.startsWith("grammy@")));
  for (const testOnly of ["playwright-core", "fast-check"]) {
    assert.ok(!Object.keys(binary.npm).some((name) => name.startsWith(testOnly)), testOnly);
  }
});

Deno.test("no lock file names the host of a registry", async () => {
  for (const name of ["deno.lock", "deno.binary.lock"]) {
    const { text } = await readLock(name);
    assert.doesNotMatch(text, /https?:\/\//);
  }
});
