/** Nothing that has an effect is sent twice with one call of ours, whatever the runtime's `fetch` does on a cut connection. */
import { Api, InputFile } from "grammy";
import assert from "node:assert/strict";
import { createComfyClient } from "../../src/comfyui/client.ts";
import { messageOf } from "../../src/lib/errors.ts";
import { fetchOnce } from "../../src/lib/fetch_once.ts";
import { startCutServer } from "./cut_server.ts";

const never = new AbortController().signal;
const token = "1000:a-token-that-nobody-may-see-in-a-log";

function form(): FormData {
  const data = new FormData();
  data.set("image", new Blob(["some bytes"]), "a.png");
  return data;
}

for (
  const [kind, body] of Object.entries<() => BodyInit | undefined>({
    "a text": () => '{"a": 1}',
    bytes: () => new TextEncoder().encode("bytes"),
    "a form": form,
    "no body": () => undefined,
  })
) {
  for (const kept of [false, true]) {
    Deno.test(`fetchOnce() sends ${kind} once over a ${kept ? "kept" : "fresh"} connection that is cut`, async () => {
      await using server = startCutServer();
      if (kept) await (await fetch(`${server.url}/warm`)).text();
      await assert.rejects(fetchOnce(`${server.url}/effect`, { method: "POST", body: body()! }));
      // What the runtime sent again came before it gave up.
      assert.deepEqual(server.taken, ["POST /effect HTTP/1.1"]);
    });
  }
}

Deno.test("fetchOnce() sends what fetch would: method, headers, kind of body, bytes", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const type = request.headers.get("content-type");
      const boundary = /boundary=(.*)/.exec(type ?? "")?.[1] ?? "none";
      const text = (await request.text()).replaceAll(boundary, "B");
      const shown = [
        request.method,
        type?.replace(boundary, "B"),
        request.headers.get("x-a"),
        text,
      ];
      return Response.json(shown);
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const json = { "content-type": "application/json", "x-a": "1" };
  for (
    const init of [
      { method: "POST", body: '{"ё": 1}', headers: json },
      { method: "POST", body: "text" },
      { method: "POST", body: form(), headers: { "x-a": "2" } },
      { method: "POST" },
      { method: "GET", headers: { "x-a": "3" } },
    ]
  ) {
    const [once, plain] = await Promise.all(
      [fetchOnce, fetch].map(async (send) => (await send(url, init)).json()),
    );
    assert.deepEqual(once, plain);
  }
});

Deno.test("each call of the Bot API goes out once, with a file or without", async () => {
  await using server = startCutServer();
  const api = new Api(token, { apiRoot: server.url, fetch: fetchOnce });
  const calls: readonly (readonly [method: string, call: () => Promise<unknown>])[] = [
    ["sendMessage", () => api.sendMessage(1, "hello")],
    ["sendPhoto", () => api.sendPhoto(1, "a-file-id")],
    ["sendPhoto", () => api.sendPhoto(1, new InputFile(new Uint8Array(100_000), "a.png"))],
    [
      "sendMediaGroup",
      () =>
        api.sendMediaGroup(1, [
          { type: "photo", media: new InputFile(new Uint8Array(9), "a.png") },
          { type: "photo", media: "a-file-id" },
        ]),
    ],
  ];
  const wanted: string[] = [];
  for (const [method, call] of calls) {
    for (const kept of [false, true]) {
      if (kept) await (await fetch(`${server.url}/warm`)).text();
      const error = await call().then(() => assert.fail("it was answered"), (error) => error);
      assert.equal(messageOf(error), `Network request for '${method}' failed! (connection closed)`);
      wanted.push(`POST /bot${token}/${method} HTTP/1.1`);
      assert.deepEqual(server.taken, wanted);
    }
  }
});

Deno.test("each command to ComfyUI goes out once", async () => {
  await using server = startCutServer();
  const client = createComfyClient({ fetch: fetchOnce }, {
    baseUrl: server.url,
    requestTimeoutMs: 5_000,
    transferTimeoutMs: 5_000,
  });
  const picture = { name: "a.png", mime: "image/png", bytes: new Uint8Array(100_000) };
  const commands: readonly (readonly [path: string, command: () => Promise<unknown>])[] = [
    [
      "prompt",
      () => client.submit({ promptId: "p", clientId: "c", graph: {}, previews: false }, never),
    ],
    ["upload/image", () => client.upload(picture, never)],
    ["interrupt", () => client.interrupt("p", never)],
    ["queue", () => client.deleteFromQueue("p", never)],
    ["free", () => client.free(never)],
  ];
  const wanted: string[] = [];
  for (const [path, command] of commands) {
    for (const kept of [false, true]) {
      if (kept) await (await fetch(`${server.url}/warm`)).text();
      await assert.rejects(command(), /: connection closed$/);
      wanted.push(`POST /${path} HTTP/1.1`);
      assert.deepEqual(server.taken, wanted);
    }
  }
});
