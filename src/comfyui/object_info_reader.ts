/**
 * The whole of `/object_info` read without holding up what else the program does: with custom nodes it has megabytes, and
 * parsed at once it would keep every chat waiting for a quarter of a second. Owns how much is read at a time.
 */
import { setImmediate as breathe } from "node:timers/promises";
import { type NodeCatalog, type NodeClass } from "../templates/mod.ts";
import { parseJson } from "./json.ts";
import { readClass } from "./object_info.ts";

/** Longest time at a stretch; a single class may take longer. */
const sliceMs = 8;

/** Reads it class by class. Throws SyntaxError for what is no JSON object, and the signal's reason. */
export async function readCatalog(bytes: Uint8Array, signal: AbortSignal): Promise<NodeCatalog> {
  const classes: Record<string, NodeClass> = {};
  let since = performance.now();
  for (const [classType, value] of membersOf(bytes)) {
    const read = readClass(value);
    if (read) classes[classType] = read;
    if (performance.now() - since < sliceMs) continue;
    await breathe(undefined, { signal });
    since = performance.now();
  }
  return classes;
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The members of a JSON object, each parsed when its turn comes: JSON in UTF-8 has its structure in ASCII. */
function* membersOf(bytes: Uint8Array): Generator<readonly [string, unknown]> {
  const decoder = new TextDecoder();
  const member = (from: number, to: number) => {
    const parsed = parseJson(`{${decoder.decode(bytes.subarray(from, to))}}`);
    if (parsed === undefined) throw noObject();
    return Object.entries(parsed as object) as [string, unknown][];
  };
  let depth = 0;
  let from = 0;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote:
        for (at++; at < bytes.length && bytes[at] !== quote; at++) {
          if (bytes[at] === backslash) at++;
        }
        break;
      case openBrace:
      case openBracket:
        if (depth++ === 0) {
          if (bytes[at] === openBracket || !isBlank(bytes.subarray(0, at))) throw noObject();
          from = at + 1;
        }
        break;
      case closeBrace:
      case closeBracket:
        if (--depth === 0) {
          yield* member(from, at);
          if (!isBlank(bytes.subarray(at + 1))) throw noObject();
          return;
        }
        break;
      case comma:
        if (depth === 1) {
          yield* member(from, at);
          from = at + 1;
        }
        break;
    }
  }
  throw noObject();
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

function noObject(): SyntaxError {
  return new SyntaxError("Cannot read the JSON: it is no object, or not whole");
}
