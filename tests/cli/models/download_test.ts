/** Large downloads against a server that breaks off, stalls, redirects, refuses and lies. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  download,
  DownloadError,
  type DownloadOptions,
  type DownloadSource,
} from "../../../src/cli/models/download.ts";
import { Secret } from "../../../src/lib/mod.ts";
import { folder as openFolder } from "../cli_fixture.ts";
import { content, file, serve } from "./breaking_server.ts";

const sha256 = createHash("sha256").update(content).digest("hex");

/** Downloads into a folder; gives what was written and what was told. */
async function get(
  folder: { path: string },
  source: DownloadSource,
  options: Partial<DownloadOptions> = {},
) {
  const progress: number[] = [];
  const path = `${folder.path}/loras/model.safetensors`;
  await download(source, path, {
    signal: new AbortController().signal,
    firstPauseMs: 1,
    onProgress: (done) => progress.push(done),
    ...options,
  });
  return { bytes: await Deno.readFile(path), progress };
}

const partOf = (folder: { path: string }) => `${folder.path}/loras/model.safetensors.part`;

Deno.test("a download that breaks off goes on from there, as often as some bytes come", async () => {
  await using folder = await openFolder();
  await using server = serve((asked) => file(asked, 5_000)); // twelve pieces, more than tries without a byte
  const { bytes, progress } = await get(folder, { url: server.url, sha256 });
  assert.deepEqual(bytes, content);
  assert.deepEqual(
    server.asked.map(({ from }) => from),
    Array.from({ length: 12 }, (_, i) => i * 5_000),
  );
  assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
  assert.deepEqual([...Deno.readDirSync(`${folder.path}/loras`)].map(({ name }) => name), [
    "model.safetensors",
  ]);
});

Deno.test("what came is kept for the next run when the server is gone", async () => {
  await using folder = await openFolder();
  await using server = serve((asked, nth) =>
    nth === 1 ? file(asked, 20_000) : nth <= 7 ? { head: ["503 Service Unavailable"] } : file(asked)
  );
  await assert.rejects(get(folder, { url: server.url }), (error: unknown) => {
    assert.ok(error instanceof DownloadError);
    assert.match(
      error.message,
      /^Cannot download some_model\.safetensors: .* answers 503; what has arrived is kept/,
    );
    return true;
  });
  assert.equal((await Deno.stat(partOf(folder))).size, 20_000);
  const { bytes } = await get(folder, { url: server.url });
  assert.deepEqual(bytes, content);
  assert.equal(server.asked.at(-1)!.from, 20_000);
});

Deno.test("a server that sends nothing more is given up, and asked again", async () => {
  await using folder = await openFolder();
  await using server = serve((asked, nth) =>
    nth === 1 ? { ...file(asked, 10), hold: true } : file(asked)
  );
  const { bytes } = await get(folder, { url: server.url }, { stallMs: 100 });
  assert.deepEqual(bytes, content);
});

Deno.test("a server without ranges sends all of it again, over what was there", async () => {
  for (const left of [0, 7, 70_000]) {
    await using folder = await openFolder();
    await Deno.mkdir(`${folder.path}/loras`);
    await Deno.writeFile(partOf(folder), new Uint8Array(left));
    await using server = serve((asked, nth) =>
      file({ ...asked, from: 0 }, nth === 1 ? 7 : Infinity)
    );
    const { bytes } = await get(folder, { url: server.url, sha256 });
    assert.deepEqual(bytes, content);
  }
});

Deno.test("a part that is whole already, or of another file, ends well too", async () => {
  const past = `content-range: bytes */${content.length}`;
  for (const left of [content, new Uint8Array(70_000)]) {
    await using folder = await openFolder();
    await Deno.mkdir(`${folder.path}/loras`);
    await Deno.writeFile(partOf(folder), left);
    await using server = serve((asked) =>
      asked.from >= content.length ? { head: ["416 Range Not Satisfiable", past] } : file(asked)
    );
    const { bytes } = await get(folder, { url: server.url, sha256 });
    assert.deepEqual(bytes, content);
  }
});

Deno.test("a file with another checksum than promised is not kept", async () => {
  await using folder = await openFolder();
  await using server = serve((asked) => file(asked));
  await assert.rejects(
    get(folder, { url: server.url, sha256: "0".repeat(64) }),
    /SHA-256 is .* deleted/,
  );
  assert.deepEqual([...Deno.readDirSync(`${folder.path}/loras`)], []);
});

Deno.test("a redirect is followed without the token, and its checksum counts", async () => {
  for (const promised of [sha256, "1".repeat(64)]) {
    await using folder = await openFolder();
    await using storage = serve((asked) => file(asked));
    await using hub = serve(() => ({
      head: [
        "302 Found",
        `location: ${storage.url}`,
        `x-linked-etag: "${promised}"`,
        "content-length: 0",
      ],
    }));
    const getting = get(folder, { url: hub.url, token: new Secret("hf_secret") });
    if (promised === sha256) assert.deepEqual((await getting).bytes, content);
    else await assert.rejects(getting, DownloadError);
    assert.equal(hub.asked[0]!.headers.get("authorization"), "bearer hf_secret");
    assert.equal(storage.asked[0]!.headers.has("authorization"), false);
  }
});

Deno.test("a refusal says what is wanted, and never the token", async () => {
  const refusals = [
    ["401 Unauthorized", undefined, /answers 401 \(wanted HF_TOKEN in \.env/],
    ["403 Forbidden", new Secret("hf_secret"), /answers 403 \(wanted a token of an account/],
    ["404 Not Found", undefined, /answers 404$/],
  ] as const;
  for (const [status, token, words] of refusals) {
    await using folder = await openFolder();
    await using server = serve(() => ({ head: [status, "content-length: 0"] }));
    await assert.rejects(
      get(folder, { url: server.url, ...token && { token } }),
      (error: unknown) => {
        assert.ok(error instanceof DownloadError);
        assert.match(error.message, words);
        assert.doesNotMatch(error.message, /hf_secret/);
        return true;
      },
    );
    assert.equal(server.asked.length, 1);
  }
});

Deno.test("room is asked for before the first byte, and one process writes a file", async () => {
  await using folder = await openFolder();
  await using server = serve((asked) => file(asked));
  const noRoom = { reserve: (bytes: number) => assert.fail(`no room for ${bytes}`) };
  await assert.rejects(get(folder, { url: server.url }, noRoom), /no room for 60000/);
  assert.equal((await Deno.stat(partOf(folder))).size, 0);

  using _other = await Deno.open(partOf(folder), { write: true });
  await _other.lock(true);
  await assert.rejects(get(folder, { url: server.url }), /another process is downloading it/);
});

Deno.test("Ctrl-C ends a download at once, and the next one goes on", async () => {
  await using folder = await openFolder();
  await using server = serve((asked, nth) =>
    nth === 1 ? { ...file(asked, 30_000), hold: true } : file(asked)
  );
  const stop = new AbortController();
  const reason = new Error("stopped");
  await assert.rejects(
    get(folder, { url: server.url }, {
      signal: stop.signal,
      onProgress: (done) => done === 30_000 && stop.abort(reason),
    }),
    reason,
  );
  const { bytes } = await get(folder, { url: server.url });
  assert.deepEqual(bytes, content);
  assert.equal(server.asked.at(-1)!.from, 30_000);
});
