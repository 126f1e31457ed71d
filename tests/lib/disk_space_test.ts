/** When a disk counts as full. */
import assert from "node:assert/strict";
import { createDiskSpace, freeBytesAt } from "../../src/lib/disk_space.ts";

/** A disk whose looks the test makes happen, each with so many bytes free. */
async function follow(free: readonly (number | Error)[], minFreeBytes = 1000) {
  const stop = new AbortController();
  let looks = 0;
  const changes: boolean[] = [];
  const seen: boolean[] = [];
  const disk = createDiskSpace({
    freeBytes() {
      const answer = free[Math.min(looks, free.length - 1)]!;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    minFreeBytes: () => minFreeBytes,
    wait() {
      seen.push(disk.isFull);
      if (++looks === free.length) stop.abort();
      return Promise.resolve();
    },
  });
  await disk.run((isFull) => changes.push(isFull), stop.signal);
  return { seen, changes };
}

Deno.test("createDiskSpace() is full from below the floor until there is a tenth more, and tells of each once", async () => {
  const { seen, changes } = await follow([5000, 1000, 999, 400, 1000, 1099, 1100, 1050, 999]);
  assert.deepEqual(seen, [false, false, true, true, true, true, false, false, true]);
  assert.deepEqual(changes, [true, false, true]);
});

Deno.test("createDiskSpace() tells at the first look when it begins full", async () => {
  assert.deepEqual(await follow([0, 0]), { seen: [true, true], changes: [true] });
});

Deno.test("createDiskSpace() is never full without a floor, nor when it cannot be asked", async () => {
  assert.deepEqual((await follow([0, 0], 0)).changes, []);
  const { seen, changes } = await follow([0, new Error("no such disk"), 0]);
  assert.deepEqual(seen, [true, false, true]);
  assert.deepEqual(changes, [true, false, true]);
});

Deno.test("freeBytesAt() tells what is free where a path is, and throws when it is nowhere", () => {
  assert.ok(freeBytesAt(Deno.cwd()) > 0);
  assert.throws(() => freeBytesAt("/nowhere at all"));
});
