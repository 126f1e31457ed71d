/**
 * Pictures as pixels: decoding, encoding, resizing, cropping, turning. Owns the one use of imagescript, loaded when first needed.
 */
import type { Image } from "imagescript";
import { promisify } from "node:util";
import { crc32, deflate } from "node:zlib";
import { webpSize } from "../../webp.ts";
import { orientationOf } from "./exif.ts";

// imagescript declares its qualities as unions of their digits, and exports none of them.
type JpegQuality = Parameters<Image["encodeJPEG"]>[0];
type WebpQuality = Parameters<Image["encodeWEBP"]>[0];

/** Pixels, four bytes each (red, green, blue, alpha), row by row. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray;
}

/** A blank bitmap. */
export function blank(width: number, height: number): Bitmap {
  return { width, height, rgba: new Uint8ClampedArray(width * height * 4) };
}

/**
 * Decodes PNG, JPEG, GIF (first frame) or TIFF and applies the EXIF orientation, as LoadImage does. A WebP becomes a grey gradient of
 * its size: there is no decoder for it here. undefined where the bytes are no picture.
 */
export async function decode(bytes: Uint8Array<ArrayBuffer>): Promise<Bitmap | undefined> {
  const webp = webpSize(bytes);
  if (webp !== undefined) return gradient(webp.width, webp.height);
  const { decode, Image, GIF } = await import("imagescript");
  try {
    const decoded = await decode(bytes, true);
    const image = decoded instanceof GIF ? decoded[0] : decoded;
    if (!(image instanceof Image)) return undefined;
    const bitmap = { width: image.width, height: image.height, rgba: image.bitmap };
    return turn(bitmap, orientationOf(bytes));
  } catch {
    return undefined;
  }
}

/** Encodes as PNG, as ComfyUI does: without an alpha channel where nothing is transparent. */
export async function encodePng(bitmap: Bitmap): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, rgba } = bitmap;
  for (let i = 3; i < rgba.length; i += 4) {
    if (rgba[i] !== 255) return new Uint8Array(await (await imageOf(bitmap)).encode(1));
  }
  const rows = new Uint8Array(height * (1 + width * 3));
  for (let y = 0, to = 0, from = 0; y < height; y++) {
    to++; // the row's filter: none
    for (let x = 0; x < width; x++, from += 4) {
      rows.set(rgba.subarray(from, from + 3), to);
      to += 3;
    }
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint16(8, 0x0802); // 8 bits, red green blue
  return concat([
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk("IHDR", new Uint8Array(header.buffer)),
    pngChunk("IDAT", await promisify(deflate)(rows, { level: 1 })),
    pngChunk("IEND", new Uint8Array()),
  ]);
}

/** A chunk of a PNG: length, type, data, CRC (PNG 3rd edition, 5.3). */
function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const body = concat([new TextEncoder().encode(type), data]);
  const chunk = new DataView(new ArrayBuffer(body.length + 8));
  chunk.setUint32(0, data.length);
  new Uint8Array(chunk.buffer).set(body, 4);
  chunk.setUint32(4 + body.length, crc32(body));
  return new Uint8Array(chunk.buffer);
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Encodes as JPEG; `quality` 1…100. */
export async function encodeJpeg(
  bitmap: Bitmap,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await imageOf(bitmap)).encodeJPEG(quality as JpegQuality));
}

/** Encodes as WebP; `quality` 1…100, undefined for lossless. */
export async function encodeWebp(
  bitmap: Bitmap,
  quality: number | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await imageOf(bitmap)).encodeWEBP((quality ?? null) as WebpQuality));
}

/** Scales to exactly that size; sides are at least 1. */
export async function resize(bitmap: Bitmap, width: number, height: number): Promise<Bitmap> {
  if (width === bitmap.width && height === bitmap.height) return bitmap;
  const image = (await imageOf(bitmap)).clone().resize(Math.max(1, width), Math.max(1, height));
  return { width: image.width, height: image.height, rgba: image.bitmap };
}

/** Scales so that neither side is longer than `longest`; never up. */
export function fitWithin(bitmap: Bitmap, longest: number): Promise<Bitmap> {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  return resize(bitmap, Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
}

/** The part of a bitmap, clipped to it. */
export function crop(bitmap: Bitmap, x: number, y: number, width: number, height: number): Bitmap {
  const left = Math.min(x, bitmap.width - 1);
  const top = Math.min(y, bitmap.height - 1);
  const part = blank(Math.min(width, bitmap.width - left), Math.min(height, bitmap.height - top));
  for (let row = 0; row < part.height; row++) {
    const from = ((top + row) * bitmap.width + left) * 4;
    part.rgba.set(bitmap.rgba.subarray(from, from + part.width * 4), row * part.width * 4);
  }
  return part;
}

/** Turns and mirrors by an EXIF orientation, 1…8. */
export function turn(bitmap: Bitmap, orientation: number): Bitmap {
  if (orientation < 2 || orientation > 8) return bitmap;
  const { width, height } = bitmap;
  const isTransposed = orientation >= 5;
  const turned = blank(isTransposed ? height : width, isTransposed ? width : height);
  const from = new Uint32Array(bitmap.rgba.slice().buffer);
  const to = new Uint32Array(turned.rgba.buffer);
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  for (let y = 0; y < turned.height; y++) {
    for (let x = 0; x < turned.width; x++) {
      const along = isTransposed ? y : x;
      const down = isTransposed ? x : y;
      const sourceX = fromRight ? width - 1 - along : along;
      const sourceY = fromBottom ? height - 1 - down : down;
      to[y * turned.width + x] = from[sourceY * width + sourceX] ?? 0;
    }
  }
  return turned;
}

/** Puts a bitmap onto another, in place; what hangs over is cut off. */
export function paste(onto: Bitmap, piece: Bitmap, left: number, top: number): void {
  const width = Math.min(piece.width, onto.width - left);
  const height = Math.min(piece.height, onto.height - top);
  for (let row = 0; row < height; row++) {
    const from = row * piece.width * 4;
    onto.rgba.set(
      piece.rgba.subarray(from, from + width * 4),
      ((top + row) * onto.width + left) * 4,
    );
  }
}

async function imageOf(bitmap: Bitmap) {
  const { Image } = await import("imagescript");
  const image = new Image(bitmap.width, bitmap.height);
  image.bitmap.set(bitmap.rgba);
  return image;
}

function gradient(width: number, height: number): Bitmap {
  const bitmap = blank(width, height);
  for (let i = 0; i < width * height; i++) {
    const level = 64 + (128 * (i % width)) / width;
    bitmap.rgba.set([level, level, level + (64 * i) / (width * height), 255], i * 4);
  }
  return bitmap;
}
