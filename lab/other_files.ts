/**
 * Builds files that are no JPEG, PNG or WebP: pictures of other formats, and what only pretends to be one.
 */
import { type Bytes, bytesOf, u16le, u32be, u32le } from "./bytes.ts";

/** Two frames of one pixel. */
export function animatedGif(): Bytes {
  const frame = bytesOf(
    ...["\x21\xf9\x04\x00", u16le(10), "\0\0"],
    ...["\x2c", u16le(0), u16le(0), u16le(1), u16le(1), "\0"],
    "\x02\x02\x44\x01\0",
  );
  return bytesOf(
    ...["GIF89a", u16le(1), u16le(1), "\x80\0\0", "\0\0\0\xff\xff\xff"],
    "\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0",
    ...[frame, frame, ";"],
  );
}

/** An ISO media file's first box and some bytes. */
export function isoMedia(majorBrand: string, ...compatibleBrands: readonly string[]): Bytes {
  const brands = bytesOf(majorBrand, u32be(0), ...compatibleBrands);
  return bytesOf(u32be(8 + brands.length), "ftyp", brands, u32be(8), "mdat");
}

/** One white pixel. */
export function bmp(): Bytes {
  return bytesOf(
    ...["BM", u32le(58), u32le(0), u32le(54)],
    ...[u32le(40), u32le(1), u32le(1), u16le(1), u16le(24), new Uint8Array(24)],
    "\xff\xff\xff\0",
  );
}

export const SVG = bytesOf(
  '<?xml version="1.0"?>\n<!-- Made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>\n',
);
/** What a server answers in place of the picture that was asked for. */
export const HTML = bytesOf("\n<!DOCTYPE html>\n<html><body>Not found <svg></svg></body></html>\n");
export const PDF = bytesOf("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n");
export const ZIP = bytesOf("PK\x03\x04\x14\0\0\0\x08\0", new Uint8Array(20), "a.png");
