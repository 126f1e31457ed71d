/**
 * WebP as RIFF chunks (RFC 9649): walks them for size, orientation and animation. Decodes no pixels.
 */
import { readOrientation } from "./exif.ts";
import { type Part, without } from "./parts.ts";
import { type Orientation, refused, type SizeCheck, type Walk } from "./problem.ts";

/** `RIFF`, size, `WEBP`. */
const FILE_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;

const VP8 = chunkCode("VP8 ");
const VP8L = chunkCode("VP8L");
const VP8X = chunkCode("VP8X");
const EXIF = chunkCode("EXIF");

/** What is seen: pixels, alpha, frames, colour profile. */
const PICTURE_CHUNKS: ReadonlySet<number> = new Set(
  ["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"].map(chunkCode),
);

const ANIMATION_FLAG = 0x02;
const XMP_FLAG = 0x04;
const EXIF_FLAG = 0x08;
const ALPHA_FLAG = 0x10;

/** A chunk's data in `[start, end)`; the end may lie behind the file's. */
interface Chunk {
  readonly code: number;
  readonly start: number;
  readonly end: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Walks a WebP to the end that its RIFF header declares; bytes after that are ignored. Linear in the file size. As libwebp does, it
 * heeds an EXIF chunk only where the extended header announces one.
 */
export function walkWebp(bytes: Uint8Array, checkSize: SizeCheck): Walk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fileEnd = 8 + view.getUint32(4, true);
  if (bytes.length < FILE_HEADER_BYTES + CHUNK_HEADER_BYTES) return truncated();
  const first = chunkAt(view, FILE_HEADER_BYTES);
  if (first.code !== VP8 && first.code !== VP8L && first.code !== VP8X) {
    return damaged("the first chunk is neither VP8, VP8L nor VP8X");
  }
  if (first.end > fileEnd) return damaged("the first chunk is longer than the file says it is");
  if (isHeaderCutOff(first, bytes.length)) return truncated();
  const size = readSize(bytes, first);
  if (typeof size === "string") return damaged(size);
  const sizeProblem = checkSize(size.width, size.height);
  if (sizeProblem !== undefined) return refused(sizeProblem);
  if (fileEnd > bytes.length) return truncated();

  const facts = {
    ...size,
    orientation: 1 as Orientation,
    bitDepth: 8,
    hasAlpha: hasAlpha(bytes, first),
    animated: false,
  };
  if (first.code !== VP8X) return { ok: true, facts };
  const flags = view.getUint8(first.start);
  if ((flags & ANIMATION_FLAG) !== 0) return { ok: true, facts: { ...facts, animated: true } };

  let hasPicture = false;
  let orientation: Orientation | undefined;
  for (let at = paddedEnd(first); at + CHUNK_HEADER_BYTES <= fileEnd;) {
    const chunk = chunkAt(view, at);
    if (chunk.end > fileEnd) return damaged(`the chunk at byte ${at} is longer than the file`);
    if (chunk.code === VP8 || chunk.code === VP8L) {
      const stored = readSize(bytes, chunk);
      if (typeof stored === "string") return damaged(stored);
      if (stored.width !== size.width || stored.height !== size.height) {
        return damaged(
          `the picture is ${stored.width}x${stored.height}, its canvas ${size.width}x${size.height}`,
        );
      }
      hasPicture = true;
    } else if (chunk.code === EXIF && (flags & EXIF_FLAG) !== 0 && orientation === undefined) {
      orientation = readOrientation(bytes.subarray(chunk.start, chunk.end));
    }
    at = paddedEnd(chunk);
  }
  if (!hasPicture) return damaged("there is no picture in it");
  return { ok: true, facts: { ...facts, orientation: orientation ?? 1 } };
}

/**
 * The WebP without its EXIF and XMP chunks and those that no format knows, and without what follows its end. From the place on
 * where it is broken it stays as it is. Never throws.
 */
export function stripWebp<T extends ArrayBufferLike>(
  bytes: Uint8Array<T>,
): Uint8Array<T | ArrayBuffer> {
  if (bytes.length < FILE_HEADER_BYTES + CHUNK_HEADER_BYTES) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fileEnd = Math.min(bytes.length, 8 + view.getUint32(4, true));
  const parts: Part[] = [];
  let at = FILE_HEADER_BYTES;
  while (at + CHUNK_HEADER_BYTES <= fileEnd) {
    const chunk = chunkAt(view, at);
    const end = Math.min(paddedEnd(chunk), fileEnd);
    if (chunk.end > fileEnd) break;
    if (!PICTURE_CHUNKS.has(chunk.code)) parts.push({ start: at, end });
    at = end;
  }
  if (fileEnd < bytes.length) parts.push({ start: fileEnd, end: bytes.length });
  if (parts.length === 0) return bytes;
  const bare = without(bytes, parts);
  const header = new DataView(bare.buffer, bare.byteOffset, bare.byteLength);
  header.setUint32(4, bare.length - 8, true);
  const flagsAt = FILE_HEADER_BYTES + CHUNK_HEADER_BYTES;
  if (bare.length > flagsAt && header.getUint32(FILE_HEADER_BYTES) === VP8X) {
    header.setUint8(flagsAt, header.getUint8(flagsAt) & ~(EXIF_FLAG | XMP_FLAG));
  }
  return bare;
}

/** What the header of the picture announces. A lossless one has a bit for it behind its size. */
function hasAlpha(bytes: Uint8Array, { code, start }: Chunk): boolean {
  if (code === VP8X) return (bytes[start]! & ALPHA_FLAG) !== 0;
  return code === VP8L && (bytes[start + 4]! & 0x10) !== 0;
}

/** As many bytes of a chunk as hold its size. */
function sizeHeaderBytes(code: number): number {
  return code === VP8L ? 5 : 10;
}

/** True where the chunk has a header with a size in it and the file ends before that does. */
function isHeaderCutOff(chunk: Chunk, fileBytes: number): boolean {
  return Math.min(chunk.end, chunk.start + sizeHeaderBytes(chunk.code)) > fileBytes;
}

/** The size in a `VP8 `, `VP8L` or `VP8X` chunk, or what is wrong with it. The header must lie within `bytes`. */
function readSize(bytes: Uint8Array, chunk: Chunk): Size | string {
  const headerBytes = sizeHeaderBytes(chunk.code);
  if (chunk.end - chunk.start < headerBytes) return "the header of the picture is too short";
  const view = new DataView(bytes.buffer, bytes.byteOffset + chunk.start, headerBytes);
  if (chunk.code === VP8X) {
    return { width: 1 + uint24(view, 4), height: 1 + uint24(view, 7) };
  }
  if (chunk.code === VP8L) {
    const packed = view.getUint32(1, true);
    if (view.getUint8(0) !== 0x2f || packed >>> 29 !== 0) return "the VP8L signature is wrong";
    return { width: 1 + (packed & 0x3fff), height: 1 + ((packed >>> 14) & 0x3fff) };
  }
  const isKeyFrame = (view.getUint8(0) & 1) === 0;
  if (!isKeyFrame || uint24(view, 3) !== 0x2a019d) return "the VP8 signature is wrong";
  const width = view.getUint16(6, true) & 0x3fff;
  const height = view.getUint16(8, true) & 0x3fff;
  if (width === 0 || height === 0) return `the size is ${width}x${height}`;
  return { width, height };
}

function chunkAt(view: DataView, at: number): Chunk {
  const start = at + CHUNK_HEADER_BYTES;
  return { code: view.getUint32(at), start, end: start + view.getUint32(at + 4, true) };
}

/** Chunks begin at even offsets. */
function paddedEnd(chunk: Chunk): number {
  return chunk.end + (chunk.end & 1);
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

function chunkCode(name: string): number {
  return new DataView(new TextEncoder().encode(name).buffer).getUint32(0);
}

function truncated(): Walk {
  return refused({ kind: "truncated", format: "webp" });
}

function damaged(detail: string): Walk {
  return refused({ kind: "damaged", format: "webp", detail });
}
