/** What monitoring is answered over HTTP, and when the program counts as alive and as ready. */
import assert from "node:assert/strict";
import { freePort } from "../../lab/servers/installed_server.ts";
import { z } from "zod";
import { parseConfig } from "../../src/config/config.ts";
import { CancelledError } from "../../src/jobs/failure.ts";
import {
  ComfyUIConnectionError,
  InvalidParametersError,
  PromptLostError,
  WorkflowExecutionError,
  WorkflowRefusedError,
  WorkflowTimeoutError,
} from "../../src/lib/errors.ts";
import { createHealth } from "../../src/monitoring/health.ts";
import type { Backend } from "../../src/worker/backend.ts";
import {
  type BackendAnswer,
  backendErrorKind,
  createBackendProbe,
  watchBackend,
} from "../../src/worker/backend_health.ts";
// The client library keeps a channel open that it makes when it is loaded: that is no leak of a test.
import { type MonitorPage, serveMonitor } from "../../src/monitoring/http_server.ts";
import { noTotals } from "../../src/monitoring/lifetime_totals.ts";
import { openMonitor } from "../../src/monitoring/monitoring.ts";
import "../../src/monitoring/prometheus.ts";
import { openQueue, request } from "../jobs/job_fixture.ts";
import { SmallBackend } from "../worker/small_backend.ts";

const vital = { version: "1", devices: [], running: [], pending: [] };
const up: BackendAnswer = { ok: true, name: "one", health: vital };
const down: BackendAnswer = { ok: false, name: "two", reason: "connection refused" };

function openHealth(answers: readonly BackendAnswer[] = [up]) {
  let at = 1_000_000;
  const health = createHealth({ backends: () => Promise.resolve(answers), now: () => at });
  return { health, pass: (ms: number) => at += ms };
}

Deno.test("createHealth() is ready when Telegram has answered and one backend does", async () => {
  const { health } = openHealth([up, down]);
  assert.deepEqual(await health.readiness(), {
    ready: false,
    telegram: "it was not reached yet",
    backends: { one: "ok", two: "connection refused" },
  });
  health.called({ method: "setMyCommands", code: "network" });
  assert.equal((await health.readiness()).ready, false);
  health.called({ method: "setMyCommands", code: 200 });
  assert.equal((await health.readiness()).ready, true);
  assert.equal(health.polledAt, undefined);
  health.called({ method: "getUpdates", code: 200 });
  assert.equal((await health.readiness()).ready, true);
  assert.equal(health.polledAt, 1_000_000);
});

Deno.test("createHealth() is not ready when Telegram or every backend is away", async () => {
  const { health } = openHealth([down]);
  health.called({ method: "getUpdates", code: 200 });
  assert.equal((await health.readiness()).ready, false);
  const reached = openHealth();
  reached.health.called({ method: "getUpdates", code: 200 });
  reached.health.called({ method: "getUpdates", code: "network" });
  assert.equal((await reached.health.readiness()).telegram, "it cannot be reached");
  reached.health.called({ method: "getUpdates", code: 502 });
  assert.deepEqual((await reached.health.readiness()).telegram, "it answers 502");
});

Deno.test("createHealth() is alive while Telegram is away, and not when updates are no longer fetched", () => {
  const { health, pass } = openHealth();
  pass(110_000);
  assert.deepEqual(health.liveness(), { alive: true });
  health.called({ method: "getUpdates", code: "network" });
  pass(110_000);
  assert.deepEqual(health.liveness(), { alive: true });
  health.called({ method: "sendMessage", code: 200 });
  pass(20_000);
  assert.deepEqual(health.liveness(), {
    alive: false,
    problem: "Telegram was not asked for updates for 130 s",
  });
});

Deno.test("backendErrorKind() names what ComfyUI did, and nothing that it did not do", () => {
  const kinds = [
    new ComfyUIConnectionError("x"),
    new PromptLostError("x"),
    new WorkflowRefusedError("x"),
    new WorkflowExecutionError("x"),
    new WorkflowExecutionError("the GPU is out of memory"),
    new WorkflowTimeoutError("x"),
    new InvalidParametersError("x"),
    new CancelledError(),
    new DOMException("stop", "AbortError"),
  ].map(backendErrorKind);
  assert.deepEqual(kinds, [
    "connection",
    "crashed",
    "refused",
    "execution",
    "out_of_memory",
    "timeout",
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("watchBackend() tells of each error and throws it on", async () => {
  const away = new ComfyUIConnectionError("Cannot ask ComfyUI: away");
  const lost = new PromptLostError("gone");
  const heard: string[] = [];
  const backend: Backend = {
    ...new SmallBackend(),
    name: "one",
    async *run() {
      yield { type: "started" };
      throw lost;
    },
    health: () => Promise.reject(away),
    catalog: () => Promise.resolve({}),
    erase: () => Promise.resolve(true),
    interrupt: () => Promise.resolve(),
    free: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const watched = watchBackend(backend, (kind) => heard.push(kind));
  const { signal } = new AbortController();
  await assert.rejects(watched.health({ signal }), away);
  const seen: string[] = [];
  await assert.rejects(async () => {
    const nothing = {
      promptId: "p",
      outputNode: "3",
      fill: () => ({}),
      pictures: () => Promise.resolve([]),
    };
    for await (const event of watched.run(nothing, { signal })) seen.push(event.type);
  }, lost);
  assert.deepEqual(seen, ["started"]);
  assert.deepEqual(heard, ["connection", "crashed"]);
  assert.deepEqual(await watched.catalog([], { signal }), {});
});

Deno.test("createBackendProbe() asks once for all who ask at the same time, and anew a second later", async () => {
  let at = 1_000;
  let asked = 0;
  const probe = createBackendProbe({
    backend: {
      name: "one",
      health: () => ++asked === 1 ? Promise.resolve(vital) : Promise.reject(new Error("away")),
    },
    now: () => at,
    signal: new AbortController().signal,
  });
  assert.deepEqual(await Promise.all([probe(), probe(), probe()]), [up, up, up]);
  assert.equal(asked, 1);
  at += 1_000;
  assert.deepEqual(await probe(), { ok: false, name: "one", reason: "away" });
});

Deno.test("createBackendProbe() ends its question when the program does", async () => {
  const ending = new AbortController();
  const probe = createBackendProbe({
    backend: {
      name: "one",
      health: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        }),
    },
    now: () => 0,
    signal: ending.signal,
  });
  const answer = probe();
  ending.abort(new Error("stopped"));
  assert.deepEqual(await answer, { ok: false, name: "one", reason: "stopped" });
});

function page(body: string): MonitorPage {
  return { status: 200, contentType: "text/plain", body };
}

Deno.test("serveMonitor() answers its pages to GET and HEAD and nothing else", async () => {
  const port = freePort();
  const pages = new Map([
    ["/healthz", () => Promise.resolve(page("fine"))],
    ["/broken", () => Promise.reject(new Error("123456789:secret"))],
  ]);
  await using _server = serveMonitor({ host: "127.0.0.1", port, pages });
  async function ask(path: string, method = "GET") {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return { status: response.status, body: await response.text() };
  }
  assert.deepEqual(await ask("/healthz"), { status: 200, body: "fine" });
  assert.deepEqual(await ask("/healthz?x=1", "HEAD"), { status: 200, body: "" });
  assert.equal((await ask("/healthz", "POST")).status, 405);
  assert.deepEqual(await ask("/"), { status: 404, body: "there is /healthz, /broken\n" });
  const broken = await ask("/broken");
  assert.equal(broken.status, 500);
  assert.doesNotMatch(broken.body, /secret/);
});

Deno.test("serveMonitor() leaves it when the port is taken", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  assert.equal(serveMonitor({ host: "127.0.0.1", port, pages: new Map() }), undefined);
});

const clients: ReadonlyMap<string, string> = new Map([
  ["says nothing", ""],
  ["keeps its connection open", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["stops in the middle of its request", "GET /x HTTP/1.1\r\nHost: a"],
  ["stops in the middle of a body", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"],
  ["does not read the answer", "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"],
]);

for (const [what, bytes] of clients) {
  Deno.test(`serveMonitor() stands down at once while a client ${what}`, async () => {
    const port = freePort();
    const pages = new Map([
      ["/x", () => Promise.resolve(page("x"))],
      ["/large", () => Promise.resolve(page("x".repeat(30_000_000)))],
    ]);
    const server = serveMonitor({ host: "127.0.0.1", port, pages });
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(new TextEncoder().encode(bytes));
    // The next is served when this one has been seen.
    await (await fetch(`http://127.0.0.1:${port}/x`)).body?.cancel();
    await server?.[Symbol.asyncDispose]();
    using again = Deno.listen({ hostname: "127.0.0.1", port });
    assert.equal(again.addr.port, port);
  });
}

Deno.test("openMonitor() keeps metrics.json and serves nothing, or the other way round, as it is told", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const queue = await openQueue();
    const small = new SmallBackend();
    const probe = createBackendProbe({
      backend: small,
      now: Date.now,
      signal: new AbortController().signal,
    });
    const deps = {
      queue,
      backends: async () => [await probe()],
      templatesOn: () => undefined,
      lifetimeTotals: { load: () => Promise.resolve(noTotals), save: () => Promise.resolve() },
      maxWaiting: () => 100,
      now: Date.now,
    };
    const port = freePort();
    const options = { file: true, serve: false, host: "127.0.0.1", port, dataDir: dir };
    {
      await using _monitor = await openMonitor(deps, options);
      await queue.enqueue(request("a"));
      await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }));
    }
    assert.deepEqual(JSON.parse(await Deno.readTextFile(`${dir}/metrics.json`)), {
      tasks_total: 1,
      tasks_success: 0,
      tasks_failed: 0,
      queue_current_size: 1,
      avg_processing_time: 0,
    });
    await Deno.remove(`${dir}/metrics.json`);
    {
      await using monitor = await openMonitor(deps, { ...options, file: false, serve: true });
      monitor.called({ method: "getUpdates", code: 200 });
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
      assert.equal(ready.status, 200);
      const answer = z.object({ ready: z.boolean(), backends: z.record(z.string(), z.string()) });
      assert.deepEqual(answer.parse(await ready.json()), {
        ready: true,
        backends: { [small.name]: "ok" },
      });
    }
    assert.deepEqual([...Deno.readDirSync(dir)], []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

function parseMetrics(yaml: string) {
  return parseConfig({
    env: { TELEGRAM_BOT_TOKEN: "1:test", ADMIN_USER_IDS: "1" },
    yaml: { path: "config.yaml", text: `metrics: ${yaml}` },
    cwd: "/srv/bot",
  });
}

Deno.test("parseConfig() keeps metrics.json and serves nothing when metrics are not set", () => {
  const result = parseMetrics("");
  assert.deepEqual(result.ok && result.config.metrics, {
    file: true,
    serve: false,
    host: "127.0.0.1",
    port: 9464,
  });
});

Deno.test("parseConfig() warns of an address that others can reach, where metrics are served there", () => {
  const warnings = (host: string, serve = true) => {
    const result = parseMetrics(`{ serve: ${serve}, host: "${host}" }`);
    assert.ok(result.ok, host);
    return result.warnings.length;
  };
  for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1"]) {
    assert.equal(warnings(host), 0, host);
  }
  for (const host of ["0.0.0.0", "::", "192.168.1.5", "gpu.local"]) {
    assert.equal(warnings(host), 1, host);
  }
  assert.equal(warnings("0.0.0.0", false), 0);
});

Deno.test("parseConfig() refuses metrics at what is no host or no port", () => {
  for (
    const bad of ['{ host: "http://a" }', '{ host: "a:1" }', "{ port: 65536 }", "{ port: -1 }"]
  ) {
    assert.equal(parseMetrics(bad).ok, false, bad);
  }
});
