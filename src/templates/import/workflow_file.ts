/**
 * Finds the workflow in a file: JSON of any kind, or a picture in which ComfyUI left it. Owns where pictures hold it. Does not
 * know what a workflow means.
 */
import { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";
import { pngChunks } from "../../images/mod.ts";
import { ConfigError } from "../../lib/mod.ts";
import { type ApiPrompt, findWorkflow } from "../mod.ts";

/** A file as it was handed over. */
export interface WorkflowFile {
  /** For messages, and for the template's name. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** The graph that was sent, the workflow that the page had, or both. */
export interface FoundWorkflow {
  readonly graph?: ApiPrompt;
  readonly web?: unknown;
}

/** Of a text in a picture, once it is inflated. */
const maxTextBytes = 16 << 20;
/** Places in a file that begin like a workflow and are looked at. */
const maxPlaces = 64;

/** Throws ConfigError where there is none, where there are several, and where it is damaged. */
export function findInFile({ file, bytes }: WorkflowFile): FoundWorkflow {
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
  if (!isPng && !isBinary(bytes)) return findWorkflow({ path: file, text: textOf(bytes) });
  for (const text of isPng ? pngTexts(bytes) : textsIn(bytes)) {
    const found = attempt(file, text);
    if (found) return found;
  }
  throw new ConfigError(
    `${file}: Cannot find a workflow in it: ComfyUI left none in this file, or it was lost on the way ` +
      "(wanted the file as ComfyUI saved it, or a workflow as JSON)",
  );
}

/** True where there is a workflow in the file, whether or not it can be used. */
export function hasWorkflow(bytes: Uint8Array): boolean {
  try {
    return Object.keys(findInFile({ file: "", bytes })).length > 0;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

/** True for what is no text: it has a zero byte where no byte order mark explains it. */
function isBinary(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  const isUtf16 = first === 0xff && second === 0xfe || first === 0xfe && second === 0xff;
  return !isUtf16 && bytes.subarray(0, 4096).includes(0);
}

/** Programs on Windows may write UTF-16 with a byte order mark. */
function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const label = first === 0xff && second === 0xfe
    ? "utf-16le"
    : first === 0xfe && second === 0xff
    ? "utf-16be"
    : "utf-8";
  return new TextDecoder(label).decode(bytes);
}

/** A text that is no JSON, or has no workflow in it, is something else that the picture says. */
function attempt(file: string, text: string): FoundWorkflow | undefined {
  try {
    return findWorkflow({ path: file, text });
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** What a PNG says under `prompt` and `workflow` together, then each alone. */
function* pngTexts(bytes: Uint8Array): Generator<string> {
  const texts = new Map<string, string>();
  for (const { name, dataStart, dataEnd } of pngChunks(bytes)) {
    const read = pngText(name, Buffer.from(bytes.subarray(dataStart, dataEnd)));
    if (read && /^(prompt|workflow)$/i.test(read.keyword)) {
      texts.set(read.keyword.toLowerCase(), read.text);
    }
  }
  if (texts.size > 1) yield JSON.stringify(Object.fromEntries(texts));
  yield* texts.values();
}

/** A `tEXt`, `zTXt` or `iTXt` chunk (PNG 3rd edition, 11.3.3), or `comf`, as ComfyUI writes it into animated ones. */
function pngText(name: string, data: Buffer): { keyword: string; text: string } | undefined {
  const end = data.indexOf(0);
  if (end < 0) return undefined;
  const keyword = data.toString("latin1", 0, end);
  try {
    switch (name) {
      case "tEXt":
      case "comf":
        return { keyword, text: data.toString("utf8", end + 1) };
      case "zTXt":
        return { keyword, text: inflated(data.subarray(end + 2)) };
      case "iTXt": {
        const isDeflated = data[end + 1] === 1;
        const text = data.indexOf(0, data.indexOf(0, end + 3) + 1) + 1; // after language and translated keyword
        return {
          keyword,
          text: isDeflated ? inflated(data.subarray(text)) : data.toString("utf8", text),
        };
      }
    }
  } catch {
    // Damaged, or larger than any workflow.
  }
  return undefined;
}

function inflated(data: Uint8Array): string {
  return inflateSync(data, { maxOutputLength: maxTextBytes }).toString("utf8");
}

/**
 * What may be a workflow in any other file: WebP and JPEG have it in EXIF as `prompt:{…}` and `workflow:{…}`, videos in a comment as
 * `{"prompt": …}`. Those under `prompt` come first.
 */
function* textsIn(bytes: Uint8Array): Generator<string> {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = data.toString("latin1");
  const named: { readonly name: string; readonly text: string }[] = [];
  let places = 0;
  for (const { 0: match, 1: before, 2: after, index } of head.matchAll(beginnings)) {
    if (++places > maxPlaces) break;
    const isInside = before !== undefined;
    const text = objectAt(data, isInside ? index : index + match.length - 1);
    if (text !== undefined) named.push({ name: (before ?? after)!.toLowerCase(), text });
  }
  const [prompt, web] = ["prompt", "workflow"].map((name) =>
    named.find((each) => each.name === name)?.text
  );
  if (prompt !== undefined && web !== undefined) yield `{"prompt": ${prompt}, "workflow": ${web}}`;
  for (const { text } of named) yield text;
}

/** `{"prompt"` of a comment, `prompt:{` of EXIF. */
const beginnings = /\{\s*"(prompt|workflow)"\s*:|(?<![\w"])(prompt|workflow)\s*[:\0]\s*\{/gi;

/** The JSON object that begins at this byte; undefined where it does not end. */
function objectAt(data: Buffer, start: number): string | undefined {
  let depth = 0;
  const limit = Math.min(data.length, start + maxTextBytes);
  for (let at = start; at < limit; at++) {
    switch (data[at]) {
      case 0x22: // "
        for (at++; at < limit && data[at] !== 0x22; at++) if (data[at] === 0x5c) at++;
        break;
      case 0x7b:
        depth++;
        break;
      case 0x7d:
        if (--depth === 0) return data.toString("utf8", start, at + 1);
        break;
    }
  }
  return undefined;
}
