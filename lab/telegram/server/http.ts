/**
 * The Bot API over HTTP: URLs, the token, faults, latency, the log of calls, answers and downloads. It does not know
 * what the methods do.
 */

import { joinSignals } from "../../abort.ts";
import { methodOf } from "../api/methods.ts";
import type { ApiCall } from "../event_types.ts";
import type { FaultBook, FaultKind } from "../faults.ts";
import { Refusal } from "../refusal.ts";
import type { World } from "../world.ts";
import { type Params, readParams } from "./params.ts";

export interface HttpOptions {
  readonly token: string;
  readonly faults: FaultBook;
  readonly latencyMs: () => number;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
  /** Takes a call into the log. */
  readonly onCall: (call: ApiCall) => void;
}

function answer(status: number, body: unknown): Response {
  return Response.json(body, { status });
}

function failure({ code, message, retryAfter, migrateTo }: Refusal): Response {
  const given = {
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
    ...(migrateTo === undefined ? {} : { migrate_to_chat_id: migrateTo }),
  };
  const parameters = Object.keys(given).length === 0 ? {} : { parameters: given };
  return answer(code, { ok: false, error_code: code, description: message, ...parameters });
}

/** A response whose body fails before its first byte: the connection is closed and nothing but a head, at most, is sent. */
function cut(): Response {
  return new Response(
    new ReadableStream({ start: (controller) => controller.error(new Cut("cut")) }),
  );
}

/** Why a connection is closed on purpose: newer runtimes tell the server's `onError` of it. */
export class Cut extends Error {}

const BAD_GATEWAY =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n";

const TOO_LARGE =
  "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n";

/** The answer of a fault that has no effect; undefined when the call is served after all. */
function faulty(fault: FaultKind): Response | undefined {
  switch (fault.kind) {
    case "500":
      return failure(new Refusal(500, "Internal Server Error"));
    case "502html":
      return new Response(BAD_GATEWAY, { status: 502, headers: { "content-type": "text/html" } });
    case "429": {
      const seconds = fault.retryAfter ?? 1;
      return failure(new Refusal(429, `Too Many Requests: retry after ${seconds}`, seconds));
    }
    case "413html":
      return new Response(TOO_LARGE, { status: 413, headers: { "content-type": "text/html" } });
    case "refuse":
      return failure(
        new Refusal(
          fault.code ?? 400,
          fault.description ?? "Bad Request",
          undefined,
          fault.migrateTo,
        ),
      );
    case "cut-before":
      return cut();
    case "hang":
    case "hang-after":
    case "cut-after":
      return undefined;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort);
  });
}

/** Makes the handler of requests to `/bot<token>/<method>` and `/file/bot<token>/<path>`. */
export function createHandler(
  world: World,
  { token, faults, latencyMs, stopping, onCall }: HttpOptions,
): (request: Request) => Promise<Response> {
  /** Does what a fault asks before the call, then serves it, then does what it asks after. */
  async function through(
    fault: FaultKind | undefined,
    signal: AbortSignal,
    slow: boolean,
    serve: () => Promise<Response>,
  ): Promise<Response> {
    const early = fault === undefined ? undefined : faulty(fault);
    if (early !== undefined) return early;
    if (fault?.kind === "hang") await faults.hang(fault.ms, signal);
    if (slow && latencyMs() > 0) await pause(latencyMs(), signal);
    const served = await serve();
    if (fault?.kind === "hang-after") await faults.hang(undefined, signal);
    return fault?.kind === "cut-after" ? cut() : served;
  }

  async function call(name: string, params: Params, log: ApiCall, signal: AbortSignal) {
    const fault = faults.hit(name, Number(params.text("chat_id")));
    if (fault !== undefined) log.fault = fault.kind;
    const slow = name.toLowerCase() !== "getupdates";
    return await through(fault, signal, slow, async () => {
      try {
        const result = await methodOf(world, name)(world, params, signal);
        log.ok = true;
        return answer(200, { ok: true, result });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        log.ok = false;
        log.error_code = error.code;
        log.description = error.message;
        return failure(error);
      }
    });
  }

  async function api(request: Request, name: string, query: URLSearchParams): Promise<Response> {
    using joined = joinSignals(request.signal, stopping);
    const { signal } = joined;
    let params: Params;
    const at = world.now();
    try {
      params = await readParams(request, query);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, message } = error;
      const refused = { ok: false, error_code: code, description: message };
      onCall({ method: name, params: {}, at, endedAt: world.now(), ...refused });
      return failure(error);
    }
    const log: ApiCall = { method: name, params: params.forLog(), at };
    onCall(log);
    try {
      return await call(name, params, log, signal);
    } finally {
      log.endedAt = world.now();
      world.events.emit({ type: "call", call: log });
    }
  }

  async function download(path: string, request: Request): Promise<Response> {
    using joined = joinSignals(request.signal, stopping);
    const { signal } = joined;
    return await through(faults.hit("file"), signal, true, async () => {
      const fileId = world.files.linked(path);
      const bytes = fileId === undefined ? undefined : await world.files.bytes(fileId);
      if (bytes === undefined) return failure(new Refusal(404, "Not Found"));
      const headers = { "content-type": "application/octet-stream" };
      return new Response(new Uint8Array(bytes), { headers });
    });
  }

  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const [, isFile, given, rest] = /^\/(file\/)?bot([^/]+)\/(.+)$/.exec(pathname) ?? [];
    if (given === undefined || rest === undefined) return failure(new Refusal(404, "Not Found"));
    if (decodeURIComponent(given) !== token) return failure(new Refusal(401, "Unauthorized"));
    try {
      return isFile === undefined
        ? await api(request, rest, searchParams)
        : await download(decodeURIComponent(rest), request);
    } catch (error) {
      if (request.signal.aborted || stopping.aborted) return cut();
      throw error;
    }
  };
}
