/** What every FileStore promises, wherever it keeps its pictures. */
import assert from "node:assert/strict";
import { type FileStore } from "../../src/images/mod.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const hourMs = 3_600_000;

/** Runs every case on a store of its own. */
export function testFileStore(
  what: string,
  withStore: (use: (store: FileStore) => Promise<void>) => Promise<void>,
  options: { readonly ignore?: boolean } = {},
): void {
  const test = (name: string, use: (store: FileStore) => Promise<void>) =>
    Deno.test(`${what}: ${name}`, options, () => withStore(use));

  test("sources and results are kept apart, whole, and as last written", async (store) => {
    const large = crypto.getRandomValues(new Uint8Array(60_000));
    await store.saveInput("a.png", bytes(1));
    await store.saveResult("a.png", large);
    await store.saveInput("a.png", bytes(3, 3, 3));
    await store.saveInput("Снимок 1 (б).jpg", bytes(4));
    assert.deepEqual(await store.readInput("a.png"), bytes(3, 3, 3));
    assert.deepEqual(await store.readResult("a.png"), large);
    assert.deepEqual(await store.readInput("Снимок 1 (б).jpg"), bytes(4));
  });

  test("what is not there is undefined, and may be removed", async (store) => {
    assert.equal(await store.readInput("none.png"), undefined);
    assert.equal(await store.readResult("none.png"), undefined);
    await store.saveResult("a.png", bytes(1));
    await store.removeInput("a.png");
    assert.deepEqual(await store.readResult("a.png"), bytes(1));
    await store.removeResult("a.png");
    await store.removeResult("a.png");
    assert.equal(await store.readResult("a.png"), undefined);
  });

  test("a job's results are removed by its id, whatever they are", async (store) => {
    for (const name of ["a.png", "a_2.png", "a.mp4", "ab.png", "b.webp"]) {
      await store.saveResult(name, bytes(1));
    }
    await store.saveInput("a.png", bytes(1));
    assert.equal(await store.removeResultsOf(new Set(["a", "b", "none"])), 4);
    assert.equal(await store.removeResultsOf(new Set(["a"])), 0);
    assert.equal(await store.readResult("a.mp4"), undefined);
    assert.deepEqual(await store.readResult("ab.png"), bytes(1));
    assert.deepEqual(await store.readInput("a.png"), bytes(1));
  });

  test("a sweep removes what is old and not in use", async (store) => {
    for (const name of ["a.png", "used.png"]) {
      await store.saveInput(name, bytes(1));
      await store.saveResult(name, bytes(1));
    }
    const inUse = new Set(["used.png"]);
    const young = { inUse, maxAgeMs: 24 * hourMs, now: Date.now() + 23 * hourMs };
    assert.equal(await store.sweep(young), 0);
    const old = { ...young, now: Date.now() + 25 * hourMs };
    assert.equal(await store.sweep(old), 2);
    assert.equal(await store.readInput("a.png"), undefined);
    assert.equal(await store.readResult("a.png"), undefined);
    assert.deepEqual(await store.readInput("used.png"), bytes(1));
    assert.deepEqual(await store.readResult("used.png"), bytes(1));
    assert.equal(await store.sweep(old), 0);
  });
}
