/**
 * Writes bytes down: joins parts, spells numbers. Knows no format.
 */

/** Bytes in a buffer of their own, which no other thread can write to. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Joins parts; a string is taken as Latin-1, a number as one byte. */
export function bytesOf(...parts: readonly (Uint8Array | string | number)[]): Bytes {
  const arrays = parts.map((part) => {
    if (typeof part === "number") return Uint8Array.of(part);
    return typeof part === "string"
      ? Uint8Array.from(part, (letter) => letter.charCodeAt(0))
      : part;
  });
  const joined = new Uint8Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}

function uint(value: number, bytes: number, littleEndian: boolean): Bytes {
  const digits = Array.from(
    { length: bytes },
    (_, index) => Math.floor(value / 256 ** index) & 0xff,
  );
  return Uint8Array.from(littleEndian ? digits : digits.reverse());
}

export const u16be = (value: number) => uint(value, 2, false);
export const u32be = (value: number) => uint(value, 4, false);
export const u16le = (value: number) => uint(value, 2, true);
export const u24le = (value: number) => uint(value, 3, true);
export const u32le = (value: number) => uint(value, 4, true);

/** The bytes with `change` made to a copy of them. */
export function changed(bytes: Uint8Array, change: (copy: Bytes) => void): Bytes {
  const copy = bytesOf(bytes);
  change(copy);
  return copy;
}
