/** When a disk counts as full, and what is tried again because of it. */
import assert from "node:assert/strict";
import { createDiskSpace, freeBytesAt } from "../../src/lib/disk_space.ts";
import { isDiskError } from "../../src/lib/errors.ts";
import { retryOnDiskError } from "../../src/lib/retry_on_disk_error.ts";

const never = new AbortController().signal;

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

Deno.test("createDiskRoom() is full from below the floor until there is a tenth more, and tells of each once", async () => {
  const { seen, changes } = await follow([5000, 1000, 999, 400, 1000, 1099, 1100, 1050, 999]);
  assert.deepEqual(seen, [false, false, true, true, true, true, false, false, true]);
  assert.deepEqual(changes, [true, false, true]);
});

Deno.test("createDiskRoom() tells at the first look when it begins full", async () => {
  assert.deepEqual(await follow([0, 0]), { seen: [true, true], changes: [true] });
});

Deno.test("createDiskRoom() is never full without a floor, nor when it cannot be asked", async () => {
  assert.deepEqual((await follow([0, 0], 0)).changes, []);
  const { seen, changes } = await follow([0, new Error("no such disk"), 0]);
  assert.deepEqual(seen, [true, false, true]);
  assert.deepEqual(changes, [true, false, true]);
});

Deno.test("freeBytesAt() tells what is free where a path is, and throws when it is nowhere", () => {
  assert.ok(freeBytesAt(Deno.cwd()) > 0);
  assert.throws(() => freeBytesAt("/nowhere at all"));
});

const options = { what: "it", retryMs: 1, signal: never };
const full = new TypeError("database or disk is full");

Deno.test("patiently() tries again until the disk takes it", async () => {
  const errors: Error[] = [
    full,
    new Error("disk I/O error"),
    new Error("No space left on device (os error 28): writefile 'a'"),
    new Error("Read-only file system (os error 30)"),
    new Error("attempt to write a readonly database"),
  ];
  const wanted = errors.length + 1;
  let tries = 0;
  const act = () => {
    tries++;
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve("done");
  };
  assert.equal(await retryOnDiskError(act, options), "done");
  assert.equal(tries, wanted);
});

Deno.test("patiently() throws at once what has another cause", async () => {
  let tries = 0;
  const act = () => {
    tries++;
    return Promise.reject(new Error("a bug in line 28"));
  };
  await assert.rejects(retryOnDiskError(act, options), /a bug/);
  assert.equal(tries, 1);
  assert.equal(isDiskError(new Error("Permission denied (os error 13)")), false);
});

Deno.test("patiently() tries once and gives up when it is stopped", async () => {
  const stop = new AbortController();
  let tries = 0;
  const act = () => {
    if (++tries === 2) stop.abort();
    return Promise.reject(full);
  };
  await assert.rejects(retryOnDiskError(act, { ...options, signal: stop.signal }), full);
  assert.equal(tries, 2);
  assert.equal(
    await retryOnDiskError(() => Promise.resolve(1), { ...options, signal: stop.signal }),
    1,
  );
});
