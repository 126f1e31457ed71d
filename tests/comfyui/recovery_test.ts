/** Backend.run() when sockets, answers and ComfyUI itself fail. */
import assert from "node:assert/strict";
import type { FaultHandle } from "../../lab/comfyui/mod.ts";
import { ComfyUIConnectionError, PromptLostError } from "../../src/lib/errors.ts";
import type { BackendEvent } from "../../src/worker/backend.ts";
import {
  collect,
  connect,
  doneOf,
  endOf,
  never,
  quick,
  sampling,
  start,
  submitAsStranger,
  typesOf,
} from "./backend_fixture.ts";

for (
  const [what, fault] of [
    ["is cut off", { answer: "cut", processed: true }],
    ["is a 500", { answer: "500", processed: true }],
    ["is half a JSON", { answer: "half-json" }],
    ["does not come", { answer: "hang", processed: true }],
  ] as const
) {
  Deno.test(`run() renders once when the answer to its POST ${what} (trap 1)`, async () => {
    await using fixture = await start(fault.answer === "hang" ? { requestTimeoutMs: 300 } : {});
    const { comfy, backend } = fixture;
    using handle = comfy.faults.add({ kind: "http", path: /^\/prompt$/, times: 1, ...fault });
    const events = await collect(backend, sampling());
    assert.equal(handle.hits, 1);
    assert.deepEqual(events[0], { type: "accepted", attached: false });
    doneOf(events);
    assert.equal(comfy.ran.length, 1);
  });
}

for (const path of [/^\/prompt$/, /^\/upload\/image$/, /^\/queue$/]) {
  Deno.test(`run() loads its pictures once and goes on when ${path.source} fails before it has an effect`, async () => {
    await using fixture = await start();
    const { comfy, backend } = fixture;
    using handle = comfy.faults.add({ kind: "http", path, answer: "500", times: 2 });
    let loaded = 0;
    const request = sampling();
    const pictures = () => {
      loaded++;
      return request.pictures();
    };
    doneOf(await collect(backend, { ...request, pictures }));
    assert.deepEqual([handle.hits, loaded, comfy.ran.length], [2, 1, 1]);
  });
}

Deno.test("run() goes on when what stands before ComfyUI keeps a picture back for a while", async () => {
  await using fixture = await start();
  for (const answer of [401, 403, 407, 408, 429]) {
    using handle = fixture.comfy.faults.add({
      kind: "http",
      path: /^\/upload\/image$/,
      answer,
      times: 1,
    });
    doneOf(await collect(fixture.backend, quick()));
    assert.equal(handle.hits, 1, String(answer));
  }
});

Deno.test("run() rejects when three tries to submit have failed", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  using handle = comfy.faults.add({ kind: "http", path: /^\/prompt$/, answer: 503 });
  await assert.rejects(
    collect(backend, sampling()),
    (error) =>
      error instanceof ComfyUIConnectionError &&
      error.message === "Cannot ask ComfyUI (POST /prompt): status 503 (wanted 200)",
  );
  assert.equal(handle.hits, 3);
  assert.equal(comfy.ran.length, 0);
});

Deno.test("run() rejects when ComfyUI is not there", async () => {
  await using fixture = await start();
  await fixture.comfy.kill();
  await assert.rejects(
    collect(fixture.backend, sampling()),
    (error) =>
      error instanceof ComfyUIConnectionError && /GET \/history.*refused/i.test(error.message),
  );
});

Deno.test("run() finds the end by asking when a prompt's history is empty at every other look (trap 2)", async () => {
  await using fixture = await start({ pollMs: 20 });
  const { comfy, backend } = fixture;
  comfy.faults.add({ kind: "socket-cut", refuse: true });
  const events = await collect(backend, sampling({ steps: 10 }));
  assert.deepEqual(typesOf(events), ["accepted", "started", "done"]);
});

Deno.test("run() waits for the history when it is written late (trap 3)", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  using handle = comfy.faults.add({ kind: "late-history", times: 4 });
  doneOf(await collect(backend, quick()));
  assert.equal(handle.hits, 4);
});

Deno.test("run() goes on with steps when its socket is cut in the middle (trap 5)", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  let sent = 0;
  using _frames = comfy.onFrame(({ type, data }) => {
    if (type === "progress") sent = Number(Object(data).value);
  });
  let sentBefore: number | undefined;
  let isHeard = false;
  for await (const event of backend.run(sampling({ steps: 1000 }), { signal: never })) {
    if (event.type !== "step") continue;
    isHeard = sentBefore !== undefined && event.value > sentBefore;
    if (isHeard) break;
    if (sentBefore !== undefined) continue;
    comfy.faults.add({ kind: "socket-cut", times: 1 });
    await comfy.until(() => comfy.sockets === 0, { what: "the socket gone" });
    sentBefore = sent;
  }
  assert.ok(isHeard, "steps are heard on the next socket");
});

Deno.test("run() notices the end when it came while the socket was down (trap 6)", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  const request = sampling({ steps: 10 });
  const types: string[] = [];
  for await (const event of backend.run(request, { signal: never })) {
    types.push(event.type);
    if (event.type !== "started") continue;
    const down = comfy.faults.add({ kind: "socket-cut", refuse: true });
    await endOf(comfy, request.promptId);
    down.remove();
  }
  assert.equal(types.at(-1), "done");
});

Deno.test("run() ends by asking when its socket goes silent (trap 6)", async () => {
  await using fixture = await start({ pollMs: 50 });
  const { comfy, backend } = fixture;
  let types: string[] = [];
  for await (const event of backend.run(sampling({ steps: 20 }), { signal: never })) {
    types.push(event.type);
    if (event.type !== "started") continue;
    comfy.faults.add({ kind: "socket-silent", times: 1 });
    types = [];
  }
  assert.equal(types.at(-1), "done");
});

Deno.test("run() opens another socket when the one that it has is silent for too long (trap 6)", async () => {
  await using fixture = await start({ pollMs: 20, staleMs: 40 });
  const { comfy, backend } = fixture;
  let isGreeted = false;
  using listening = new DisposableStack();
  let isHeard = false;
  for await (const event of backend.run(sampling({ steps: 1000 }), { signal: never })) {
    if (event.type === "started") {
      comfy.faults.add({ kind: "socket-silent", times: 1 });
      // From here on a new socket alone gets any.
      listening.use(comfy.onFrame(() => isGreeted = true));
    }
    isHeard = isGreeted && event.type === "step";
    if (isHeard) break;
  }
  assert.ok(isHeard, "steps are heard on the new socket");
});

for (
  const [what, staleMs] of [["waits", 1], ["runs and is not silent for long", 60_000]] as const
) {
  Deno.test(`run() leaves its socket open while its prompt ${what} (trap 6)`, async () => {
    await using fixture = await start();
    const { comfy } = fixture;
    const open: number[] = [];
    await using backend = connect(comfy, {
      pollMs: 5,
      staleMs,
      fetch(input, init) {
        if (String(input).endsWith("/queue")) open.push(comfy.sockets);
        return fetch(input, init);
      },
    });
    comfy.faults.add({ kind: "stuck" });
    if (what === "waits") await submitAsStranger(comfy, 1);
    const controller = new AbortController();
    const run = assert.rejects(collect(backend, sampling(), controller.signal));
    run.catch(() => {});
    await comfy.until(() => open.length > 10, { what: "it asked for, again and again" });
    controller.abort();
    await run;
    assert.deepEqual([...new Set(open)], [1]);
  });
}

Deno.test("run() asks only when the socket cannot be opened", async () => {
  await using fixture = await start({ pollMs: 20 });
  fixture.comfy.faults.add({ kind: "socket-cut", refuse: true });
  doneOf(await collect(fixture.backend, quick()));
});

Deno.test("run() shows no life of a prompt that is stuck, though its socket opens anew (traps 5, 6)", async () => {
  await using fixture = await start({ pollMs: 20, staleMs: 40 });
  const { comfy, backend } = fixture;
  using handle = comfy.faults.add({ kind: "stuck" });
  const request = sampling();
  const controller = new AbortController();
  const events: BackendEvent[] = [];
  const run = (async () => {
    for await (const event of backend.run(request, { signal: controller.signal })) {
      events.push(event);
    }
  })();
  run.catch(() => {});
  await comfy.until(() => handle.hits > 0, { what: "the prompt stuck" });
  let opened = 0;
  using _frames = comfy.onFrame(({ type, data }) => {
    if (type === "executing" && !("prompt_id" in Object(data))) opened++;
  });
  await comfy.until(() => opened === 1, { what: "the socket opened anew" });
  const before = events.length;
  await comfy.until(() => opened === 3, { what: "the socket opened anew, twice more" });
  controller.abort();
  await assert.rejects(run);
  assert.deepEqual(events.slice(before), []);
});

for (const kind of ["unknown-frames", "half-frames"] as const) {
  Deno.test(`run() is not disturbed by ${kind} (trap 21)`, async () => {
    await using fixture = await start();
    fixture.comfy.faults.add({ kind });
    const events = await collect(fixture.backend, sampling({ steps: 4 }));
    assert.deepEqual(
      new Set(typesOf(events)),
      new Set(["accepted", "started", "executing", "step", "done"]),
    );
    doneOf(events);
  });
}

for (const answer of ["rubbish", "half-json", "cut", "500", 404] as const) {
  Deno.test(`run() looks again when /history answers ${answer} at the end`, async () => {
    await using fixture = await start();
    const { comfy, backend } = fixture;
    let handle: FaultHandle | undefined;
    let last: string | undefined;
    for await (const event of backend.run(quick(), { signal: never })) {
      last = event.type;
      if (event.type !== "accepted") continue;
      handle = comfy.faults.add({ kind: "http", path: /^\/history\//, answer, times: 1 });
    }
    assert.deepEqual([last, handle?.hits], ["done", 1]);
  });
}

Deno.test("run() fetches the result again when the first answer is cut off", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  using handle = comfy.faults.add({ kind: "http", path: /^\/view$/, answer: "cut", times: 1 });
  assert.ok(doneOf(await collect(backend, quick())).picture.bytes.length > 100);
  assert.equal(handle.hits, 1);
});

Deno.test("run() fetches the result again when the first answer is an empty picture", async () => {
  await using fixture = await start();
  let isEmpty = true;
  await using backend = connect(fixture.comfy, {
    fetch(input, init) {
      if (!isEmpty || !String(input).includes("/view?")) return fetch(input, init);
      isEmpty = false;
      return Promise.resolve(new Response(null, { headers: { "content-type": "image/png" } }));
    },
  });
  assert.ok(doneOf(await collect(backend, quick())).picture.bytes.length > 100);
  assert.ok(!isEmpty);
});

Deno.test("run() looks twice when neither queue nor history has its prompt", async () => {
  await using fixture = await start();
  let blind = 0;
  const fetchBlind: typeof fetch = (input, init) => {
    if (!String(input).endsWith("/queue") || blind === 0) return fetch(input, init);
    blind--;
    return Promise.resolve(Response.json({ queue_running: [], queue_pending: [] }));
  };
  await using backend = connect(fixture.comfy, { fetch: fetchBlind, pollMs: 20 });
  fixture.comfy.faults.add({ kind: "socket-cut", refuse: true });
  let last: string | undefined;
  for await (const event of backend.run(sampling({ steps: 200 }), { signal: never })) {
    last = event.type;
    if (event.type === "started") blind = 1;
  }
  assert.deepEqual([last, blind], ["done", 0]);
});

Deno.test("run() rejects with PromptLostError when ComfyUI restarts in the middle (trap 2)", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  const request = sampling({ steps: 1000 });
  await assert.rejects(async () => {
    for await (const event of backend.run(request, { signal: never })) {
      if (event.type === "started") await comfy.restart();
    }
  }, PromptLostError);

  // And the same prompt, submitted again, runs.
  const retried = collect(backend, { ...sampling({ steps: 2 }), promptId: request.promptId });
  assert.deepEqual((await retried)[0], { type: "accepted", attached: false });
});

Deno.test("run() rejects when ComfyUI dies in the middle and is away for longer than bridgeMs", async () => {
  await using fixture = await start({ pollMs: 20, bridgeMs: 100 });
  const { comfy, backend } = fixture;
  await assert.rejects(async () => {
    for await (const event of backend.run(sampling({ steps: 1000 }), { signal: never })) {
      if (event.type === "started") await comfy.kill();
    }
  }, ComfyUIConnectionError);
});

for (const answer of ["rubbish", "half-json", "cut", "500", "hang"] as const) {
  Deno.test(`health(), catalog() and free() reject with ComfyUIConnectionError when the answer is ${answer}`, async () => {
    await using fixture = await start({ requestTimeoutMs: 100 });
    const { comfy, backend } = fixture;
    comfy.faults.add({ kind: "http", path: /./, answer });
    await assert.rejects(backend.health({ signal: never }), ComfyUIConnectionError);
    await assert.rejects(backend.catalog(["KSampler"], { signal: never }), ComfyUIConnectionError);
    // Nothing is read of its answer, so rubbish is as good as any.
    if (answer === "rubbish" || answer === "half-json") return;
    await assert.rejects(backend.free({ signal: never }), ComfyUIConnectionError);
  });
}

Deno.test("every method rejects with the signal's reason when it is aborted", async () => {
  await using fixture = await start();
  const { comfy, backend } = fixture;
  comfy.faults.add({ kind: "http", path: /./, answer: "hang" });
  const reason = new Error("no patience");
  const calls = (signal: AbortSignal) => [
    backend.health({ signal }),
    backend.catalog([], { signal }),
    backend.free({ signal }),
    backend.interrupt("p", { signal }),
  ];
  const late = new AbortController();
  const settling = Promise.allSettled([
    ...calls(late.signal),
    ...calls(AbortSignal.abort(reason)),
  ]);
  late.abort(reason);
  const outcomes = await settling;
  assert.deepEqual(outcomes, outcomes.map(() => ({ status: "rejected", reason })));
});

Deno.test("run() works behind a base URL that ends in a slash", async () => {
  await using fixture = await start();
  await using backend = connect({ url: `${fixture.comfy.url}/` });
  doneOf(await collect(backend, quick()));
});
