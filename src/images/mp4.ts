/**
 * MP4 and its kin as boxes (ISO 14496-12): blanks the ones that are words. Nothing moves, for other boxes count bytes from the
 * file's beginning. Decodes nothing.
 */

/** Boxes that hold other boxes, on the way to words. */
const CONTAINERS: readonly string[] = ["moov", "trak", "moof", "traf", "mdia"];
/** User data (titles, comments, the graph), tags by key, and what programs keep (XMP). */
const WORDS: readonly string[] = ["udta", "meta", "uuid"];

/**
 * The file with free space in the place of its words. Meant for videos and sound: in pictures (`heic`, `avif`) `meta` is the
 * picture. From the place on where the file is broken it stays as it is. Gives the same bytes where there are no words.
 */
export function stripMp4(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const boxes = [...wordBoxes(bytes, 0, bytes.length)];
  if (boxes.length === 0) return bytes;
  const blanked = bytes.slice();
  for (const { start, headEnd, end } of boxes) {
    blanked.set(new TextEncoder().encode("free"), start + 4);
    blanked.fill(0, headEnd, end);
  }
  return blanked;
}

function* wordBoxes(
  bytes: Uint8Array,
  from: number,
  to: number,
): Generator<{ readonly start: number; readonly headEnd: number; readonly end: number }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = from; start + 8 <= to;) {
    const declared = view.getUint32(start);
    const name = String.fromCharCode(...bytes.subarray(start + 4, start + 8));
    const isLong = declared === 1 && start + 16 <= to;
    const headEnd = start + (isLong ? 16 : 8);
    // 0: up to the file's end.
    const size = isLong
      ? Number(view.getBigUint64(start + 8))
      : declared === 0
      ? to - start
      : declared;
    const end = start + size;
    if (end < headEnd || end > to) return;
    if (WORDS.includes(name)) yield { start, headEnd, end };
    else if (CONTAINERS.includes(name)) yield* wordBoxes(bytes, headEnd, end);
    start = end;
  }
}
