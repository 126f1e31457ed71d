/** A ComfyUI that is not on this host's port 8188: behind a path, a login, TLS. The proxy and the ComfyUI are real servers. */
import assert from "node:assert/strict";
import { startComfyUI } from "../../lab/comfyui/mod.ts";
import { probeSocket } from "../../src/comfyui/socket_probe.ts";
import { parseConfig, secretsOf } from "../../src/config/config.ts";
import { parseAddress } from "../../src/lib/address.ts";
import { ComfyUIConnectionError } from "../../src/lib/errors.ts";
import { createRedactor, Secret } from "../../src/lib/secret.ts";
import { examine, machine } from "../cli/doctor/doctor_fixture.ts";
import { type AuthProxyOptions, startAuthProxy } from "./auth_proxy.ts";
import { collect, connect, doneOf, never, sampling, typesOf } from "./backend_fixture.ts";
import { tlsOptions } from "./self_signed.ts";

const bearer = "Bearer a-key-that-nobody-may-see";
const secrets = { authorization: new Secret(bearer), "x-client-secret": new Secret("another-key") };
const wanted = { authorization: bearer, "x-client-secret": "another-key" };

/** A ComfyUI behind a proxy that wants both headers under /gpu/one. */
async function behindProxy(options: Partial<AuthProxyOptions> = {}) {
  await using parts = new AsyncDisposableStack();
  const comfy = parts.use(await startComfyUI({ stepMs: 5 }));
  const proxy = parts.use(
    startAuthProxy({ to: comfy.url, path: "/gpu/one", headers: wanted, ...options }),
  );
  const kept = parts.move();
  return { comfy, proxy, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

Deno.test("run() goes through a proxy with a path and a login, frames too", async () => {
  await using at = await behindProxy();
  await probeSocket({ baseUrl: at.proxy.url, headers: secrets }, "c", never);
  // What is polled for comes after a minute: the end is heard from the WebSocket.
  await using backend = connect(at.proxy, { headers: secrets });
  const events = await collect(backend, sampling());
  doneOf(events);
  assert.ok(typesOf(events).includes("step"), typesOf(events).join());
  assert.ok(at.proxy.passed.includes("ws"));
  assert.ok(at.proxy.passed.includes("POST /gpu/one/prompt"));
});

Deno.test("health() says what to set when a login is required", async () => {
  await using at = await behindProxy();
  await using backend = connect(at.proxy, { headers: { authorization: new Secret("Bearer no") } });
  await assert.rejects(
    backend.health({ signal: never }),
    (error) =>
      error instanceof ComfyUIConnectionError &&
      /status 401, a login is required \(wanted comfyui\.backends in config\.yaml with headers/
        .test(error.message),
  );
  await assert.rejects(
    probeSocket({ baseUrl: at.proxy.url }, "c", never),
    /Cannot open ComfyUI's WebSocket \(\/ws\): status 401, a login is required/,
  );
  assert.deepEqual(at.proxy.passed, []);
});

Deno.test("a redirect is not followed: the headers go to their address alone", async () => {
  const came: string[] = [];
  await using elsewhere = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      came.push(request.url);
      return new Response("{}");
    },
  );
  const location = `http://127.0.0.1:${elsewhere.addr.port}/login?state=secret`;
  for (const status of [301, 302, 303, 307, 308]) {
    await using at = await behindProxy({
      headers: { "x-never": "" },
      refusal: () => new Response(null, { status, headers: { location } }),
    });
    await using backend = connect(at.proxy, { headers: secrets });
    await assert.rejects(
      backend.health({ signal: never }),
      (error) =>
        error instanceof ComfyUIConnectionError && error.message.includes(`status ${status}`) &&
        error.message.includes(`:${elsewhere.addr.port}/login (`) &&
        !error.message.includes("state="),
    );
    await assert.rejects(backend.free({ signal: never }), new RegExp(`status ${status}`));
    const address = { baseUrl: at.proxy.url, headers: secrets };
    await assert.rejects(probeSocket(address, "c", never), ComfyUIConnectionError);
  }
  assert.deepEqual(came, []);
});

Deno.test("a self-signed certificate is named", async () => {
  await using at = await behindProxy({ tls: tlsOptions });
  await using backend = connect(at.proxy, { headers: secrets });
  await assert.rejects(backend.health({ signal: never }), /: certificate not accepted: /);
  await assert.rejects(
    probeSocket({ baseUrl: at.proxy.url, headers: secrets }, "c", never),
    /WebSocket \(\/ws\): certificate not accepted: /,
  );
});

Deno.test("parseAddress() takes a path, IPv6, a name and a password, and nothing that is no address", () => {
  const read = (text: string) => {
    const address = parseAddress(text);
    return address && [address.url, address.headers["authorization"]?.reveal()];
  };
  assert.deepEqual(read("http://gpu:8188"), ["http://gpu:8188", undefined]);
  assert.deepEqual(read("https://h.example/a/b/"), ["https://h.example/a/b", undefined]);
  assert.deepEqual(read("http://[::1]:8188/"), ["http://[::1]:8188", undefined]);
  // RFC 7617, section 2: Aladdin's, and one in UTF-8 (section 2.1).
  assert.deepEqual(read("https://Aladdin:open%20sesame@h"), [
    "https://h",
    "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
  ]);
  assert.deepEqual(read("https://test:123£@h"), ["https://h", "Basic dGVzdDoxMjPCow=="]);
  for (const bad of ["", "gpu:8188", "ftp://h", "http://", "http://h/?a=1", "http://h/#a"]) {
    assert.equal(read(bad), undefined, bad);
  }
});

/** The configuration with these backends. */
function parsed(backends: string, env: Readonly<Record<string, string>> = {}) {
  return parseConfig({
    env: { TELEGRAM_BOT_TOKEN: "1:token-of-the-bot", ...env },
    envFile: { path: ".env", text: "COMFY_KEY=file-key-of-ours\n" },
    yaml: { path: "config.yaml", text: `comfyui:\n  backends:\n${backends}` },
    cwd: "/srv/bot",
  });
}

Deno.test("parseConfig() fills ${NAME} of headers from .env and the environment, and shows none of them", () => {
  const result = parsed(
    [
      "    - name: one",
      "      url: https://me:pass-word-1@gpu.example/comfy/",
      "      headers: { X-Key: '${COMFY_KEY}', X-Id: \"id-${OTHER}-${OTHER}\", X-Number: 12345678 }",
      "    - { name: two, url: 'http://[::1]:1', headers: { Authorization: 'Bearer ${COMFY_KEY}' } }",
      "",
    ].join("\n"),
    { OTHER: "other-key" },
  );
  assert.ok(result.ok);
  const { backends } = result.config.comfyui;
  assert.deepEqual(
    backends.map(({ url, headers }) => [
      url,
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()])),
    ]),
    [
      ["https://gpu.example/comfy", {
        authorization: `Basic ${btoa("me:pass-word-1")}`,
        "x-key": "file-key-of-ours",
        "x-id": "id-other-key-other-key",
        "x-number": "12345678",
      }],
      ["http://[::1]:1", { authorization: "Bearer file-key-of-ours" }],
    ],
  );
  assert.doesNotMatch(
    JSON.stringify(result.config) + Deno.inspect(result.config),
    /key-of|other-k/,
  );
  const redact = createRedactor(secretsOf(result.config));
  const told = `file-key-of-ours ${btoa("me:pass-word-1")} id-other-key-other-key http://me:pw@h/`;
  assert.equal(redact(told), "[redacted] [redacted] [redacted] http://[redacted]@h/");
});

Deno.test("parseConfig() says what is wrong with a backend's address and headers, and not their values", () => {
  const problemsOf = (backend: string, env = {}) => {
    const result = parsed(`    - { name: gpu, ${backend} }\n`, env);
    assert.ok(!result.ok, backend);
    const told = result.problems.join("\n");
    assert.doesNotMatch(told, /SECRET/);
    return told;
  };
  assert.match(
    problemsOf("url: 'https://me:SECRET@h/?a'"),
    /:3:25: .*url: "https:\/\/\[redacted\]@h/,
  );
  assert.match(problemsOf("port: 1"), /backends\[1\]\.host: it is missing \(wanted host, or url\)/);
  assert.match(problemsOf("host: a, url: 'http://b'"), /host and port, or url, and not both/);
  assert.match(
    problemsOf("url: 'http://b', port: 1"),
    /backends\[1\]\.port: 1 \(wanted the port in url/,
  );
  assert.match(
    problemsOf("host: a, headers: [SECRET]"),
    /headers: a list \(wanted names with texts/,
  );
  assert.match(
    problemsOf("host: a, headers: { x: [SECRET] }"),
    /headers: a map \(wanted names with/,
  );
  assert.match(problemsOf("host: a, headers: { 'a b': SECRET }"), /"a b" is not a header name/);
  assert.match(problemsOf("host: a, headers: { Host: SECRET }"), /other headers than Host/);
  assert.match(
    problemsOf("host: a, headers: { X: '${NOT_SET}' }"),
    /headers\.X of the backend gpu: \$\{NOT_SET\} is not set \(wanted NOT_SET=… in \.env\)/,
  );
  assert.match(problemsOf("host: a, headers: { X: '${V}' }", { V: "SECRET\nx" }), /line break/);
});

Deno.test("COMFYUI_URL wins over COMFYUI_HOST, and a bad one is shown without its password", () => {
  const of = (COMFYUI_URL: string) =>
    parseConfig({ env: { COMFYUI_URL, COMFYUI_HOST: "other" }, cwd: "/", tokenOptional: true });
  const good = of("https://me:SECRET@h.example/comfy");
  assert.ok(good.ok);
  const [backend] = good.config.comfyui.backends;
  assert.equal(backend?.url, "https://h.example/comfy");
  assert.equal(backend?.headers["authorization"]?.reveal(), `Basic ${btoa("me:SECRET")}`);
  const bad = of("https://me:SECRET@h.example/?comfy");
  assert.ok(!bad.ok);
  assert.match(bad.problems.join(), /Cannot use COMFYUI_URL: "https:\/\/\[redacted\]@h\.example/);
});

/** `doctor` on a host whose ComfyUI is behind a proxy. */
async function examined(options: Partial<AuthProxyOptions>, headers: string) {
  await using right = await machine();
  await using proxy = startAuthProxy({
    to: right.comfy.url,
    path: "/gpu",
    headers: wanted,
    ...options,
  });
  await right.home.write(
    "config.yaml",
    `comfyui:\n  backends:\n    - { name: gpu, url: "${proxy.url}", headers: ${headers} }\n`,
  );
  const report = await examine(right, { KEY: "a-key-that-nobody-may-see" });
  assert.doesNotMatch(JSON.stringify(report.checks), /nobody-may-see|another-key/);
  return { report, comfyui: report.named("ComfyUI"), url: proxy.url };
}

const good = '{ authorization: "Bearer ${KEY}", X-Client-Secret: another-key }';

Deno.test("doctor tries a ComfyUI behind a login whole", async () => {
  const { comfyui, url, report } = await examined({}, good);
  assert.equal(comfyui.status, "ok", comfyui.message);
  assert.ok(comfyui.message.includes(`at ${url};`), comfyui.message);
  assert.deepEqual(report.troubles, []);
});

Deno.test("doctor says that the proxy lets nobody in, passes no WebSocket on, or has a bad certificate", async () => {
  const shut = await examined({}, "{}");
  assert.equal(shut.comfyui.status, "fail");
  assert.match(shut.comfyui.message, /status 401, a login is required .*headers/);
  const deaf = await examined({ sockets: false }, good);
  assert.equal(deaf.comfyui.status, "warn");
  assert.match(deaf.comfyui.message, /answers, but: Cannot open ComfyUI's WebSocket .*status 404/);
  const unsigned = await examined({ tls: tlsOptions }, good);
  assert.equal(unsigned.comfyui.status, "fail");
  assert.match(unsigned.comfyui.message, /certificate not accepted/);
  assert.match(unsigned.comfyui.todo ?? "", /DENO_CERT/);
});
