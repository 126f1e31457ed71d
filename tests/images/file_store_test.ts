/** Pictures in DATA_DIR: real files. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type FileStore, openFileStore } from "../../src/images/file_store.ts";
import { sweepDataDir } from "../../src/maintenance.ts";
import { testFileStore } from "./file_store_cases.ts";
import { openQueue, request } from "../jobs/job_fixture.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const hourMs = 3_600_000;
/** A moment far from the files' own times. */
const now = Date.UTC(2030, 0, 1);

async function withStorage(use: (storage: FileStore, dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await use(await openFileStore(join(dir, "data")), join(dir, "data"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function namesIn(...path: string[]): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(join(...path)), ({ name }) => name)).sort();
}

/** Makes a file so old at `now`. */
async function age(ageMs: number, ...path: string[]): Promise<void> {
  await Deno.utime(join(...path), new Date(now), new Date(now - ageMs));
}

testFileStore("DATA_DIR", (use) => withStorage((storage) => use(storage)));

Deno.test("openStorage() makes the folders when they are missing and keeps what is in them", () =>
  withStorage(async (storage, dir) => {
    assert.deepEqual(await namesIn(dir), ["input", "output", "temp"]);
    await storage.saveInput("a.png", bytes(1, 2));
    const again = await openFileStore(dir);
    assert.deepEqual(await again.readInput("a.png"), bytes(1, 2));
  }));

Deno.test("saveInput() and saveResult() keep their files apart and whole", () =>
  withStorage(async (storage, dir) => {
    await storage.saveInput("a.png", bytes(1));
    await storage.saveResult("a.png", bytes(2, 2));
    await storage.saveInput("a.png", bytes(3, 3, 3));
    assert.deepEqual(await storage.readInput("a.png"), bytes(3, 3, 3));
    assert.deepEqual(await storage.readResult("a.png"), bytes(2, 2));
    assert.deepEqual(await namesIn(dir, "temp"), []);
  }));

Deno.test("saveInput() leaves nothing behind when the file cannot take its place", () =>
  withStorage(async (storage, dir) => {
    await Deno.mkdir(join(dir, "input", "a.png"));
    await assert.rejects(storage.saveInput("a.png", bytes(1)));
    assert.deepEqual(await namesIn(dir, "temp"), []);
  }));

Deno.test("readInput() gives undefined when the file is gone, and throws when it cannot be read", () =>
  withStorage(async (storage, dir) => {
    await storage.saveInput("a.png", bytes(1));
    await storage.removeInput("a.png");
    assert.equal(await storage.readInput("a.png"), undefined);
    assert.equal(await storage.readResult("none.png"), undefined);
    await Deno.mkdir(join(dir, "input", "folder"));
    await assert.rejects(storage.readInput("folder"));
  }));

Deno.test("sweep() removes what is old and not in use, and parts that a kill left", () =>
  withStorage(async (storage, dir) => {
    for (const name of ["old.png", "used.png", "young.png"]) {
      await storage.saveInput(name, bytes(1));
      await storage.saveResult(name, bytes(1));
      const ageMs = name === "young.png" ? 23 * hourMs : 25 * hourMs;
      await age(ageMs, dir, "input", name);
      await age(ageMs, dir, "output", name);
    }
    await Deno.writeFile(join(dir, "temp", "left.png.part"), bytes(1));
    await age(2 * hourMs, dir, "temp", "left.png.part");
    await Deno.writeFile(join(dir, "temp", "writing.png.part"), bytes(1));
    await age(hourMs / 2, dir, "temp", "writing.png.part");

    const sweep = { inUse: new Set(["used.png"]), maxAgeMs: 24 * hourMs, now };
    assert.equal(await storage.sweep(sweep), 3);
    assert.deepEqual(await namesIn(dir, "input"), ["used.png", "young.png"]);
    assert.deepEqual(await namesIn(dir, "output"), ["used.png", "young.png"]);
    assert.deepEqual(await namesIn(dir, "temp"), ["writing.png.part"]);
    assert.equal(await storage.sweep(sweep), 0);
  }));

Deno.test("sweepDataDir() keeps what jobs and drafts are still to be made of, however old", () =>
  withStorage(async (storage, dir) => {
    const queue = await openQueue();
    for (const id of ["rendered", "waiting", "settled"]) await queue.enqueue(request(id));
    await queue.claim(() => ({ backend: "gpu", promptId: "p" }));
    await queue.update("rendered", { state: "delivering", resultFile: "result.png" });
    await queue.cancel("settled");
    await queue.update("settled", { settled: true });
    const { pictures } = request("draft");
    const draft = {
      v: 1,
      kind: "pictures",
      collecting: false,
      at: 0,
      messageId: 3,
      pictures,
    } as const;
    const chatUser = { userId: 7, chatId: 7 };
    for (const name of ["draft.png", "rendered.png", "settled.png", "waiting.png"]) {
      await storage.saveInput(name, bytes(1));
    }
    for (const name of ["result.png", "settled.png"]) await storage.saveResult(name, bytes(1));
    await sweepDataDir({
      queue,
      storage,
      settings: { drafts: () => Promise.resolve([{ chatUser, draft }]) },
    }, { maxAgeMs: hourMs, now });
    assert.deepEqual(await namesIn(dir, "input"), ["draft.png", "rendered.png", "waiting.png"]);
    assert.deepEqual(await namesIn(dir, "output"), ["result.png"], "it is to be delivered");
  }));

Deno.test("sweep() goes on when a file is removed under it", () =>
  withStorage(async (storage, dir) => {
    for (const name of ["a.png", "b.png"]) {
      await storage.saveInput(name, bytes(1));
      await age(25 * hourMs, dir, "input", name);
    }
    // Asked between the listing and the look at the file.
    const inUse = new Set<string>();
    inUse.has = (name) => {
      if (name === "a.png") Deno.removeSync(join(dir, "input", "a.png"));
      return false;
    };
    assert.equal(await storage.sweep({ inUse, maxAgeMs: hourMs, now }), 1);
    assert.deepEqual(await namesIn(dir, "input"), []);
  }));
