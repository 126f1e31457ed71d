/**
 * Holds the simulated ComfyUI to the recordings of the real one: same requests, same frames in the same order, same bodies.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { z } from "zod";
import { ExecutionOrder } from "../../../lab/comfyui/engine/order.ts";
import {
  Body,
  Client,
  graphOf,
  post,
  recordedFrames,
  recording,
  shapeOf,
  start,
  upload,
} from "./client.ts";

async function same(
  name: string,
  client: Client,
  run: { readonly answer: unknown; readonly history: Record<string, unknown> },
) {
  const recorded = await recording(name);
  const history = Body.parse(Object.values(recorded.history ?? {})[0]);
  deepEqual(client.frames.map(shapeOf), recordedFrames(recorded));
  const shape = (body: Record<string, unknown>) =>
    shapeOf({ type: "", data: { ...body, prompt: 0 } });
  deepEqual(shape(run.history), shape(history));
  const wire = z.tuple([z.number(), z.string(), Body, Body, z.array(z.string())]);
  const [, , graph, extra, outputs] = wire.parse(run.history["prompt"]);
  const [, , recordedGraph, , recordedOutputs] = wire.parse(history["prompt"]);
  deepEqual([graph, extra, outputs], [recordedGraph, { client_id: client.id }, recordedOutputs]);
}

Deno.test("POST /prompt runs as recorded, one prompt after the other", async (t) => {
  await using comfy = await start({ previews: "latent2rgb" });
  const names = [
    "success_core_nodes",
    "success_all_cached",
    "success_subfolder_input",
    "success_qwen_template_with_previews",
  ];
  for (const name of names) {
    await t.step(name, async () => {
      await using client = await Client.connect(comfy);
      const run = await client.run(comfy, await graphOf(name));
      equal(run.answer.status, 200);
      await same(name, client, run);
    });
  }
});

Deno.test("ExecutionOrder takes what an output waits for before what it does not", () => {
  const node = (inputs: Record<string, unknown>) => ({ class_type: "", inputs });
  const order = new ExecutionOrder({
    graph: {
      save: node({ images: ["decode", 0] }),
      decode: node({ vae: ["vae", 0], samples: ["sampler", 0] }),
      sampler: node({ latent: ["encode", 0] }),
      encode: node({ pixels: ["load", 0] }),
      load: node({}),
      vae: node({}),
    },
    outputs: ["save"],
    isOutput: (id) => id === "save",
    isCached: () => false,
    isLazy: () => false,
  });
  const ran: string[] = [];
  for (let id = order.next(); id !== undefined; id = order.next()) {
    ran.push(id);
    order.done(id);
  }
  deepEqual(ran, ["vae", "load", "encode", "sampler", "decode", "save"]);
});

Deno.test("POST /interrupt takes effect at the next step, as recorded", async () => {
  await using comfy = await start({ previews: "latent2rgb" });
  await using first = await Client.connect(comfy);
  await first.run(comfy, await graphOf("success_qwen_template_with_previews"));
  await using client = await Client.connect(comfy);
  const promptId = crypto.randomUUID();
  // The recorded second step took five seconds; this one takes as long as the request needs.
  using _long = comfy.faults.add({ kind: "stuck", afterStep: 1 });
  using _ = comfy.onFrame(({ type, clientId }) => {
    if (type === "progress" && clientId === client.id) {
      void post(comfy, "/interrupt", { prompt_id: promptId });
    }
  });
  const run = await client.run(comfy, await graphOf("interrupted_mid_sampling"), promptId);
  await same("interrupted_mid_sampling", client, run);
});

Deno.test("POST /prompt reports a broken checkpoint as recorded", async () => {
  await using comfy = await start();
  await using first = await Client.connect(comfy);
  const cached = { "1": { class_type: "LoadImage", inputs: { image: "rec.png" } } };
  const preview = { "9": { class_type: "PreviewImage", inputs: { images: ["1", 0] } } };
  await first.run(comfy, { ...cached, ...preview });
  await using client = await Client.connect(comfy);
  const run = await client.run(comfy, await graphOf("execution_error_broken_checkpoint"));
  await same("execution_error_broken_checkpoint", client, run);
});

Deno.test("GET /ws sends previews with metadata, and the node after a reconnect, as recorded", async () => {
  const hello = { type: "feature_flags", data: { supports_preview_metadata: true } };
  await using comfy = await start({ previews: "latent2rgb" });
  const name = "success_previews_with_metadata";
  {
    await using client = await Client.connect(comfy, undefined, hello);
    const run = await client.run(comfy, await graphOf(name));
    await same(name, client, run);
    const view = new DataView(client.previews[0]?.buffer ?? new ArrayBuffer(8));
    const head = new Uint8Array(view.buffer, 8, view.getUint32(4));
    deepEqual(JSON.parse(new TextDecoder().decode(head)), {
      node_id: "121",
      prompt_id: run.promptId,
      display_node_id: "121",
      parent_node_id: null,
      real_node_id: "121",
      image_type: "image/jpeg",
    });
    deepEqual([...new Uint8Array(view.buffer, 8 + head.length, 2)], [0xff, 0xd8]);
  }
  const id = crypto.randomUUID();
  const promptId = crypto.randomUUID();
  const before = await Client.connect(comfy, id);
  const graph = await graphOf(name, { "117.value": 99, "115.value": 3 });
  // It goes on when the new socket is there.
  const stuck = comfy.faults.add({ kind: "stuck", afterStep: 1 });
  await post(comfy, "/prompt", { prompt: graph, client_id: id, prompt_id: promptId });
  await before.seen("a step", () => before.types().includes("progress"));
  await before[Symbol.asyncDispose]();
  const after = await Client.connect(comfy, id);
  await after.seen("the node that runs", () => after.frames.length > 1);
  stuck.remove();
  await after.end(promptId);
  await after[Symbol.asyncDispose]();
  const texts = <T>(frames: readonly T[]) => frames.filter((frame) => typeof frame !== "string");
  const recorded = await recording("reconnect_mid_run");
  const cut = recorded.events.findIndex(({ note }) => note?.startsWith("client connected again"));
  const wanted = (from: number, to?: number) =>
    texts(recordedFrames({ ...recorded, events: recorded.events.slice(from, to) }));
  const firstStep = before.types().indexOf("progress");
  deepEqual(texts(before.frames.slice(0, firstStep + 1)).map(shapeOf), wanted(0, cut));
  const [status, executing, ...rest] = texts(after.frames).map(shapeOf);
  const [recordedStatus, recordedExecuting, ...recordedRest] = wanted(cut);
  deepEqual([status, executing], [recordedStatus, recordedExecuting]);
  // How many steps pass while no socket is open is a matter of time.
  ok(rest.length > 0);
  deepEqual(rest, recordedRest.slice(-rest.length));
});

Deno.test("POST /prompt refuses a graph in the recorded words", async (t) => {
  await using comfy = await start();
  for (
    const name of [
      "missing_checkpoint",
      "missing_image",
      "missing_node_type",
      "no_outputs",
      "required_input_missing",
      "unknown_sampler",
      "value_out_of_range",
    ]
  ) {
    await t.step(name, async () => {
      const recorded = (await recording(`invalid_${name}`)).response;
      const prompt = await graphOf(`invalid_${name}`);
      const answer = await post(comfy, "/api/prompt", { prompt, client_id: "c" });
      deepEqual(answer, { status: recorded?.http_status, body: recorded?.body });
    });
  }
  equal(comfy.ran.length, 0);
});

Deno.test("POST /prompt knows a seed of 2**64 - 1 from 2**64", async () => {
  await using comfy = await start();
  const send = async (seed: string) => {
    const graph = await graphOf("success_qwen_template_with_previews", { "121.seed": "SEED" });
    const body = JSON.stringify({ prompt: graph }).replace('"SEED"', seed);
    const response = await fetch(`${comfy.url}/prompt`, { method: "POST", body });
    return { status: response.status, text: await response.text() };
  };
  equal((await send("18446744073709551615")).status, 200);
  const refused = await send("18446744073709551616");
  equal(refused.status, 400);
  ok(refused.text.includes("bigger than max of 18446744073709551615"));
});

Deno.test("/queue, /prompt and /history/{id} tell waiting, running and deleted apart, as recorded", async () => {
  await using comfy = await start();
  using _stuck = comfy.faults.add({ kind: "stuck", times: 1 });
  const graph = await graphOf("success_qwen_template_with_previews");
  const ids = [1, 2, 3].map(() => crypto.randomUUID());
  for (const prompt_id of ids) {
    await post(comfy, "/prompt", { prompt: graph, client_id: "c", prompt_id });
  }
  await comfy.until(() => comfy.queue().running.length === 1, { what: "a running prompt" });
  const url = new URL("../../recordings/queue_running_and_pending.json", import.meta.url);
  const recorded = JSON.parse(await Deno.readTextFile(url));
  const get = async (path: string) => (await fetch(comfy.url + path)).json();
  /** Ids by their place, numbers from 14, the graph as `<graph>`. */
  const plain = (body: unknown, all: readonly string[]) =>
    JSON.parse(JSON.stringify(body, (_key, value) => {
      if (!Array.isArray(value) || value.length !== 5) return value;
      const place = all.indexOf(value[1]);
      return [place, place, "<graph>", value[3], value[4]];
    }));
  const same = (body: unknown, wanted: unknown) =>
    deepEqual(plain(body, ids), plain(wanted, recorded.ids));
  same(await get("/queue"), recorded.get_queue);
  deepEqual(await post(comfy, "/queue", { delete: [ids[2]] }), { status: 200, body: "" });
  same(await get("/queue"), recorded.get_queue_after_delete);
  deepEqual(await get(`/history/${ids[0]}`), recorded.history_of_running_prompt);
  deepEqual(await get("/prompt"), recorded.get_prompt);
  await post(comfy, "/interrupt", {});
  await comfy.until(() => comfy.ran.filter(({ outcome }) => outcome !== "running").length === 2, {
    what: "the end of both",
  });
  deepEqual(comfy.ran.map(({ promptId, outcome }) => [promptId, outcome]), [
    [ids[0], "interrupted"],
    [ids[1], "success"],
  ]);
});

Deno.test("POST /upload/image keeps, renames and refuses as recorded", async () => {
  await using comfy = await start();
  const body = (name: string, subfolder = "") => ({
    status: 200,
    body: { name, subfolder, type: "input" },
  });
  deepEqual(await upload(comfy, "rec.png", { overwrite: "true" }), body("rec.png"));
  deepEqual(
    await upload(comfy, "rec.png", { subfolder: "bot/2026-11-22", overwrite: "true" }),
    body("rec.png", "bot/2026-11-22"),
  );
  deepEqual(await upload(comfy, "rec.png", { overwrite: "false" }), body("rec.png"));
  deepEqual(await upload(comfy, "../../evil.png"), body("..%2F..%2Fevil.png"));
  deepEqual(await upload(comfy, "rec.png", { subfolder: "../../x" }), { status: 400, body: "" });
  const other = new Uint8Array([1, 2, 3]);
  deepEqual(await upload(comfy, "rec.png", {}, other), body("rec (1).png"));
  deepEqual(await upload(comfy, "rec.png", {}, other), body("rec (1).png"));
  const listed = await (await fetch(`${comfy.url}/object_info/LoadImage`)).json();
  deepEqual(listed.LoadImage.input.required.image[0], [
    "..%2F..%2Fevil.png",
    "rec (1).png",
    "rec.png",
  ]);
});

Deno.test("GET /view gives files, re-encodes them and refuses paths, as recorded", async () => {
  await using comfy = await start();
  await using client = await Client.connect(comfy);
  await client.run(comfy, await graphOf("success_core_nodes"));
  const view = async (query: string) => {
    const response = await fetch(`${comfy.url}/view?${query}`);
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
  };
  const { response, bytes } = await view("filename=job1_00001_.png&subfolder=&type=output");
  equal(response.status, 200);
  equal(response.headers.get("content-disposition"), 'filename="job1_00001_.png"');
  equal(response.headers.get("content-type"), "image/png");
  equal(Number(response.headers.get("content-length")), bytes.length);
  const jpeg = await view("filename=rec.png&type=input&preview=jpeg%3B80");
  equal(jpeg.response.headers.get("content-type"), "image/jpeg");
  deepEqual([...jpeg.bytes.subarray(0, 2)], [0xff, 0xd8]);
  equal((await view("filename=nope.png&type=output&subfolder=")).response.status, 404);
  equal((await view("filename=../main.py&type=output")).response.status, 400);
});

Deno.test("GET /features and /system_stats have the recorded shape", async () => {
  await using comfy = await start();
  const read = async (name: string) =>
    JSON.parse(await Deno.readTextFile(new URL(`../../recordings/${name}.json`, import.meta.url)));
  const get = async (path: string) => (await fetch(comfy.url + path)).json();
  deepEqual(await get("/features"), await read("features"));
  const keys = (stats: { system: object; devices: object[] }) => [
    Object.keys(stats.system),
    stats.devices.map(Object.keys),
  ];
  deepEqual(keys(await get("/system_stats")), keys(await read("system_stats")));
  equal((await fetch(`${comfy.url}/jobs/x`).then(async (r) => [r.status, await r.text()]))[0], 404);
});
