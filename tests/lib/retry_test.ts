/** What is tried again, how often and with which pauses. */
import assert from "node:assert/strict";
import { isDiskError } from "../../src/lib/errors.ts";
import { backoff, retry, retryOnDiskError } from "../../src/lib/retry.ts";

const never = new AbortController().signal;
const away = new Error("away");

/** Rejects with each of these in turn, then resolves to the number of the attempt. */
function failing(...errors: readonly Error[]) {
  return (attempt: number) => {
    const error = errors[attempt - 1];
    return error ? Promise.reject(error) : Promise.resolve(attempt);
  };
}

Deno.test("retry() tries again after each pause while the error is transient", async () => {
  const pauses: number[] = [];
  const done = await retry(failing(away, away), {
    delaysMs: backoff(1, 2),
    isTransient: (error) => error === away,
    signal: never,
    onRetry: (_, delayMs) => pauses.push(delayMs),
  });
  assert.equal(done, 3);
  assert.deepEqual(pauses, [1, 2]);
});

Deno.test("retry() throws the last error when no pause is left, and any other error at once", async () => {
  const last = new Error("still away");
  const options = { delaysMs: [1], isTransient: () => true, signal: never };
  await assert.rejects(retry(failing(away, last, away), options), last);
  assert.equal(await retry(failing(away), options), 2);
  const bug = new Error("a bug");
  await assert.rejects(
    retry(failing(bug), { ...options, isTransient: (error) => error === away }),
    bug,
  );
});

Deno.test("retry() pauses as long as the server wants where that is longer", async () => {
  const pauses: number[] = [];
  await retry(failing(away, away), {
    delaysMs: [1, 4],
    isTransient: () => true,
    signal: never,
    minDelayMs: () => 2,
    onRetry: (_, delayMs) => pauses.push(delayMs),
  });
  assert.deepEqual(pauses, [2, 4]);
});

Deno.test("retry() rejects with the signal's reason in a pause, and makes the first attempt all the same", async () => {
  const stop = new AbortController();
  const reason = new Error("stopped");
  const options = { delaysMs: [60_000], isTransient: () => true, signal: stop.signal };
  const pausing = retry(failing(away), { ...options, onRetry: () => stop.abort(reason) });
  await assert.rejects(pausing, reason);
  assert.equal(await retry(failing(), options), 1);
  await assert.rejects(retry(failing(away), options), reason);
});

Deno.test("backoff() doubles the pause up to the longest", () => {
  assert.deepEqual([...backoff(250, 1_500).take(5)], [250, 500, 1_000, 1_500, 1_500]);
});

const options = { what: "it", retryMs: 1, signal: never };
const full = new TypeError("database or disk is full");

Deno.test("retryOnDiskError() tries again until the disk takes it", async () => {
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

Deno.test("retryOnDiskError() throws at once what has another cause", async () => {
  let tries = 0;
  const act = () => {
    tries++;
    return Promise.reject(new Error("a bug in line 28"));
  };
  await assert.rejects(retryOnDiskError(act, options), /a bug/);
  assert.equal(tries, 1);
  assert.equal(isDiskError(new Error("Permission denied (os error 13)")), false);
});

Deno.test("retryOnDiskError() tries once and gives up when it is stopped", async () => {
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
