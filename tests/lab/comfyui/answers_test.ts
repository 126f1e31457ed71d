/**
 * Holds the simulated ComfyUI of 2026 to the recorded answers: what it refuses and how, the jobs API, the other endpoints.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type ComfyOptions, type Release, startComfyUI } from "../../../lab/comfyui/mod.ts";
import { parseExact } from "../../../lab/comfyui/python.ts";
import {
  Body,
  Client,
  type Frame,
  pictureBytes,
  post,
  readRecording,
  recordedFrames,
  recording,
  recordingNames,
  shapeOf,
  start,
  upload,
} from "./client.ts";

const release = "0.33";

interface Call {
  readonly request: string;
  readonly json?: unknown;
  readonly http_status: number;
  readonly body: unknown;
  readonly content_type: string | null;
  readonly when?: string;
}

/** What the recorder had installed when it recorded refusals: the broken file came later. */
async function asRecorded(): Promise<ComfyOptions> {
  const objectInfo = Body.parse(
    JSON.parse(
      JSON.stringify(
        await readRecording("object_info", release),
        (_key, value) =>
          Array.isArray(value) ? value.filter((item) => item !== "broken.safetensors") : value,
      ),
    ),
  );
  return { release, objectInfo };
}

/** Without what differs from run to run: ids, times, numbers, where Python stood. The order of a node's errors is a set's. */
function stable(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body, (key, value) => {
    if (["prompt_id", "number", "traceback"].includes(key)) return `<${key}>`;
    if (/_time$|^timestamp$|^priority$|^total$/.test(key)) return `<${key}>`;
    if (key === "errors" && Array.isArray(value)) {
      return value.toSorted((a, b) => a.details < b.details ? -1 : 1);
    }
    return value;
  }));
}

async function send(url: string, { request, json }: Call) {
  const [method = "GET", path] = request.split(" ");
  const response = await fetch(url + path, {
    method,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  const content_type = response.headers.get("content-type");
  const isJson = content_type?.startsWith("application/json");
  return {
    http_status: response.status,
    body: isJson ? JSON.parse(text) as unknown : text,
    content_type,
  };
}

Deno.test("POST /prompt of 0.33 takes and refuses graphs in the recorded words", async (t) => {
  await using comfy = await start(await asRecorded());
  const names = [...recordingNames(release, "invalid_"), ...recordingNames(release, "accepted_")];
  ok(names.length > 20);
  for (const name of names) {
    await t.step(name, async () => {
      const recorded = Body.parse(await readRecording(name, release));
      const { http_status, body } = Body.parse(recorded["response"]);
      const { request } = recorded;
      const response = await fetch(`${comfy.url}/prompt`, {
        method: "POST",
        body: typeof request === "string" ? request : JSON.stringify(request),
      });
      const text = await response.text();
      equal(response.status, http_status);
      deepEqual(stable(typeof body === "string" ? text : JSON.parse(text)), stable(body));
      if (http_status === 500) match(response.headers.get("content-type") ?? "", /^text\/plain/);
    });
  }
});

Deno.test("POST /prompt of 0.33 takes dynamic inputs as recorded", async (t) => {
  await using comfy = await start({ release });
  const calls = await readRecording("validation_of_dynamic_inputs", release) as readonly {
    readonly change: string;
    readonly http_status: number;
    readonly body: unknown;
  }[];
  const graph = () => {
    const node = (class_type: string, inputs: Record<string, unknown>) => ({ class_type, inputs });
    return {
      "451": node("UNETLoader", {
        unet_name: "qwen_image_2.1_int8_convrot.safetensors",
        weight_dtype: "default",
      }),
      "453": node("CLIPLoader", {
        clip_name: "qwen3vl_8b_int8_convrot.safetensors",
        type: "qwen_image",
      }),
      "454": node("VAELoader", { vae_name: "qwen_image_2.1_vae_bf16.safetensors" }),
      "470": node("LoadImage", { image: "rec.png" }),
      "474": node("TextEncodeQwenImage21", {
        clip: ["453", 0],
        vae: ["454", 0],
        prompt: "x",
        negative_prompt: "",
        resolution: 0,
      }),
      "458": node("KSampler", {
        model: ["451", 0],
        positive: ["474", 0],
        negative: ["474", 1],
        latent_image: ["474", 2],
        seed: 1,
        steps: 2,
        cfg: 1,
        sampler_name: "euler",
        scheduler: "simple",
        denoise: 1,
      }),
      "457": node("VAEDecode", { samples: ["458", 0], vae: ["454", 0] }),
      "461": node("SaveImage", { images: ["457", 0], filename_prefix: "x" }),
    };
  };
  const changes: Readonly<Record<string, (inputs: Record<string, unknown>) => void>> = {
    "images 1 and 3, a gap at 2": (inputs) => {
      inputs["images.image_1"] = inputs["images.image_3"] = ["470", 0];
    },
    "no picture at all": () => {},
    "images.image_17, one past the last": (inputs) => inputs["images.image_17"] = ["470", 0],
    "an input nobody knows": (inputs) => inputs["nobody"] = 1,
    "negative_prompt absent (required, no default)": (inputs) => delete inputs["negative_prompt"],
    "resolution absent (required, with default)": (inputs) => delete inputs["resolution"],
    "images.image_1 fed by a LATENT": (inputs) => inputs["images.image_1"] = ["458", 0],
  };
  for (const { change, http_status, body } of calls) {
    await t.step(change, async () => {
      const prompt = graph();
      ok(changes[change], "a change that is not replayed");
      changes[change](prompt["474"].inputs);
      const answer = await post(comfy, "/prompt", { prompt });
      equal(answer.status, http_status);
      deepEqual(stable(answer.body), stable(body));
    });
  }
});

Deno.test("/api/jobs of 0.33 answers as recorded", async () => {
  await using comfy = await start({ release });
  const calls = await readRecording("jobs_api", release) as readonly Call[];
  const running = await recording("cancelled_running_by_jobs_api", release);
  const pending = await recording("cancelled_pending_by_jobs_api", release);
  const interrupted = await recording("interrupted_mid_sampling", release);
  const failed = await recording("execution_error_dynamic_combo_unknown_option", release);
  const idsIn = (text: string) => text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
  const ids = [...new Set(calls.flatMap(({ request }) => idsIn(request)))];
  const [first = "", second = "", third = ""] = ids;

  // What had been before: an interrupted one, and one that failed.
  await using client = await Client.connect(comfy);
  const cancelled = calls.find(({ when }) => when === "the list of the cancelled");
  const [, earlier = ""] = idsIn(JSON.stringify(cancelled?.body));
  await client.run(comfy, failed.request?.prompt);
  {
    using _ = comfy.faults.add({ kind: "stuck", times: 1 });
    const run = client.run(comfy, interrupted.request?.prompt, earlier);
    run.catch(() => {});
    await comfy.until(() => comfy.queue().running.length, { what: "a running prompt" });
    await post(comfy, "/interrupt", {});
    await run;
  }
  using _stuck = comfy.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
  const { extra_data } = running.request ?? {};
  const enqueue = (prompt: unknown, prompt_id: string, client_id: string, extra = {}) =>
    post(comfy, "/prompt", { prompt, prompt_id, client_id, ...extra });
  const own = crypto.randomUUID();
  await using watching = await Client.connect(comfy, own);
  await enqueue(running.request?.prompt, first, own, { extra_data });
  await watching.seen("a step", () => watching.types().includes("progress"));
  await using waiting = await Client.connect(comfy);
  await enqueue(pending.request?.prompt, second, waiting.id);
  const withOwnName = JSON.stringify(pending.request?.prompt).replace('"pend"', '"pend2"');
  await enqueue(JSON.parse(withOwnName), third, "c");

  for (const call of calls) {
    // The recorded one went on for a step after its cancel: how long is a matter of time.
    if (call.when === "running one at once after its cancel") continue;
    if (call.when === "running one after execution_interrupted") {
      await comfy.until(() => comfy.ran.at(-1)?.outcome === "success", { what: "the third's end" });
      // Its end is told before it is written.
      await comfy.until(() => comfy.queue().running.length === 0, { what: "an empty queue" });
    }
    const answer = await send(comfy.url, call);
    const label = `${call.request} (${call.when ?? ""})`;
    equal(answer.http_status, call.http_status, label);
    equal(answer.content_type, call.content_type, label);
    deepEqual(jobShape(answer.body), jobShape(call.body), label);
  }
  // Of one that was cancelled before it ran nothing is told but how many are left.
  const left = (frames: readonly unknown[]) => frames.map((frame) => shapeOf(frame as Frame));
  deepEqual(left(waiting.frames).slice(0, 4), recordedFrames(pending).slice(0, 4));
  deepEqual(new Set(waiting.types()), new Set(["status"]));
});

/** A job without its times and its graph, of a list of them what both servers have in it. */
function jobShape(body: unknown): unknown {
  const text = JSON.stringify(stable(body), (key, value) => {
    if (["prompt", "workflow", "extra_data"].includes(key)) return `<${key}>`;
    // The lists of the recorded server go back to other tests.
    if (key === "jobs" && Array.isArray(value)) {
      return value.filter(({ status }) => !["completed"].includes(status)).map(
        ({ id, status, outputs_count, previewable_outputs_count }) =>
          status === "failed"
            ? { status }
            : { id, status, outputs_count, previewable_outputs_count },
      ).slice(0, 4);
    }
    return value;
  });
  return JSON.parse(text);
}

Deno.test("the jobs API is under /api only, and 0.3.64 has none", async () => {
  const get = async (url: string) => {
    const response = await fetch(url);
    await response.text();
    return response.status;
  };
  await using comfy = await startComfyUI({ release });
  await using old = await startComfyUI({ release: "0.3.64" });
  equal(await get(`${comfy.url}/api/jobs`), 200);
  equal(await get(`${comfy.url}/jobs`), 404);
  equal(await get(`${old.url}/api/jobs`), 404);
  const cancel = await fetch(`${old.url}/api/jobs/${crypto.randomUUID()}/cancel`, {
    method: "POST",
  });
  equal(cancel.status, 404);
  await cancel.text();
});

Deno.test("the other endpoints of 0.33 answer as recorded", async (t) => {
  await using comfy = await start({ release });
  await upload(comfy, "rec2.png", {}, await pictureBytes(50, 20));
  await using client = await Client.connect(comfy);
  await client.run(comfy, (await recording("success_core_nodes", release)).request?.prompt);
  const same = [
    /^GET \/prompt$/,
    /^GET \/history\/[0-9a-f-]+$/,
    /^GET \/object_info\/NoSuchNode$/,
    /^GET \/models\/(upscale_models|nosuch)$/,
    /^POST/,
    /^GET \/api\/no\/such$/,
    /^GET \/templates\//,
  ];
  const calls = await readRecording("odd_endpoints", release) as readonly Call[];
  for (const call of calls.filter(({ request }) => same.some((each) => each.test(request)))) {
    await t.step(call.request, async () => {
      const { http_status, body, content_type } = call;
      deepEqual(await send(comfy.url, call), { http_status, body, content_type });
    });
  }
  await t.step("GET /object_info", async () => {
    const withoutPictures = (entries: unknown) =>
      JSON.parse(JSON.stringify(entries, (key, value) => key === "image" ? "<image>" : value));
    const whole = Body.parse(await (await fetch(`${comfy.url}/object_info`)).json());
    const { ImageCrop, ...rest } = whole;
    ok(ImageCrop);
    deepEqual(withoutPictures(rest), withoutPictures(await readRecording("object_info", release)));
  });
  await t.step("GET /features", async () => {
    const features = await (await fetch(`${comfy.url}/features`)).json();
    deepEqual(features, await readRecording("features", release));
  });
  await t.step("GET /system_stats", async () => {
    const shape = (value: unknown) => {
      const { system, devices } = Body.parse(value);
      const { os, comfyui_version, installed_templates_version } = Body.parse(system);
      const keys = [Object.keys(Body.parse(system)), Object.keys(Object(devices)[0])];
      return { os, comfyui_version, installed_templates_version, keys };
    };
    const stats = await (await fetch(`${comfy.url}/system_stats`)).json();
    deepEqual(shape(stats), shape(await readRecording("system_stats", release)));
  });
});

Deno.test("GET /view of 0.33 gives and refuses files as recorded", async (t) => {
  await using comfy = await start({ release });
  await using client = await Client.connect(comfy);
  await client.run(comfy, (await recording("success_core_nodes", release)).request?.prompt);
  const calls = await readRecording("view", release) as readonly {
    readonly params: Readonly<Record<string, string>>;
    readonly http_status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly note?: string;
  }[];
  for (const { params, http_status, headers, body, note } of calls) {
    await t.step(JSON.stringify({ ...params, note }), async () => {
      const names = JSON.stringify(params).replace("job1_00002_", "job1_00001_");
      if (note?.startsWith("the output file was deleted")) {
        comfy.remove("output", "", "job1_00001_.png");
      }
      const response = await fetch(`${comfy.url}/view?${new URLSearchParams(JSON.parse(names))}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      equal(response.status, http_status);
      equal(response.headers.get("content-type"), headers["Content-Type"] ?? null);
      const disposition = headers["Content-Disposition"]?.replace("job1_00002_", "job1_00001_");
      equal(response.headers.get("content-disposition"), disposition ?? null);
      const head = /, ([0-9a-f]{8})/.exec(body)?.[1] ?? "";
      equal(bytes.subarray(0, 4).toHex(), head);
    });
  }
});

Deno.test("GET /templates gives what the package would, and never under /api", async () => {
  const graph = { nodes: [], links: [] };
  await using comfy = await startComfyUI({
    release,
    templates: { index: [{ templates: [] }], graph },
  });
  const get = async (path: string) => {
    const response = await fetch(comfy.url + path);
    return [response.status, response.headers.get("content-type"), await response.text()];
  };
  const json = "application/json; charset=utf-8";
  deepEqual(await get("/templates/graph.json"), [200, json, JSON.stringify(graph)]);
  const none = [404, "text/plain; charset=utf-8", "404: Not Found"];
  deepEqual(await get("/templates/nosuch.json"), none);
  deepEqual(await get("/templates/..%2Fmain.py"), none);
  deepEqual(await get("/api/templates/index.json"), [404, "application/octet-stream", ""]);
});

Deno.test("/queue of 0.33 tells waiting, running, deleted and doubled apart, as recorded", async () => {
  await using comfy = await start({ release });
  const recorded = Body.parse(await readRecording("queue_running_and_pending", release));
  const [first = "", second = "", third = ""] = recorded["ids"] as readonly string[];
  const { prompt } = (await recording("success_qwen_template_without_preview_method", release))
    .request ?? {};
  const short = (await recording("success_core_nodes", release)).request?.prompt;
  const client_id = "908bb0ca-18b8-4bb6-8f95-f9c0535baa86";
  using _stuck = comfy.faults.add({ kind: "stuck", times: 1 });
  await post(comfy, "/prompt", { prompt, prompt_id: first, client_id });
  const extra_data = { preview_method: "auto" };
  for (const prompt_id of [second, third]) {
    await post(comfy, "/prompt", { prompt: short, prompt_id, client_id: "c", extra_data });
  }
  await comfy.until(() => comfy.queue().running.length, { what: "a running prompt" });
  const get = async (path: string) => (await fetch(comfy.url + path)).json();
  const plain = (body: unknown) =>
    JSON.parse(JSON.stringify(body, (_key, value) => {
      if (!Array.isArray(value) || value.length !== 5) return value;
      return [value[1], { ...value[3], create_time: "<time>" }, value[4]];
    }));
  const same = async (name: string) =>
    deepEqual(plain(await get("/queue")), plain(recorded[name]), name);
  await same("get_queue");
  await post(comfy, "/queue", { delete: [third] });
  await same("get_queue_after_delete");
  deepEqual(await get(`/history/${first}`), recorded["history_of_running_prompt"]);
  deepEqual(await get("/prompt"), recorded["get_prompt"]);
  await post(comfy, "/interrupt", { prompt_id: second });
  await same("get_queue_after_that");
  const doubled = await post(comfy, "/prompt", { prompt: short, client_id: "c", prompt_id: first });
  equal(doubled.status, 200);
  await same("get_queue_with_the_duplicate");
  const { body } = Body.parse(recorded["api_job_of_the_duplicate"]);
  deepEqual(stable(await get(`/api/jobs/${first}`)), stable(body));
  await post(comfy, "/queue", { delete: [first] });
  await same("get_queue_after_delete_of_the_duplicate");
});

Deno.test("a foreign prompt's NaN goes out bare, as Python writes it", async (t) => {
  deepEqual(parseExact('{"a": [NaN, -Infinity], "b": "NaN"}'), { a: [NaN, -Infinity], b: "NaN" });
  for (const each of ["0.3.64", "0.33"] satisfies Release[]) {
    await t.step(each, async () => {
      await using comfy = await start({ release: each });
      const prompt_id = crypto.randomUUID();
      const graph = {
        "1": { class_type: "LoadImage", inputs: { image: "rec.png" }, is_changed: ["NaN"] },
        "4": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "NaN" } },
      };
      const body = JSON.stringify({ prompt: graph, prompt_id, extra_data: { far: "-Infinity" } })
        .replace('["NaN"]', "[NaN]").replace('"-Infinity"', "-Infinity");
      const response = await fetch(`${comfy.url}/prompt`, { method: "POST", body });
      equal(response.status, 200, await response.text());
      await comfy.until(() => comfy.ran[0]?.outcome === "success", { what: "its end" });
      await comfy.until(() => comfy.queue().running.length === 0, { what: "an empty queue" });
      const history = await (await fetch(`${comfy.url}/history/${prompt_id}`)).text();
      ok(history.includes('"is_changed":[NaN]'), history);
      ok(history.includes('"far":-Infinity'), history);
      ok(history.includes('"filename_prefix":"NaN"'), "a text stays a text");
    });
  }
});
