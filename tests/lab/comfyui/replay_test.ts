/**
 * Holds the simulated ComfyUI of 2026 to its recordings: every run of recordings-0.33 posted again, its frames and history compared.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { SimulatedComfyUI } from "../../../lab/comfyui/mod.ts";
import {
  Body,
  Client,
  type Frame,
  pictureBytes,
  post,
  recordedFrames,
  recording,
  shapeOf,
  start,
  upload,
} from "./client.ts";

const release = "0.33";
const hello = { type: "feature_flags", data: { supports_preview_metadata: true } };

type Recorded = Awaited<ReturnType<typeof recording>>;

async function startNew(): Promise<SimulatedComfyUI> {
  const comfy = await start({ release });
  await upload(comfy, "rec2.png", {}, await pictureBytes(50, 20, 0x2060c0ff));
  await upload(comfy, "rec.png", { subfolder: "bot/2026-11-28" });
  await upload(comfy, "not-a-picture.png", {}, new TextEncoder().encode("hello"));
  return comfy;
}

function framesOf(recorded: Recorded, type: string): readonly Frame[] {
  return recorded.events.flatMap(({ text }) => text?.type === type ? [text] : []);
}

/** Runs the nodes that a recording found in the cache, so that they are found there again. */
async function fillCache(comfy: SimulatedComfyUI, recorded: Recorded): Promise<void> {
  const [cached] = framesOf(recorded, "execution_cached");
  const ids = cached?.data["nodes"] as readonly string[];
  const all = recorded.request?.prompt ?? {};
  const graph: Record<string, unknown> = {};
  for (const id of ids) {
    graph[id] = all[id];
    graph[`look at ${id}`] = { class_type: "PreviewAny", inputs: { source: [id, 0] } };
  }
  await post(comfy, "/free", { free_memory: true });
  if (ids.length === 0) return;
  await using client = await Client.connect(comfy);
  // What saves is no source of anything.
  for (const id of ids) {
    const { class_type } = Body.parse(graph[id]);
    if (/^(SaveImage|Image Saver)/.test(String(class_type))) delete graph[`look at ${id}`];
  }
  const { answer } = await client.run(comfy, graph);
  equal(answer.status, 200, JSON.stringify(answer));
}

/** Frames without the order in which two outputs were taken: Python's sets have none. */
function unordered(frames: readonly Frame[]): readonly Frame[] {
  const key = ({ type, data }: Frame) => `${type} ${data["node"]}`;
  return frames
    .filter(({ type }) => type !== "progress_state")
    .toSorted((a, b) => key(a) < key(b) ? -1 : 1);
}

function historyShape(history: Record<string, unknown>): unknown {
  const [, , graph, extra, outputs] = history["prompt"] as readonly unknown[];
  const prompt = [graph, extra, [...outputs as readonly string[]].sort()];
  return shapeOf({ type: "", data: { ...history, prompt } });
}

const inOneOrder = [
  "success_core_nodes",
  "success_subfolder_input",
  "success_several_results",
  "success_text_output",
  "success_dynamic_inputs",
  "success_all_cached",
  "success_qwen_template_preview_method_auto",
  "success_qwen_template_preview_method_auto_no_feature_flags",
  "success_qwen_template_without_preview_method",
  "execution_error_broken_checkpoint",
  "execution_error_broken_picture",
  "execution_error_dynamic_combo_unknown_option",
  "partly_valid_two_outputs",
];
const inAnyOrder = ["success_two_save_nodes", "success_preview_image_temp"];

Deno.test("POST /prompt of 0.33 runs as recorded", async (t) => {
  await using comfy = await startNew();
  for (const name of [...inOneOrder, ...inAnyOrder]) {
    await t.step(name, async () => {
      const recorded = await recording(name, release);
      await fillCache(comfy, recorded);
      const hasFlags = recorded.events.some(({ client }) => client?.type === "feature_flags");
      await using client = await Client.connect(comfy, undefined, hasFlags ? hello : undefined);
      const { prompt, extra_data } = recorded.request ?? {};
      const extra = extra_data === undefined ? {} : { extra_data };
      const run = await client.run(comfy, prompt, undefined, extra);
      equal(run.answer.status, recorded.response?.http_status);
      const nodeErrors = (body: unknown) => Body.parse(body)["node_errors"];
      deepEqual(nodeErrors(run.answer.body), nodeErrors(recorded.response?.body));

      const asIs = (frames: readonly unknown[]): readonly Frame[] =>
        // The first is what the socket found; the file that is broken here is not the one that was broken there.
        frames.slice(1).map((frame) =>
          JSON.parse(
            JSON.stringify(frame).replace(/(deserializing header: )[^"\\]*/, "$1<what is wrong>"),
          )
        );
      const frames = asIs(client.frames.map(shapeOf));
      const wanted = asIs(recordedFrames(recorded)).filter((frame, i) =>
        // Another prompt had just ended when this client connected.
        !(name === "partly_valid_two_outputs" && i === 0) || frame.type !== "status"
      );
      if (inAnyOrder.includes(name)) deepEqual(unordered(frames), unordered(wanted));
      else deepEqual(frames, wanted);
      const [history] = Object.values(recorded.history ?? {});
      deepEqual(
        asIs([0, historyShape(run.history)]),
        asIs([0, historyShape(Body.parse(history))]),
      );
    });
  }
});

Deno.test("a node's text is the recorded binary frame of type 3", async () => {
  await using comfy = await startNew();
  await using client = await Client.connect(comfy);
  const recorded = await recording("success_text_output", release);
  await client.run(comfy, recorded.request?.prompt);
  const [binary] = recorded.events.flatMap(({ binary }) => binary?.base64 ?? []);
  ok(binary !== undefined);
  deepEqual(client.previews.map((bytes) => bytes.toBase64()), [binary]);
});

Deno.test("previews are for the prompts that ask for them, whatever the server's own setting", async (t) => {
  const graph = (await recording("success_qwen_template_without_preview_method", release)).request
    ?.prompt ?? {};
  for (const previews of ["none", "latent2rgb"] as const) {
    await using comfy = await start({ release, previews });
    let seed = 0;
    for (const preview_method of ["auto", "latent2rgb", "taesd", "none", "bogus", undefined]) {
      await t.step(`${preview_method} on ${previews}`, async () => {
        await using client = await Client.connect(comfy);
        const sent = structuredClone(graph) as Record<string, { inputs: Record<string, unknown> }>;
        sent["117"]!.inputs["value"] = ++seed;
        const extra_data = preview_method === undefined ? {} : { preview_method };
        await client.run(comfy, sent, undefined, { extra_data });
        const isOwn = !["bogus", undefined].includes(preview_method);
        const isOn = (isOwn ? preview_method : previews) !== "none";
        equal(client.previews.length > 0, isOn);
      });
    }
  }
  await using old = await start({ release: "0.3.64" });
  await using client = await Client.connect(old);
  await client.run(old, graph, undefined, { extra_data: { preview_method: "auto" } });
  equal(client.previews.length, 0);
});

Deno.test("POST /interrupt of 0.33 takes effect at the next step, as recorded", async () => {
  await using comfy = await startNew();
  const recorded = await recording("interrupted_mid_sampling", release);
  await fillCache(comfy, recorded);
  await using client = await Client.connect(comfy, undefined, hello);
  const promptId = crypto.randomUUID();
  using _long = comfy.faults.add({ kind: "stuck", afterStep: 1 });
  using _ = comfy.onFrame(({ type, clientId }) => {
    if (type === "progress" && clientId === client.id) {
      void post(comfy, "/interrupt", { prompt_id: promptId });
    }
  });
  const extra_data = recorded.request?.extra_data;
  const run = await client.run(comfy, recorded.request?.prompt, promptId, { extra_data });
  deepEqual(client.frames.map(shapeOf), recordedFrames(recorded));
  const [history] = Object.values(recorded.history ?? {});
  deepEqual(historyShape(run.history), historyShape(Body.parse(history)));
});

Deno.test("GET /ws of 0.33 greets a client that connects again, as recorded", async () => {
  await using comfy = await startNew();
  const recorded = await recording("reconnect_mid_run", release);
  const { prompt } =
    (await recording("success_qwen_template_preview_method_auto", release)).request ??
      {};
  const id = crypto.randomUUID();
  const promptId = crypto.randomUUID();
  using stuck = comfy.faults.add({ kind: "stuck", afterStep: 1 });
  const before = await Client.connect(comfy, id, hello);
  await post(comfy, "/prompt", { prompt, client_id: id, prompt_id: promptId });
  await before.seen("a step", () => before.types().includes("progress"));
  await before[Symbol.asyncDispose]();
  await using after = await Client.connect(comfy, id, hello);
  await after.seen("the flags", () => after.types().includes("feature_flags"));
  const cut = recorded.events.findIndex(({ note }) => note?.startsWith("client connected again"));
  const wanted = recordedFrames({ ...recorded, events: recorded.events.slice(cut) });
  deepEqual(after.frames.slice(0, 3).map(shapeOf), wanted.slice(0, 3));
  stuck.remove();
  await after.end(promptId);
});

Deno.test("an output that was deleted stays in the cache and is written no more", async () => {
  await using comfy = await startNew();
  const { prompt } = (await recording("success_core_nodes", release)).request ?? {};
  await using client = await Client.connect(comfy);
  const first = await client.run(comfy, prompt);
  ok(comfy.remove("output", "", "job1_00001_.png"));
  const view = async () => {
    const query = "filename=job1_00001_.png&type=output&subfolder=";
    const response = await fetch(`${comfy.url}/view?${query}`);
    return [response.status, await response.text()];
  };
  deepEqual(await view(), [404, ""]);
  await using again = await Client.connect(comfy);
  const second = await again.run(comfy, prompt);
  deepEqual(second.history["outputs"], first.history["outputs"]);
  deepEqual(await view(), [404, ""]);
  const { the_same_graph_again } = await import(
    "../../recordings-0.33/output_deleted_before_view.json",
    { with: { type: "json" } }
  ).then((module) => module.default);
  deepEqual(
    again.frames.slice(1).map(shapeOf),
    recordedFrames({ events: the_same_graph_again.events as Recorded["events"] }).slice(1),
  );
});
