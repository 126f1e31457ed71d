/**
 * WebM and Matroska as elements (RFC 8794, RFC 9559): blanks the ones that are words. Nothing moves, for the index counts bytes
 * from the segment's beginning. Decodes nothing.
 */

const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const INFO = 0x1549a966;
/** Tags (title, comment, the graph), attached files; in Info: Title. */
const WORDS: readonly number[] = [0x1254c367, 0x1941a469, 0x7ba9];
const VOID = 0xec;

interface Element {
  readonly id: number;
  readonly start: number;
  readonly dataStart: number;
  /** Undefined where its size is unknown, as in a stream. */
  readonly end: number | undefined;
}

/** The file with Void elements in the place of its words. From the place on where it is broken it stays as it is. */
export function stripMatroska(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const words = [...wordElements(bytes, 0, bytes.length)];
  if (words.length === 0) return bytes;
  const blanked = bytes.slice();
  for (const { start, end } of words) {
    blanked.fill(0, start, end);
    blanked[start] = VOID;
    const room = end - start - 2;
    // A size of one byte, or of eight.
    if (room < 0x7f) blanked[start + 1] = 0x80 | room;
    else new DataView(blanked.buffer).setBigUint64(start + 1, (1n << 56n) | BigInt(room - 7));
  }
  return blanked;
}

function* wordElements(
  bytes: Uint8Array,
  from: number,
  to: number,
): Generator<{ readonly start: number; readonly end: number }> {
  for (let at = from; at < to;) {
    const element = elementAt(bytes, at);
    if (!element) return;
    const { id, start, dataStart, end } = element;
    if (id === SEGMENT || id === INFO) yield* wordElements(bytes, dataStart, end ?? to);
    // A cluster of unknown size ends where the next element of the segment begins: its own are walked as if they were that.
    if (end === undefined) {
      if (id !== CLUSTER) return;
      at = dataStart;
      continue;
    }
    if (end > to) return;
    if (WORDS.includes(id)) yield { start, end };
    at = end;
  }
}

function elementAt(bytes: Uint8Array, start: number): Element | undefined {
  const idLength = lengthOf(bytes[start]);
  if (idLength > 4) return undefined;
  const sizeAt = start + idLength;
  const sizeLength = lengthOf(bytes[sizeAt]);
  const dataStart = sizeAt + sizeLength;
  if (sizeLength > 8 || dataStart > bytes.length) return undefined;
  const id = numberOf(bytes.subarray(start, sizeAt));
  // The first bit that is set tells the length; all of the others set stand for no size.
  const first = bytes[sizeAt]! & (0xff >> sizeLength);
  const size = numberOf(bytes.subarray(sizeAt + 1, dataStart), first);
  const isUnknown = size === 2 ** (7 * sizeLength) - 1;
  return { id, start, dataStart, end: isUnknown ? undefined : dataStart + size };
}

/** How many bytes a number has that begins with this one; 9 for none. */
function lengthOf(first = 0): number {
  return Math.clz32(first) - 24 + 1;
}

function numberOf(bytes: Uint8Array, first = 0): number {
  return bytes.reduce((number, byte) => number * 256 + byte, first);
}
