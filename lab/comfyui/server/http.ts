/**
 * Bodies of requests and answers, and answers that are spoilt on purpose. Knows no route.
 */
import { firstAborted } from "../../abort.ts";
import type { FaultOf } from "../faults.ts";
import { parseExact, stringifyExact } from "../python.ts";
import type { Peer } from "./door.ts";

/** A JSON answer. */
export function json(body: unknown, status = 200): Response {
  return new Response(stringifyExact(body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
  });
}

/** A plain text answer. */
export function text(body: string, status: number): Response {
  return new Response(body, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/** An answer without a body. */
export function empty(status: number): Response {
  return new Response(null, { status });
}

/** The request's JSON object; `{}` where the body is none (as `/interrupt` takes it). */
export async function readObject(request: Request): Promise<Readonly<Record<string, unknown>>> {
  try {
    const body = parseExact(await request.text());
    return typeof body === "object" && body !== null ? { ...body } : {};
  } catch {
    return {};
  }
}

/** The items of a list, as strings; none where it is no list. */
export function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Answers as the fault says. `answer` gives the true answer and has the request's effect. */
export async function spoil(
  fault: FaultOf<"http">,
  gone: AbortSignal,
  request: Request,
  peer: Peer,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  const kind = fault.answer;
  const truth = fault.processed || kind === "half-json" ? await answer() : undefined;
  if (typeof kind === "number") return empty(kind);
  switch (kind) {
    case "500":
      return text("500 Internal Server Error\n\nServer got itself in trouble", 500);
    case "rubbish":
      return new Response("<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>", {
        headers: { "content-type": "text/html; charset=utf-8" },
      });
    case "half-json": {
      const body = await truth?.text() ?? "";
      return new Response(body.slice(0, Math.ceil(body.length / 2)), {
        status: truth?.status ?? 200,
        headers: { "content-type": "application/json; charset=utf-8" },
      });
    }
    case "hang":
      await firstAborted(gone, request.signal);
      return empty(503);
    case "cut":
      peer.cut();
      return empty(503);
  }
}
