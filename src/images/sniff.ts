/**
 * Recognises a file's format by its first bytes. Does not know its name, nor whether the rest is complete.
 */
import type { ImageFormat, NotAnImage, OtherImageFormat } from "./problem.ts";

/** What the first bytes say. */
export type Recognised =
  | { readonly type: "image"; readonly format: ImageFormat | OtherImageFormat }
  | { readonly type: "other"; readonly looksLike?: NotAnImage };

/** As much of a text as is searched for `<svg` and `<html`: editors put a licence or a generator's comment before it. */
const TEXT_HEAD_BYTES = 4096;
/** As many bytes of an ISO media file's `ftyp` box as are searched for brands. */
const FTYP_HEAD_BYTES = 256;

/** Signatures at offset 0, in Latin-1. A PNG needs the first four bytes only: the walk judges the rest of the eight. */
const IMAGE_SIGNATURES: readonly (readonly [string, ImageFormat | OtherImageFormat])[] = [
  ["\x89PNG", "png"],
  ["\xff\xd8\xff", "jpeg"],
  ["GIF87a", "gif"],
  ["GIF89a", "gif"],
  ["II*\0", "tiff"],
  ["MM\0*", "tiff"],
  ["II+\0", "tiff"],
  ["MM\0+", "tiff"],
  ["\xff\x0a", "jxl"],
  ["\0\0\0\x0cJXL \r\n\x87\n", "jxl"],
  ["8BPS", "psd"],
  ["\0\0\x01\0", "ico"],
];

const OTHER_SIGNATURES: readonly (readonly [string, NotAnImage])[] = [
  ["%PDF-", "pdf"],
  ["PK\x03\x04", "zip"],
  ["PK\x05\x06", "zip"],
  ["\x1a\x45\xdf\xa3", "video"],
  ["OggS", "audio"],
  ["fLaC", "audio"],
  ["ID3", "audio"],
];

/** Sizes of the header that follows a BMP's 14 bytes: two letters alone would make a picture of every text about "BM". */
const BMP_HEADER_BYTES: readonly number[] = [12, 40, 52, 56, 64, 108, 124];

const AVIF_BRANDS: readonly string[] = ["avif", "avis"];
const HEIC_BRANDS: readonly string[] = [
  "heic",
  "heix",
  "hevc",
  "hevx",
  "heim",
  "heis",
  "mif1",
  "msf1",
];
const AUDIO_BRANDS: readonly string[] = ["M4A ", "M4B "];

/** Recognises `bytes` by magic bytes alone; `{type: "other"}` for what is unknown. Never throws. */
export function recognise(bytes: Uint8Array): Recognised {
  const head = latin1(bytes, 0, 32);
  for (const [signature, format] of IMAGE_SIGNATURES) {
    if (head.startsWith(signature)) return { type: "image", format };
  }
  for (const [signature, looksLike] of OTHER_SIGNATURES) {
    if (head.startsWith(signature)) return { type: "other", looksLike };
  }
  if (head.startsWith("RIFF")) return recogniseRiff(head.slice(8, 12));
  if (head.slice(4, 8) === "ftyp") return recogniseIsoMedia(bytes);
  if (isBmp(bytes)) return { type: "image", format: "bmp" };
  return recogniseMarkup(bytes);
}

function recogniseRiff(kind: string): Recognised {
  if (kind === "WEBP") return { type: "image", format: "webp" };
  if (kind === "AVI ") return { type: "other", looksLike: "video" };
  if (kind === "WAVE") return { type: "other", looksLike: "audio" };
  return { type: "other" };
}

/** HEIC and AVIF share MP4's container; the brands tell them apart. A generic `mif1` may hold either. */
function recogniseIsoMedia(bytes: Uint8Array): Recognised {
  const box = latin1(bytes, 0, FTYP_HEAD_BYTES);
  const declared = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const brands = [box.slice(8, 12)];
  for (let at = 16; at + 4 <= Math.min(declared, box.length); at += 4) {
    brands.push(box.slice(at, at + 4));
  }
  const has = (wanted: readonly string[]) => brands.some((brand) => wanted.includes(brand));
  if (has(AVIF_BRANDS)) return { type: "image", format: "avif" };
  if (has(HEIC_BRANDS)) return { type: "image", format: "heic" };
  return { type: "other", looksLike: has(AUDIO_BRANDS) ? "audio" : "video" };
}

function isBmp(bytes: Uint8Array): boolean {
  if (bytes.length < 18 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset).getUint32(14, true);
  return BMP_HEADER_BYTES.includes(header);
}

function recogniseMarkup(bytes: Uint8Array): Recognised {
  const text = latin1(bytes, 0, TEXT_HEAD_BYTES).replace(/^\xef\xbb\xbf/, "").trimStart();
  if (!text.startsWith("<")) return { type: "other" };
  const svg = text.search(/<svg[\s>]/i);
  const html = text.search(/<(?:!doctype\s+html|html|head|body)[\s>]/i);
  if (svg < 0 && html < 0) return { type: "other" };
  const first = html < 0 || (svg >= 0 && svg < html) ? "svg" : "html";
  return { type: "other", looksLike: first };
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
