/** A file without some of its parts. Knows no format. */

/** A part of a file: `[start, end)`. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** The bytes without these parts, which are in order and apart; the same bytes, not a copy, where there are none. */
export function without<T extends ArrayBufferLike>(
  bytes: Uint8Array<T>,
  parts: readonly Part[],
): Uint8Array<T | ArrayBuffer> {
  if (parts.length === 0) return bytes;
  const kept = new Uint8Array(
    bytes.length - parts.reduce((sum, { start, end }) => sum + end - start, 0),
  );
  let from = 0;
  let to = 0;
  for (const { start, end } of [...parts, { start: bytes.length, end: bytes.length }]) {
    kept.set(bytes.subarray(from, start), to);
    to += start - from;
    from = end;
  }
  return kept;
}
