/** GIF as blocks (GIF89a): leaves out the ones that are words. Decodes no pixels. */
import { type Part, without } from "./parts.ts";

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const COMMENT = 0xfe;
const APPLICATION = 0xff;
/** Application extensions that say how often the animation is shown. */
const LOOPS: readonly string[] = ["NETSCAPE2.0", "ANIMEXTS1.0"];

/**
 * The GIF without its comments, without what programs keep in it (XMP), and without what follows its end. From the place on where
 * it is broken it stays as it is. Never throws.
 */
export function stripGif<T extends ArrayBufferLike>(
  bytes: Uint8Array<T>,
): Uint8Array<T | ArrayBuffer> {
  const parts: Part[] = [];
  let at = 13 + tableBytes(bytes[10] ?? 0);
  while (at < bytes.length) {
    const start = at;
    if (bytes[at] === IMAGE) {
      const end = subBlocksEnd(bytes, at + 11 + tableBytes(bytes[at + 9] ?? 0));
      if (end === undefined) break;
      at = end;
    } else if (bytes[at] === EXTENSION) {
      const end = subBlocksEnd(bytes, at + 2);
      if (end === undefined) break;
      const isLoop = LOOPS.includes(String.fromCharCode(...bytes.subarray(at + 3, at + 14)));
      const label = bytes[at + 1];
      if (label === COMMENT || (label === APPLICATION && !isLoop)) parts.push({ start, end });
      at = end;
    } else {
      const end = bytes[at] === 0x3b ? at + 1 : bytes.length;
      if (end < bytes.length) parts.push({ start: end, end: bytes.length });
      break;
    }
  }
  return without(bytes, parts);
}

/** Size of the colour table that the flags announce. */
function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** Where the sub-blocks that begin at `at` end; undefined where the file does so before. */
function subBlocksEnd(bytes: Uint8Array, at: number): number | undefined {
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    at += 1 + length;
    if (length === 0) return at;
  }
}
