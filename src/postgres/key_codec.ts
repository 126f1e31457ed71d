/**
 * Keys and values as PostgreSQL stores them. Keys become bytes that sort as Deno KV sorts keys (its own encoding: a byte for the type;
 * a string ends with 0, and a 0 in it is 0 255; a number is its IEEE 754 bits with the sign turned round). Values are JSON, bytes in
 * it as `{"$bytes": base64}`.
 */

import { type RecordKey } from "../kv/mod.ts";

const stringType = 2;
const numberType = 4;

/** A `bytea` as PostgreSQL writes and reads it as text: `\\x0261…`. Throws TypeError for parts that our keys do not have. */
export function encodeKey(key: RecordKey): string {
  return `\\x${Uint8Array.from(key.flatMap((part) => [...encodePart(part)])).toHex()}`;
}

function encodePart(part: RecordKey[number]): Iterable<number> {
  switch (typeof part) {
    case "string": {
      const bytes = [...new TextEncoder().encode(part)];
      return [stringType, ...bytes.flatMap((byte) => byte === 0 ? [0, 255] : [byte]), 0];
    }
    case "number": {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, part);
      return [numberType, ...turned(new Uint8Array(view.buffer), view.getUint8(0) >= 128)];
    }
    default:
      throw new TypeError(`Cannot use a key with a ${typeof part} (wanted strings and numbers)`);
  }
}

/** Negative numbers sort the other way round: all bits are turned; else the sign alone. */
function turned(bytes: Uint8Array, isNegative: boolean): Uint8Array {
  return bytes.map((byte, i) => isNegative ? byte ^ 255 : i === 0 ? byte ^ 128 : byte);
}

/** Reads back what encodeKey wrote. */
export function decodeKey(text: string): RecordKey {
  const bytes = Uint8Array.fromHex(text.slice(2));
  const key: (string | number)[] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] === numberType) {
      const part = bytes.subarray(at + 1, at + 9);
      const plain = turned(part, part[0]! < 128);
      key.push(new DataView(plain.slice().buffer).getFloat64(0));
      at += 9;
      continue;
    }
    const text: number[] = [];
    for (at++; bytes[at] !== 0 || bytes[at + 1] === 255; at++) {
      text.push(bytes[at]!);
      if (bytes[at] === 0) at++;
    }
    at++;
    key.push(new TextDecoder().decode(Uint8Array.from(text)));
  }
  return key;
}

/** What sorts after all keys that begin with this one. */
export function endOf(prefix: string): string {
  return `${prefix}ff`; // no part begins with it
}

const bytesKey = "$bytes";

export function encodeValue(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, part) => part instanceof Uint8Array ? { [bytesKey]: part.toBase64() } : part,
  );
}

/** Reads back what encodeValue wrote. */
export function decodeValue(json: string): unknown {
  return JSON.parse(
    json,
    (_key, part) =>
      typeof part === "object" && part !== null && typeof part[bytesKey] === "string"
        ? Uint8Array.fromBase64(part[bytesKey])
        : part,
  );
}
