/**
 * A ComfyUI that can do one thing: it says again what a real one of either release was recorded to say of a prompt, over HTTP and
 * WebSocket, with the ids of whoever asks now. Answers as that release does where the recording says nothing; keeps what it is
 * asked.
 */
import { z } from "zod";
import { gradientPng } from "../../lab/pictures.ts";
import { until } from "../../lab/until.ts";
import { readRecording, type Release } from "./recordings.ts";

const recording = z.looseObject({
  request: z.looseObject({ prompt: z.record(z.string(), z.unknown()), prompt_id: z.string() }),
  response: z.object({ http_status: z.number(), body: z.unknown() }),
  events: z.array(z.looseObject({
    text: z.looseObject({ type: z.string() }).optional(),
    binary: z.object({ head_hex: z.string(), base64: z.string().nullable() }).optional(),
  })).default([]),
  history: z.record(z.string(), z.unknown()).default({}),
});
const submission = z.looseObject({
  prompt_id: z.string(),
  prompt: z.record(z.string(), z.unknown()),
  client_id: z.string(),
});
const entry = z.looseObject({
  prompt: z.tuple([z.number(), z.string(), z.unknown(), z.unknown()]).rest(z.unknown()),
  outputs: z.unknown(),
  status: z.looseObject({
    status_str: z.string(),
    messages: z.array(z.tuple([z.string(), z.unknown()])),
  }),
});

export interface ReplayOptions {
  /** Answers in its place where it gives something; `path` holds `{id}` where the prompt's id is. */
  readonly answer?: (path: string, request: Request) => Response | undefined;
  /** Plays nothing once a prompt is there: it stays pending. */
  readonly staysPending?: boolean;
}

/** A recording that is played to whoever submits a prompt. */
export interface Replay extends AsyncDisposable {
  readonly url: string;
  /** What was asked, `GET /history/{id}` or `GET /view?filename=…`, in order; `{id}` where the prompt's id was. */
  readonly asked: string[];
  /** Bodies of `POST /prompt`. */
  readonly submitted: z.output<typeof submission>[];
  /** Cuts the sockets, as a restart does; what is known of the prompt stays. */
  cut(): void;
  /** `running` is what a real one says while a run has begun and is not in the history. */
  readonly state: "nothing" | "pending" | "running" | "ended";
}

/** Serves the recording `name` of `release` on a port of its own. */
export async function startReplay(
  name: string,
  release: Release,
  options: ReplayOptions = {},
): Promise<Replay> {
  const { request: recorded, response, events, history } = recording.parse(
    await readRecording(name, release),
  );
  const asked: string[] = [];
  const submitted: z.output<typeof submission>[] = [];
  const sockets = new Set<WebSocket>();
  const end = new AbortController();
  let state: Replay["state"] = "nothing";
  let isStopped = false;

  const idNow = () => submitted.at(-1)?.prompt_id ?? recorded.prompt_id;
  /** The recorded value with today's id in it. */
  const retold = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll(recorded.prompt_id, idNow()));

  async function play(): Promise<void> {
    await until("a socket", () => sockets.size > 0 || end.signal.aborted);
    for (const event of events) {
      if (end.signal.aborted) return;
      const type = event.text?.type;
      if (type === "execution_start") state = "running";
      if (type === "execution_interrupted") {
        await until("the interrupt", () => isStopped || end.signal.aborted);
      }
      if (type?.match(/^execution_(success|error|interrupted)$/)) state = "ended";
      const data = event.text ? JSON.stringify(retold(event.text)) : binaryFrame(event.binary);
      if (data === undefined) continue;
      for (const socket of sockets) {
        if (socket.readyState === WebSocket.OPEN) socket.send(data);
      }
    }
  }

  /** Of all but the first one of a kind only the head was kept: that first one is sent in their place. */
  function binaryFrame(frame: z.output<typeof recording>["events"][number]["binary"]) {
    const kind = frame?.head_hex.slice(0, 8);
    const full = events.find(({ binary }) => binary?.base64 && binary.head_hex.startsWith(kind!))
      ?.binary?.base64;
    if (!full) return undefined;
    const text = [...Uint8Array.fromBase64(full)].map((byte) => String.fromCharCode(byte)).join("");
    const now = text.replace(recorded.prompt_id, idNow());
    return Uint8Array.from(now, (char) => char.charCodeAt(0));
  }

  const queueItem = () => [1, idNow(), submitted.at(-1)?.prompt, {}, []];
  const routes: Readonly<Record<string, (id: string | undefined) => Response>> = {
    "GET /history/{id}": () => Response.json(state === "ended" ? retold(history) : {}),
    "GET /queue": () =>
      Response.json({
        queue_running: state === "running" ? [queueItem()] : [],
        queue_pending: state === "pending" ? [queueItem()] : [],
      }),
    "GET /view": () =>
      new Response(gradientPng(4, 4), { headers: { "content-type": "image/png" } }),
    "POST /upload/image": () => Response.json({ name: "rec.png", subfolder: "", type: "input" }),
    "POST /interrupt": () => {
      isStopped = true;
      return new Response();
    },
    "POST /queue": () => {
      if (state === "pending") state = "nothing";
      return new Response();
    },
    ...(release === "0.33"
      ? { "GET /api/jobs/{id}": job, "POST /api/jobs/{id}/cancel": cancel }
      : {}),
  };

  /** As recorded in jobs_api. */
  function job(id: string | undefined): Response {
    if (state === "nothing" || id !== idNow()) {
      return Response.json({ error: "Job not found" }, { status: 404 });
    }
    const counts = { outputs_count: 0, previewable_outputs_count: 0 };
    const status = state === "pending" ? "pending" : "in_progress";
    if (state !== "ended") return Response.json({ id, status, priority: 1, ...counts });
    const ended = entry.parse(Object.values(history)[0]);
    const { status_str, messages } = ended.status;
    const failure = messages.some(([type]) => type === "execution_interrupted")
      ? "cancelled"
      : "failed";
    return Response.json(retold({
      id: recorded.prompt_id,
      status: status_str === "error" ? failure : "completed",
      ...counts,
      outputs: ended.outputs,
      execution_status: ended.status,
      workflow: { prompt: ended.prompt[2], extra_data: ended.prompt[3] },
    }));
  }

  function cancel(): Response {
    const cancelled = state === "pending" || state === "running";
    if (state === "pending") state = "nothing";
    isStopped ||= state === "running";
    return Response.json({ cancelled });
  }

  async function submit(request: Request): Promise<Response> {
    submitted.push(submission.parse(await request.json()));
    const { http_status, body } = response;
    if (http_status === 200) {
      state = "pending";
      if (!options.staysPending) void play();
    }
    return typeof body === "string"
      ? new Response(body, { status: http_status, headers: { "content-type": "text/plain" } })
      : Response.json(retold(body), { status: http_status });
  }

  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/ws") {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = () => sockets.add(socket);
      socket.onclose = () => sockets.delete(socket);
      return response;
    }
    const id = pathname.match(/[0-9a-f]{8}-[0-9a-f-]{27}/)?.[0];
    const path = id === undefined ? pathname : pathname.replace(id, "{id}");
    const what = `${request.method} ${path}`;
    asked.push(what + search);
    const other = options.answer?.(path, request);
    if (other) return other;
    if (what === "POST /prompt") return submit(request);
    // The page's files take every GET, and nothing else.
    return routes[what]?.(id) ??
      new Response(null, { status: request.method === "GET" ? 404 : 405 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    submitted,
    get state() {
      return state;
    },
    cut() {
      for (const socket of sockets) socket.close();
    },
    async [Symbol.asyncDispose]() {
      end.abort();
      for (const socket of sockets) socket.close();
      await server.shutdown();
    },
  };
}
