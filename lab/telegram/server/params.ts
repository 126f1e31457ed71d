/**
 * A request to the Bot API as its methods read it: parameters from the query, a form, a multipart form or JSON, in
 * which nested values are JSON text or JSON itself. It does not know which parameters there are.
 */

import type { z } from "zod";
import { badRequest, Refusal } from "../refusal.ts";
import { type Form, parseMultipart, type UploadedFile } from "./multipart.ts";

/** The largest body that api.telegram.org takes: a document of 50 MB and the form around it. */
export const MAX_BODY_BYTES = 50 * 1024 * 1024 + 64 * 1024;

/** The parameters of one call. An absent, null or empty one is "not given", as telegram-bot-api has it. */
export class Params {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #files: ReadonlyMap<string, UploadedFile>;

  constructor(fields: ReadonlyMap<string, unknown>, files: ReadonlyMap<string, UploadedFile>) {
    this.#fields = fields;
    this.#files = files;
  }

  /** A text, or "" when not given. */
  text(name: string): string {
    const value = this.#fields.get(name);
    if (value === undefined || value === null) return "";
    return typeof value === "string" ? value : JSON.stringify(value);
  }

  has(name: string): boolean {
    return this.text(name) !== "" || this.#files.has(name);
  }

  /** A whole number, or undefined when not given or not one. */
  integer(name: string): number | undefined {
    const text = this.text(name).trim();
    return /^-?\d{1,16}$/.test(text) ? Number(text) : undefined;
  }

  flag(name: string): boolean {
    return ["true", "yes", "1"].includes(this.text(name).trim().toLowerCase());
  }

  /** A nested value, parsed by its schema; undefined when not given; a Refusal that names `what` when wrong. */
  json<T>(name: string, schema: z.ZodType<T>, what: string): T | undefined {
    if (this.text(name) === "") return undefined;
    let value = this.#fields.get(name);
    if (typeof value === "string") {
      try {
        value = JSON.parse(value);
      } catch {
        throw badRequest(`Can't parse ${what} JSON object`);
      }
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw badRequest(`Can't parse ${what}: ${parsed.error.issues[0]?.message ?? "wrong value"}`);
  }

  /** The file of a part's name. */
  file(name: string): UploadedFile | undefined {
    return this.#files.get(name);
  }

  /** The parameters with files replaced by their size, for the log of calls. */
  forLog(): Record<string, unknown> {
    const log: Record<string, unknown> = {};
    for (const [name, value] of this.#fields) log[name] = readable(value);
    for (const [name, file] of this.#files) {
      log[name] = { file: file.filename, size: file.bytes.length };
    }
    return log;
  }
}

/** Form fields carry objects as JSON text; a log reads better with the objects. */
function readable(value: unknown): unknown {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

async function readBody(request: Request): Promise<Uint8Array> {
  const tooLarge = () => new Refusal(413, "Request Entity Too Large");
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0];
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function parseJson(text: string): Form["fields"] | Map<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest("Can't parse JSON object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest("Can't parse JSON object");
  }
  return new Map<string, unknown>(Object.entries(value));
}

/** Reads a request's parameters; throws a Refusal for a body that is too large or not what it says it is. */
export async function readParams(request: Request, query: URLSearchParams): Promise<Params> {
  const fields = new Map<string, unknown>(query);
  const body = await readBody(request);
  if (body.length === 0) return new Params(fields, new Map());
  const type = request.headers.get("content-type") ?? "";
  const boundary = /multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary !== undefined) {
    const form = parseMultipart(body, boundary);
    for (const [name, value] of form.fields) fields.set(name, value);
    return new Params(fields, form.files);
  }
  const text = new TextDecoder().decode(body);
  const more = /json/i.test(type) ? parseJson(text) : new URLSearchParams(text);
  for (const [name, value] of more) fields.set(name, value);
  return new Params(fields, new Map());
}
