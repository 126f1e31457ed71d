/**
 * Pictures as Telegram treats them: dimensions read from the header, the sizes that a photo comes in, recompression to
 * JPEG. It decodes only when it must; thousands of photos go through it.
 */

import { Image } from "imagescript";
import { webpSize } from "../../webp.ts";

export type PictureFormat = "jpeg" | "png" | "gif" | "webp" | "bmp";

export interface Picture {
  readonly format: PictureFormat;
  readonly width: number;
  readonly height: number;
}

export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

const JPEG_QUALITY = 87;

function jpegSize(view: DataView): Dimensions | undefined {
  let at = 2;
  while (at + 9 < view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** Whether the end of the file is there: a download cut short has a good header too. */
function hasTail(bytes: Uint8Array, tail: readonly number[]): boolean {
  for (let at = bytes.length - tail.length; at >= Math.max(0, bytes.length - 4096); at--) {
    if (tail.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

/** Reads what a file's header says; undefined for bytes that are no whole picture. */
export function readPicture(bytes: Uint8Array): Picture | undefined {
  if (bytes.length < 30) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  const picture = (format: PictureFormat, size: Dimensions | undefined): Picture | undefined =>
    size === undefined || size.width < 1 || size.height < 1 ? undefined : { format, ...size };
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    return hasTail(bytes, [0xff, 0xd9]) ? picture("jpeg", jpegSize(view)) : undefined;
  }
  if (ascii(1, 4) === "PNG" && ascii(12, 16) === "IHDR") {
    const size = { width: view.getUint32(16), height: view.getUint32(20) };
    return hasTail(bytes, [0x49, 0x45, 0x4e, 0x44]) ? picture("png", size) : undefined;
  }
  if (ascii(0, 4) === "GIF8") {
    return picture("gif", { width: view.getUint16(6, true), height: view.getUint16(8, true) });
  }
  const webp = webpSize(bytes);
  if (webp !== undefined) return picture("webp", webp);
  if (ascii(0, 2) === "BM") {
    const height = Math.abs(view.getInt32(22, true));
    return picture("bmp", { width: view.getInt32(18, true), height });
  }
  return undefined;
}

/** The dimensions within a square of `side`, the ratio kept; never enlarged. */
export function fitInto({ width, height }: Dimensions, side: number): Dimensions {
  const scale = Math.min(1, side / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

/** The sides of Telegram's sizes s, m, x, y, w. */
const SIDES = [90, 320, 800, 1280, 2560];

/** The sizes that a photo comes in, ascending; the last is the largest, within `photoSide`. */
export function photoSizes(picture: Dimensions, photoSide: number): readonly Dimensions[] {
  const largest = fitInto(picture, photoSide);
  const longest = Math.max(largest.width, largest.height);
  return [...SIDES.filter((side) => side < longest).map((side) => fitInto(picture, side)), largest];
}

/** Whether `recompress` can read it. */
export function isDecodable({ format }: Picture): boolean {
  return format === "jpeg" || format === "png";
}

/** Decodes, scales down to `size` and encodes as JPEG; rejects when it cannot be decoded. */
export async function recompress(bytes: Uint8Array, size: Dimensions): Promise<Uint8Array> {
  const image = await Image.decode(bytes);
  if (image.width !== size.width || image.height !== size.height) {
    image.resize(size.width, size.height);
  }
  return await image.encodeJPEG(JPEG_QUALITY);
}
