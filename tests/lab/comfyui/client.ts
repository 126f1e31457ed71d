/**
 * What the simulator's tests share: the recordings, a client that keeps what it is sent, pictures. Holds no test.
 */
import { Image } from "imagescript";
import { z } from "zod";
import {
  type ComfyOptions,
  type Release,
  type SimulatedComfyUI,
  startComfyUI,
} from "../../../lab/comfyui/mod.ts";
import { patienceMs } from "../../../lab/until.ts";

const Frame = z.looseObject({ type: z.string(), data: z.record(z.string(), z.unknown()) });
export type Frame = z.infer<typeof Frame>;
export const Body = z.record(z.string(), z.unknown());
const Recording = z.object({
  request: z.object({ prompt: Body, extra_data: Body.optional() }).optional(),
  response: z.object({ http_status: z.number(), body: z.unknown() }).optional(),
  events: z.array(z.object({
    text: Frame.optional(),
    binary: z.object({ head_hex: z.string(), base64: z.string().nullish() }).optional(),
    client: z.looseObject({ type: z.string().optional() }).optional(),
    note: z.string().optional(),
  })).default([]),
  history: z.record(z.string(), z.unknown()).optional(),
});

const folders: Readonly<Record<Release, string>> = {
  "0.3.64": "recordings",
  "0.33": "recordings-0.33",
};

/** A recording as it is on disk. */
export async function readRecording(name: string, release: Release = "0.3.64"): Promise<unknown> {
  const url = new URL(`../../${folders[release]}/${name}.json`, import.meta.url);
  return JSON.parse(await Deno.readTextFile(url));
}

/** Names of a release's recordings that begin with `prefix`. */
export function recordingNames(release: Release, prefix: string): readonly string[] {
  return [...Deno.readDirSync(new URL(`../../${folders[release]}`, import.meta.url))]
    .filter(({ name }) => name.startsWith(prefix) && name.endsWith(".json"))
    .map(({ name }) => name.slice(0, -".json".length))
    .sort();
}

export async function recording(name: string, release: Release = "0.3.64") {
  return Recording.parse(await readRecording(name, release));
}

/** A graph of the recordings: core nodes, or the seed's template with some inputs changed (`"121.steps"`). */
export async function graphOf(name: string, changes: Readonly<Record<string, unknown>> = {}) {
  const graph = structuredClone((await recording(name)).request?.prompt ?? {});
  for (const [path, value] of Object.entries(changes)) {
    const [node = "", input = ""] = path.split(".");
    Body.parse(Body.parse(graph[node])["inputs"]);
    (graph[node] as { inputs: Record<string, unknown> }).inputs[input] = value;
  }
  return graph;
}

const masked = new Set([
  "prompt_id",
  "timestamp",
  "sid",
  "traceback",
  "filename",
  "client_id",
  "create_time",
]);

/** Frames as text: ids and times taken out, sets sorted, binary frames as `binary <type>`. */
export function shapeOf(frame: Frame | string): unknown {
  if (typeof frame === "string") return frame;
  return JSON.parse(JSON.stringify(frame, (key, value) => {
    if (masked.has(key)) return `<${key}>`;
    // What a tensor looks like in Python's words.
    if (typeof value === "string" && /^(tensor\(|<picture>)/.test(value)) return "<picture>";
    const isSet = ["nodes", "executed", "current_outputs"].includes(key) && Array.isArray(value);
    return isSet ? [...value].sort() : value;
  }));
}

export function recordedFrames(recorded: Awaited<ReturnType<typeof recording>>): unknown[] {
  return recorded.events.flatMap(({ text, binary }) =>
    text !== undefined
      ? [shapeOf(text)]
      : binary !== undefined
      ? [`binary ${binary.head_hex.slice(0, 8)}`]
      : []
  );
}

/** A client as the recorder was: a socket that keeps what it gets. */
export class Client implements AsyncDisposable {
  readonly frames: (Frame | string)[] = [];
  readonly previews: Uint8Array[] = [];
  closed = false;
  readonly #waiters = new Set<() => void>();

  private constructor(readonly socket: WebSocket, readonly id: string) {
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      this.#take(data);
      for (const wake of this.#waiters) wake();
    };
    socket.onclose = () => {
      this.closed = true;
      for (const wake of this.#waiters) wake();
    };
    socket.onerror = () => {};
  }

  #take(data: unknown) {
    if (typeof data !== "string") {
      const bytes = new Uint8Array(data as ArrayBuffer);
      this.previews.push(bytes);
      this.frames.push(`binary ${bytes.subarray(0, 4).toHex()}`);
      return;
    }
    try {
      this.frames.push(Frame.parse(JSON.parse(data)));
    } catch {
      this.frames.push("unreadable");
    }
  }

  /** Waits until it holds, asked again at each frame. */
  async seen(what: string, holds: () => boolean) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const wake = () => holds() && resolve();
    const timer = setTimeout(
      () => reject(new Error(`Cannot see ${what}: ${this.types()}`)),
      patienceMs,
    );
    this.#waiters.add(wake);
    wake();
    await promise.finally(() => clearTimeout(timer));
    this.#waiters.delete(wake);
  }

  static async connect(comfy: SimulatedComfyUI, id = crypto.randomUUID(), hello?: unknown) {
    const url = `${comfy.url.replace("http", "ws")}/ws?clientId=${id}`;
    const client = new Client(new WebSocket(url), id);
    client.socket.onopen = () => {
      if (hello !== undefined) client.socket.send(JSON.stringify(hello));
    };
    const wanted = hello === undefined ? 1 : 2;
    await client.seen("a greeting", () => client.closed || client.frames.length >= wanted);
    return client;
  }

  types(): string[] {
    return this.frames.map((frame) => typeof frame === "string" ? frame : frame.type);
  }

  /** Posts a graph and waits for `executing` without a node. */
  async run(
    comfy: SimulatedComfyUI,
    prompt: unknown,
    promptId: string = crypto.randomUUID(),
    extra: Readonly<Record<string, unknown>> = {},
  ) {
    const answer = await post(comfy, "/prompt", {
      prompt,
      client_id: this.id,
      prompt_id: promptId,
      ...extra,
    });
    await this.end(promptId);
    const history = Body.parse(await (await fetch(`${comfy.url}/history/${promptId}`)).json());
    return { answer, promptId, history: Body.parse(history[promptId]) };
  }

  async end(promptId: string) {
    const isEnd = (frame: Frame | string) =>
      typeof frame !== "string" && frame.type === "executing" && frame.data["node"] === null &&
      frame.data["prompt_id"] === promptId;
    await this.seen("the end of the run", () => this.frames.some(isEnd));
  }

  async [Symbol.asyncDispose]() {
    if (this.socket.readyState < WebSocket.CLOSING) this.socket.close();
    await this.seen("the socket's end", () => this.closed);
  }
}

export async function post(comfy: SimulatedComfyUI, path: string, body: unknown) {
  const response = await fetch(comfy.url + path, { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: text === "" ? "" : JSON.parse(text) as unknown };
}

/** A small opaque PNG. */
export async function pictureBytes(width = 40, height = 30, color = 0xc08040ff) {
  return new Uint8Array(await new Image(width, height).fill(color).encode());
}

export async function upload(
  comfy: SimulatedComfyUI,
  name: string,
  fields: Readonly<Record<string, string>> = {},
  bytes?: Uint8Array<ArrayBuffer>,
) {
  const form = new FormData();
  form.append("image", new File([bytes ?? await pictureBytes()], name));
  for (const [key, value] of Object.entries(fields)) form.append(key, value);
  const response = await fetch(`${comfy.url}/upload/image`, { method: "POST", body: form });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, body: isJson ? JSON.parse(text) as unknown : text };
}

/** A simulator with the recordings' pictures uploaded; as old as the recordings that `recording` reads, unless told. */
export async function start(options: ComfyOptions = {}) {
  const comfy = await startComfyUI({ release: "0.3.64", stepMs: 0, ...options });
  await upload(comfy, "rec.png");
  await upload(comfy, "rec.png", { subfolder: "bot/2026-11-22" });
  return comfy;
}
