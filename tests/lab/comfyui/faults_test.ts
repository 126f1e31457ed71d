/**
 * The simulator's faults, its death and return, its clock: what the end-to-end tests and the chaos harness rely on.
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { Body, Client, graphOf, post, start } from "./client.ts";

const seed = "success_qwen_template_with_previews";

Deno.test("faults: an http fault strikes as often as it says, where its path matches", async () => {
  await using comfy = await start();
  const get = (path: string) => fetch(comfy.url + path);
  const fault = comfy.faults.add({ kind: "http", path: /^\/queue/, answer: "500", times: 1 });
  equal((await get("/prompt").then(async (r) => (await r.json(), r))).status, 200);
  const failed = await get("/api/queue");
  equal(failed.status, 500);
  await failed.text();
  deepEqual(await (await get("/queue")).json(), { queue_running: [], queue_pending: [] });
  equal(fault.hits, 1);
  comfy.faults.add({ kind: "http", path: /^\/queue/, answer: "rubbish", times: 1 });
  match(await (await get("/queue")).text(), /<!doctype html>/);
  comfy.faults.add({ kind: "http", path: /^\/queue/, answer: "half-json", times: 1 });
  await rejects(get("/queue").then((r) => r.json()), SyntaxError);
  {
    // For ever: newer runtimes send a GET again by themselves.
    using _cut = comfy.faults.add({ kind: "http", path: /^\/queue/, answer: "cut" });
    await rejects(get("/queue"), TypeError);
  }
  const hang = comfy.faults.add({ kind: "http", path: /^\/queue/, answer: "hang" });
  const aborting = new AbortController();
  const hanging = fetch(`${comfy.url}/queue`, { signal: aborting.signal });
  hanging.catch(() => {});
  await comfy.until(() => hang.hits === 1, { what: "the request" });
  aborting.abort();
  await rejects(hanging);
  hang.remove();
  equal((await get("/queue").then(async (r) => (await r.text(), r))).status, 200);
});

Deno.test("faults: a cut POST /prompt can have had its effect", async () => {
  await using comfy = await start();
  comfy.faults.add({ kind: "http", path: /^\/prompt$/, answer: "cut", processed: true, times: 1 });
  const prompt = await graphOf("success_core_nodes");
  await rejects(post(comfy, "/prompt", { prompt, prompt_id: "p" }), TypeError);
  await comfy.until(() => comfy.ran[0]?.outcome === "success", { what: "the run" });
  equal(comfy.ran[0]?.promptId, "p");
});

Deno.test("faults: an error at a node is reported, a stuck one waits for its interrupt", async () => {
  await using comfy = await start();
  await using client = await Client.connect(comfy);
  comfy.faults.add({
    kind: "error",
    exceptionType: "torch.OutOfMemoryError",
    exceptionMessage: "Allocation on device 0 would exceed allowed memory.",
    times: 1,
  });
  const failed = await client.run(comfy, await graphOf(seed));
  const error = client.frames.find((frame) =>
    typeof frame !== "string" && frame.type === "execution_error"
  );
  ok(typeof error === "object");
  equal(error.data["node_type"], "ClownsharKSampler_Beta");
  match(String(error.data["exception_message"]), /^Allocation on device[^]*TIPS/);
  equal(Body.parse(failed.history["status"])["status_str"], "error");
  comfy.faults.add({ kind: "stuck", node: "VAEDecode", times: 1 });
  const stuck = client.run(comfy, await graphOf(seed), "stuck");
  stuck.catch(() => {});
  const isAt8 = () =>
    client.frames.some((f) =>
      typeof f !== "string" && f.type === "executing" && f.data["node"] === "8"
    );
  await client.seen("the node", isAt8);
  await post(comfy, "/interrupt", { prompt_id: "somebody else's" });
  deepEqual(comfy.queue().running, ["stuck"]);
  await post(comfy, "/interrupt", { prompt_id: "stuck" });
  await stuck;
  deepEqual(comfy.ran.map(({ outcome }) => outcome), ["error", "interrupted"]);
});

Deno.test("faults: late-history hides a success, unknown and half frames come between true ones", async () => {
  await using comfy = await start();
  await using client = await Client.connect(comfy);
  comfy.faults.add({ kind: "late-history", times: 1 });
  using _unknown = comfy.faults.add({ kind: "unknown-frames" });
  using _half = comfy.faults.add({ kind: "half-frames", times: 2 });
  const prompt = await graphOf("success_core_nodes");
  await post(comfy, "/prompt", { prompt, client_id: client.id, prompt_id: "p" });
  await client.end("p");
  const history = async () => await (await fetch(`${comfy.url}/history/p`)).json();
  deepEqual(await history(), {});
  deepEqual(Object.keys(await history()), ["p"]);
  const types = client.types();
  equal(types.filter((type) => type === "unreadable").length, 2);
  ok(
    types.includes("quantum_state") && types.includes("binary 00000063") &&
      types.includes("binary "),
  );
});

Deno.test("faults: silent sockets hear nothing, cut ones end without a close frame", async () => {
  await using comfy = await start();
  await using deaf = await Client.connect(comfy);
  using _silent = comfy.faults.add({ kind: "socket-silent" });
  await using hearing = await Client.connect(comfy);
  const prompt = await graphOf("success_core_nodes");
  await post(comfy, "/prompt", { prompt, client_id: hearing.id, prompt_id: "p" });
  await hearing.end("p");
  equal(deaf.frames.length, 1);
  const cut = comfy.faults.add({ kind: "socket-cut", refuse: true });
  await hearing.seen("the cut", () => hearing.closed);
  equal(comfy.sockets, 0);
  const refused = await Client.connect(comfy);
  equal(refused.closed, true);
  cut.remove();
  await using again = await Client.connect(comfy);
  using _every = comfy.faults.add({ kind: "socket-cut-every", everyMs: 1, times: 1 });
  await again.seen("the cut", () => again.closed);
});

Deno.test("kill() forgets queue, history and cache; restart() is on the same port with the files", async () => {
  await using comfy = await start();
  await using client = await Client.connect(comfy);
  const done = await client.run(comfy, await graphOf("success_core_nodes"));
  using _stuck = comfy.faults.add({ kind: "stuck" });
  const prompt = await graphOf(seed);
  await post(comfy, "/prompt", { prompt, prompt_id: "lost" });
  await comfy.until(() => comfy.queue().running.length, { what: "a running prompt" });
  const { url } = comfy;
  await comfy.kill();
  await client.seen("the end of the socket", () => client.closed);
  await rejects(fetch(`${url}/queue`), TypeError);
  deepEqual(comfy.ran.map(({ outcome }) => outcome), ["success", "lost"]);
  await comfy.restart();
  equal(comfy.url, url);
  const get = async (path: string) => await (await fetch(url + path)).json();
  deepEqual(await get("/queue"), { queue_running: [], queue_pending: [] });
  deepEqual(await get(`/history/${done.promptId}`), {});
  ok(comfy.file("output", "", "job1_00001_.png"));
  await using after = await Client.connect(comfy);
  await after.run(comfy, await graphOf("success_core_nodes"));
  equal(comfy.ran.at(-1)?.cached, false);
  ok(comfy.file("output", "", "job1_00002_.png"));
});

Deno.test("POST /prompt does not deduplicate, and orders by number", async () => {
  await using comfy = await start();
  using _stuck = comfy.faults.add({ kind: "stuck", times: 1 });
  const prompt = await graphOf(seed);
  await post(comfy, "/prompt", { prompt, prompt_id: "a" });
  await comfy.until(() => comfy.queue().running.length, { what: "a running prompt" });
  for (const prompt_id of ["b", "b"]) await post(comfy, "/prompt", { prompt, prompt_id });
  await post(comfy, "/prompt", { prompt, prompt_id: "front", front: true });
  deepEqual(comfy.queue(), { running: ["a"], pending: ["front", "b", "b"] });
  await post(comfy, "/interrupt", {});
  await comfy.until(() => comfy.ran.length === 4 && comfy.queue().running.length === 0, {
    what: "four runs",
  });
  deepEqual(comfy.ran.map(({ cached }) => cached), [false, false, true, true]);
});

Deno.test("a run that is stuck goes on when the fault is removed, a spent one too", async () => {
  await using comfy = await start();
  const stuck = comfy.faults.add({ kind: "stuck", afterStep: 2, times: 1 });
  await post(comfy, "/prompt", { prompt: await graphOf(seed), prompt_id: "held" });
  await comfy.until(() => stuck.hits === 1, { what: "it is stuck" });
  equal(comfy.ran[0]?.outcome, "running");
  stuck.remove();
  await comfy.until(() => comfy.ran[0]?.outcome === "success", { what: "it goes on" });
});

Deno.test("runMs is what a run takes, and idle() is the rest", async () => {
  await using comfy = await start({ runMs: 30, scale: false, previews: "latent2rgb" });
  for (let i = 0; i < 3; i++) {
    const prompt = await graphOf(seed, { "117.value": i });
    await post(comfy, "/prompt", { prompt, client_id: "c", prompt_id: `p${i}` });
  }
  await comfy.until(() => comfy.ran[2]?.outcome === "success", { what: "three runs" });
  for (const { startedAt, endedAt } of comfy.ran) ok((endedAt ?? 0) - startedAt >= 29);
  const [first, , last] = comfy.ran;
  const idle = comfy.idle();
  equal(idle.spanMs, (last?.endedAt ?? 0) - (first?.startedAt ?? 0));
  const busyMs = comfy.ran.reduce((sum, run) => sum + (run.endedAt ?? 0) - run.startedAt, 0);
  equal(idle.idleMs, idle.spanMs - busyMs);
  equal(idle.share, idle.idleMs / idle.spanMs);
  equal(comfy.idle(0, 1000).share, 1);
});

Deno.test("a run does not make up for a machine that stood still", async () => {
  const [steps, stepMs] = [10, 20];
  await using comfy = await start({ stepMs, scale: false });
  const goesOn = Promise.withResolvers<number>();
  const standStill = () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, steps * stepMs);
    goesOn.resolve(performance.now());
  };
  using _frames = comfy.onFrame(({ type, data }) => {
    if (type === "progress" && Object(data).value === 1) setTimeout(standStill, 0);
  });
  await using client = await Client.connect(comfy);
  await client.run(comfy, await graphOf(seed, { "115.value": steps }));
  const tookMs = performance.now() - await goesOn.promise;
  // The first step was over, the second is, and one is made up for.
  ok(tookMs > (steps - 4) * stepMs, `${tookMs} ms`);
});
