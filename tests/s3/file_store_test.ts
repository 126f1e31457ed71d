/** Pictures in a bucket of a real S3 server. */
import assert from "node:assert/strict";
import { canServeBucket, startBucket } from "../../lab/servers/bucket.ts";
import { parseConfig } from "../../src/config/mod.ts";
import { type FileStore, openFileStore } from "../../src/images/mod.ts";
import { isDiskError, StorageAwayError } from "../../src/lib/mod.ts";
import { openBucket } from "../../src/s3/bucket.ts";
import { createBucketFileStore } from "../../src/s3/file_store.ts";
import { testFileStore } from "../images/file_store_cases.ts";

const options = { ignore: !await canServeBucket() };
const bytes = (...values: number[]) => Uint8Array.from(values);

/** The store that the configuration asks for, over a folder for pictures of before. */
async function openStore(url: string, env: Readonly<Record<string, string>>) {
  const dir = await Deno.makeTempDir();
  const yaml = { path: "config.yaml", text: `storage: { url: "${url}" }` };
  const result = parseConfig({ env, yaml, cwd: dir, tokenOptional: true });
  assert.ok(result.ok, JSON.stringify(result));
  const disk = await openFileStore(dir);
  return {
    disk,
    store: createBucketFileStore(openBucket(result.config.storage.bucket!), disk),
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

testFileStore("a bucket", async (use) => {
  await using server = await startBucket();
  await using opened = await openStore(server.url, server.env);
  await use(opened.store);
}, options);

Deno.test(
  "the bucket's objects are below the prefix, and others are let alone",
  options,
  async () => {
    await using server = await startBucket();
    await using mine = await openStore(server.url, server.env);
    await using other = await openStore("s3://pictures", server.env);
    await other.store.saveInput("theirs.png", bytes(1));
    await mine.store.saveInput("a.png", bytes(1));
    await mine.store.saveResult("a.png", bytes(2));
    assert.deepEqual(await server.names(), [
      "bot/input/a.png",
      "bot/output/a.png",
      "input/theirs.png",
    ]);
    await mine.store.sweep({ inUse: new Set(), maxAgeMs: 1, now: Date.now() + 1e9 });
    assert.deepEqual(await server.names(), ["input/theirs.png"]);
  },
);

Deno.test(
  "pictures from before the bucket are read from the disk, and removed there",
  options,
  async () => {
    await using server = await startBucket();
    await using opened = await openStore(server.url, server.env);
    const { store, disk } = opened;
    await disk.saveInput("old.png", bytes(1));
    await disk.saveResult("old.png", bytes(2));
    assert.deepEqual(await store.readInput("old.png"), bytes(1));
    assert.deepEqual(await store.readResult("old.png"), bytes(2));
    await store.removeInput("old.png");
    assert.equal(await disk.readInput("old.png"), undefined);
    assert.equal(await store.sweep({ inUse: new Set(), maxAgeMs: 1, now: Date.now() + 1e9 }), 1);
    assert.equal(await disk.readResult("old.png"), undefined);
  },
);

Deno.test(
  "a bucket that cannot be used is never an empty one, and no message has a key",
  options,
  async () => {
    await using server = await startBucket();
    const uses: readonly ((store: FileStore) => Promise<unknown>)[] = [
      (store) => store.readInput("a.png"),
      (store) => store.readResult("a.png"),
      (store) => store.saveInput("a.png", bytes(1)),
      (store) => store.removeResult("a.png"),
      (store) => store.sweep({ inUse: new Set(), maxAgeMs: 1, now: 1 }),
    ];
    const wrong = { ...server.env, AWS_SECRET_ACCESS_KEY: "another-secret" };
    const away = { ...server.env, AWS_ENDPOINT_URL: "http://127.0.0.1:2" };
    const cases = [["s3://no-such-bucket/bot", server.env], [server.url, wrong], [
      server.url,
      away,
    ]] as const;
    for (const [url, env] of cases) {
      await using opened = await openStore(url, env);
      for (const use of uses) {
        await assert.rejects(use(opened.store), (error: unknown) => {
          assert.ok(error instanceof StorageAwayError && isDiskError(error), String(error));
          assert.match(error.message, /^Cannot \w+ .*in the bucket (pictures|no-such-bucket): ./);
          assert.doesNotMatch(error.message, /another-secret|test-secret-key/);
          return true;
        });
      }
    }
  },
);
