/**
 * A ComfyUI backend on a simulated ComfyUI, and what the backend's tests ask of both.
 */
import assert from "node:assert/strict";
import { type ComfyOptions, type SimulatedComfyUI, startComfyUI } from "../../lab/comfyui/mod.ts";
import { gradientPng } from "../../lab/pictures.ts";
import {
  type ComfyBackendDeps,
  type ComfyBackendOptions,
  createComfyBackend,
} from "../../src/comfyui/backend.ts";
import type { ApiPrompt } from "../../src/templates/graph.ts";
import type {
  Backend,
  BackendEvent,
  BackendRequest,
  PictureUpload,
} from "../../src/worker/backend.ts";

export const clientId = "the-bot";
export const never = new AbortController().signal;

export interface Fixture extends AsyncDisposable {
  readonly comfy: SimulatedComfyUI;
  readonly backend: Backend;
}

/**
 * Times are such that a test hangs where the end is not heard but polled for, on a machine that stops for seconds too; tests of
 * polling give a `pollMs`.
 */
export async function start(
  { comfy: comfyOptions = {}, ...options }: Partial<ComfyBackendOptions> & {
    comfy?: ComfyOptions;
  } = {},
): Promise<Fixture> {
  // What takes several questions of an old one takes one of a new one: backend_2026_test.ts has that.
  const comfy = await startComfyUI({ release: "0.3.64", stepMs: 5, ...comfyOptions });
  const backend = connect(comfy, options);
  return {
    comfy,
    backend,
    async [Symbol.asyncDispose]() {
      await backend[Symbol.asyncDispose]();
      await comfy.stop();
    },
  };
}

/** Another backend for the same ComfyUI, as after a restart of the bot. */
export function connect(
  comfy: Pick<SimulatedComfyUI, "url">,
  { fetch, ...options }: Partial<ComfyBackendOptions> & Pick<ComfyBackendDeps, "fetch"> = {},
): Backend {
  return createComfyBackend({ now: Date.now, ...(fetch ? { fetch } : {}) }, {
    name: "gpu",
    baseUrl: comfy.url,
    clientId,
    pollMs: 60_000,
    staleMs: 60_000,
    bridgeMs: 60_000,
    openTimeoutMs: 60_000,
    retryDelaysMs: [10, 20],
    ...options,
  });
}

/** The seed's graph as recorded, its sampler with `steps` steps. */
export function samplerGraph(
  { image, steps = 3, seed = 1, sampler = "linear/euler" }: {
    image: string;
    steps?: number;
    seed?: number;
    sampler?: string;
  },
): ApiPrompt {
  const node = (class_type: string, inputs: Record<string, unknown>) => ({ class_type, inputs });
  const [checkpoint, scaled] = ["118", ["93", 0]];
  return {
    "118": node("CheckpointLoaderSimple", { ckpt_name: "Qwen-Rapid-AIO-NSFW-v11.4.safetensors" }),
    "78": node("LoadImage", { image }),
    "93": node("ImageScaleToTotalPixels", {
      image: ["78", 0],
      upscale_method: "lanczos",
      megapixels: 0.01,
      resolution_steps: 1,
    }),
    "119": node("TextEncodeQwenImageEditPlus", {
      clip: [checkpoint, 1],
      vae: [checkpoint, 2],
      image1: scaled,
      prompt: "make the sky pink",
    }),
    "77": node("TextEncodeQwenImageEdit", {
      clip: [checkpoint, 1],
      vae: [checkpoint, 2],
      image: scaled,
      prompt: "",
    }),
    "88": node("VAEEncode", { pixels: scaled, vae: [checkpoint, 2] }),
    "121": node("ClownsharKSampler_Beta", {
      eta: 0.5,
      sampler_name: sampler,
      scheduler: "simple",
      steps,
      steps_to_run: -1,
      denoise: 1,
      cfg: 1,
      seed,
      sampler_mode: "standard",
      bongmath: true,
      model: [checkpoint, 0],
      positive: ["119", 0],
      negative: ["77", 0],
      latent_image: ["88", 0],
    }),
    "8": node("VAEDecode", { samples: ["121", 0], vae: [checkpoint, 2] }),
    "102": node("SaveImage", { images: ["8", 0], filename_prefix: `job_${seed}` }),
  };
}

/** A graph that ends at once: no sampler. `last` is the class of its last node, 4. */
export function quickGraph(image: string, last = "SaveImage"): ApiPrompt {
  return {
    "1": { class_type: "LoadImage", inputs: { image } },
    "3": { class_type: "ImageInvert", inputs: { image: ["1", 0] } },
    "4": {
      class_type: last,
      inputs: {
        images: ["3", 0],
        ...(last === "SaveImage" ? { filename_prefix: "quick" } : {}),
      },
    },
  };
}

export const picture: PictureUpload = {
  name: "in.png",
  bytes: gradientPng(32, 24),
  mime: "image/png",
};

/** In place of a request's pictures: `picture` was uploaded by an earlier one. */
export const uploaded = (): Promise<readonly PictureUpload[]> => Promise.resolve([]);

/** A request for a sampler's graph. */
export function sampling(
  options: { promptId?: string; steps?: number; seed?: number; sampler?: string } = {},
): BackendRequest {
  const { promptId = crypto.randomUUID(), ...values } = options;
  return {
    promptId,
    pictures: () => Promise.resolve([picture]),
    fill: ([image = picture.name]) => samplerGraph({ image, ...values }),
    outputNode: "102",
  };
}

/** A request for a graph that ends at once. */
export function quick(last?: string): BackendRequest {
  return {
    promptId: crypto.randomUUID(),
    pictures: () => Promise.resolve([picture]),
    fill: ([image = picture.name]) => quickGraph(image, last),
    outputNode: "4",
  };
}

/** A request whose graph does not matter: what comes of it is recorded. */
export function asking(outputNode: string, more: Partial<BackendRequest> = {}): BackendRequest {
  return {
    promptId: crypto.randomUUID(),
    pictures: () => Promise.resolve([picture]),
    fill: () => ({ [outputNode]: { class_type: "SaveImage", inputs: {} } }),
    outputNode,
    ...more,
  };
}

/** The same prompt again, by who has lost its pictures and its graph: good to attach only. */
export function again(request: BackendRequest): BackendRequest {
  return {
    ...request,
    pictures: () => Promise.reject(new Error("the pictures were asked for")),
    fill: () => {
      throw new Error("the graph was asked for");
    },
  };
}

/** Every event of a run. */
export function collect(
  backend: Backend,
  request: BackendRequest,
  signal = never,
): Promise<BackendEvent[]> {
  return Array.fromAsync(backend.run(request, { signal }));
}

/** Follows a run up to the first event of a type and leaves it there; gives the events so far. */
export async function followTo(
  backend: Backend,
  request: BackendRequest,
  type: BackendEvent["type"],
): Promise<BackendEvent[]> {
  const events: BackendEvent[] = [];
  for await (const event of backend.run(request, { signal: never })) {
    events.push(event);
    if (event.type === type) return events;
  }
  throw new assert.AssertionError({ message: `there was no ${type} in the run` });
}

/** Types of events, each once, in the order of their first coming. */
export function typesOf(events: readonly BackendEvent[]): string[] {
  return [...new Set(events.map((event) => event.type))];
}

/** The last event, which must be `done`. */
export function doneOf(events: readonly BackendEvent[]) {
  const last = events.at(-1);
  assert.ok(last?.type === "done", `the last event is ${last?.type}`);
  return last;
}

/** Submits a graph as another client would, whose frames the bot does not get; `odd` goes into it as Python would write it. */
export async function submitAsStranger(
  comfy: SimulatedComfyUI,
  steps: number,
  odd: Readonly<Record<string, number>> = {},
): Promise<string> {
  const promptId = crypto.randomUUID();
  const form = new FormData();
  form.set("image", new Blob([picture.bytes]), "stranger.png");
  await (await fetch(`${comfy.url}/upload/image`, { method: "POST", body: form })).body?.cancel();
  const graph = samplerGraph({ image: "stranger.png", steps, seed: 777 });
  const inputs = Object.entries(odd).map(([name, value]) => `"${name}": ${value}, `).join("");
  const response = await fetch(`${comfy.url}/prompt`, {
    method: "POST",
    body: JSON.stringify({ prompt: graph, client_id: "a stranger", prompt_id: promptId })
      .replace('"filename_prefix"', `${inputs}"filename_prefix"`),
  });
  assert.equal(response.status, 200, await response.text());
  return promptId;
}

/** Waits until an execution has ended, and gives how. */
export function endOf(comfy: SimulatedComfyUI, promptId: string): Promise<string> {
  return comfy.until(
    () => comfy.ran.find((run) => run.promptId === promptId && run.outcome !== "running")?.outcome,
    { what: `the end of ${promptId}` },
  );
}
