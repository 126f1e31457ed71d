/**
 * PNG as a sequence of chunks (PNG 3rd edition, chapters 5 and 11): walks them, checks them, leaves some out. Inflates nothing.
 */
import { crc32 } from "node:zlib";
import { readOrientation } from "./exif.ts";
import { type Part, without } from "./parts.ts";
import { type Orientation, refused, type SizeCheck, type Walk } from "./problem.ts";

const SIGNATURE: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Length, type and CRC: what a chunk has besides its data. */
const CHUNK_FRAME_BYTES = 12;
const IHDR_BYTES = 13;
/** The format's own limit for a chunk's length and for a side. */
const MAX_UINT31 = 0x7fff_ffff;

const IHDR = chunkCode("IHDR");
const PLTE = chunkCode("PLTE");
const IDAT = chunkCode("IDAT");
const IEND = chunkCode("IEND");
const ACTL = chunkCode("acTL");
const EXIF = chunkCode("eXIf");
const TRNS = chunkCode("tRNS");

/** `comf`: ComfyUI's own, written by SaveAnimatedPNG with the same graph in it. */
const TEXT_CHUNKS: ReadonlySet<number> = new Set(
  ["tEXt", "zTXt", "iTXt", "eXIf", "comf"].map(chunkCode),
);

const COLOUR_PALETTE = 3;
/** Grey and RGB with an alpha channel. */
const ALPHA_COLOURS: readonly number[] = [4, 6];
/** Colour type → bit depths (table 11.1). */
const BIT_DEPTHS: ReadonlyMap<number, readonly number[]> = new Map([
  [0, [1, 2, 4, 8, 16]],
  [2, [8, 16]],
  [COLOUR_PALETTE, [1, 2, 4, 8]],
  [4, [8, 16]],
  [6, [8, 16]],
]);

/** A chunk, as far as it lies within its file. */
export interface PngChunk {
  readonly name: string;
  /** Its data is `[dataStart, dataEnd)`. */
  readonly dataStart: number;
  readonly dataEnd: number;
}

/** One chunk: data in `[dataStart, dataEnd)`, the whole of it in `[start, end)`. */
interface Chunk {
  readonly code: number;
  readonly start: number;
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly end: number;
}

/**
 * Walks a PNG: a sane header, a palette where one is needed, the beginning of its pixels. As strict as the decoders (Pillow's,
 * which ComfyUI has load what is cut off): a CRC counts in IHDR and PLTE alone, and once pixels have begun, what is missing,
 * damaged or left over is their affair. Linear in the file. Animated is what announces more than one frame (`acTL`).
 */
export function walkPng(bytes: Uint8Array, checkSize: SizeCheck): Walk {
  if (!hasSignature(bytes)) {
    return bytes.length < SIGNATURE.length
      ? truncated()
      : damaged("the signature is mangled, as by a transfer as text");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SIGNATURE.length + CHUNK_FRAME_BYTES + IHDR_BYTES) return truncated();
  const header = chunkAt(view, SIGNATURE.length);
  if (header.code !== IHDR || header.dataEnd - header.dataStart !== IHDR_BYTES) {
    return damaged("the first chunk is no IHDR of 13 bytes");
  }
  if (!crcMatches(bytes, view, header)) return damaged("the CRC of IHDR does not match");

  const width = view.getUint32(header.dataStart);
  const height = view.getUint32(header.dataStart + 4);
  if (width === 0 || height === 0 || width > MAX_UINT31 || height > MAX_UINT31) {
    return damaged(`the size is ${width}x${height}`);
  }
  const sizeProblem = checkSize(width, height);
  if (sizeProblem !== undefined) return refused(sizeProblem);

  const bitDepth = view.getUint8(header.dataStart + 8);
  const colourType = view.getUint8(header.dataStart + 9);
  if (!BIT_DEPTHS.get(colourType)?.includes(bitDepth)) {
    return damaged(`colour type ${colourType} does not go with ${bitDepth} bits`);
  }
  const filter = view.getUint8(header.dataStart + 11);
  const interlace = view.getUint8(header.dataStart + 12);
  if (filter !== 0 || interlace > 1) return damaged(`filter ${filter}, interlace ${interlace}`);

  let hasPalette = false;
  let frames = 1;
  let orientation: Orientation = 1;
  let hasPixels = false;
  let hasAlpha = ALPHA_COLOURS.includes(colourType);
  let hasEnd = false;
  for (let at = header.end; at + 8 <= bytes.length;) {
    const chunk = chunkAt(view, at);
    const length = chunk.dataEnd - chunk.dataStart;
    const isSane = isChunkName(chunk.code) && length <= MAX_UINT31;
    if (!isSane && !hasPixels) return damaged(`no chunk begins at byte ${at}`);
    if (chunk.code === IDAT && length > 0 && chunk.dataStart < bytes.length) {
      if (colourType === COLOUR_PALETTE && !hasPalette) return damaged("the palette is missing");
      hasPixels = true;
    }
    hasEnd = chunk.code === IEND;
    if (!isSane || hasEnd || chunk.end > bytes.length) break;
    switch (chunk.code) {
      case IHDR:
        if (!hasPixels) return damaged("there is a second IHDR");
        break;
      case PLTE:
        if (!crcMatches(bytes, view, chunk)) return damaged("the CRC of PLTE does not match");
        hasPalette = true;
        break;
      case TRNS:
        hasAlpha = true;
        break;
      case ACTL:
        if (!hasPixels && length === 8) frames = view.getUint32(chunk.dataStart);
        break;
      case EXIF:
        orientation = readOrientation(bytes.subarray(chunk.dataStart, chunk.dataEnd));
        break;
    }
    at = chunk.end;
  }
  if (!hasPixels) return hasEnd ? damaged("there is no pixel data") : truncated();
  return {
    ok: true,
    facts: { width, height, orientation, bitDepth, hasAlpha, animated: frames > 1 },
  };
}

/**
 * The PNG without its `tEXt`, `zTXt`, `iTXt`, `eXIf` and `comf` chunks: ComfyUI writes the whole graph, with the user's prompt in
 * it, into the first of them. The pixels stay byte for byte. Gives `bytes` itself, not a copy, where there is nothing to leave
 * out and where it is no PNG; from the place on where a PNG is broken it stays as it is. Never throws.
 */
export function stripPng<T extends ArrayBufferLike>(
  bytes: Uint8Array<T>,
): Uint8Array<T | ArrayBuffer> {
  if (!hasSignature(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Part[] = [];
  for (let at = SIGNATURE.length; at + CHUNK_FRAME_BYTES <= bytes.length;) {
    const chunk = chunkAt(view, at);
    if (chunk.end > bytes.length) break;
    if (TEXT_CHUNKS.has(chunk.code)) parts.push(chunk);
    at = chunk.end;
  }
  return without(bytes, parts);
}

function truncated(): Walk {
  return refused({ kind: "truncated", format: "png" });
}

function damaged(detail: string): Walk {
  return refused({ kind: "damaged", format: "png", detail });
}

function hasSignature(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => bytes[index] === byte);
}

/** The chunks, up to IEND or to where none begins. `bytes` must begin with a PNG's signature. */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE.length; at + 8 <= bytes.length;) {
    const chunk = chunkAt(view, at);
    if (!isChunkName(chunk.code)) return;
    // A last one that is cut off is given as far as it goes.
    yield {
      name: chunkName(chunk.code),
      dataStart: chunk.dataStart,
      dataEnd: Math.min(chunk.dataEnd, bytes.length),
    };
    if (chunk.code === IEND) return;
    at = chunk.end;
  }
}

/** The chunk at `start`, where at least 8 bytes must be left. Its end may lie behind the file's. */
function chunkAt(view: DataView, start: number): Chunk {
  const dataStart = start + 8;
  const dataEnd = dataStart + view.getUint32(start);
  return { code: view.getUint32(start + 4), start, dataStart, dataEnd, end: dataEnd + 4 };
}

/** The CRC covers type and data, not the length. */
function crcMatches(bytes: Uint8Array, view: DataView, chunk: Chunk): boolean {
  return crc32(bytes.subarray(chunk.start + 4, chunk.dataEnd)) === view.getUint32(chunk.dataEnd);
}

function chunkCode(name: string): number {
  return new DataView(new TextEncoder().encode(name).buffer).getUint32(0);
}

function chunkName(code: number): string {
  return String.fromCharCode(code >>> 24, (code >>> 16) & 0xff, (code >>> 8) & 0xff, code & 0xff);
}

function isChunkName(code: number): boolean {
  for (let shift = 0; shift < 32; shift += 8) {
    const letter = (code >>> shift) & 0xdf;
    if (letter < 0x41 || letter > 0x5a) return false;
  }
  return true;
}
