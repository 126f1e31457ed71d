/**
 * Text inside picture files: PNG `tEXt` chunks, as ComfyUI writes its graph, and JPEG comments. Never touches pixels.
 */

const PNG_HEAD = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Signature and IHDR, which must come first. */
const AFTER_IHDR = 33;

/** The same PNG with a `tEXt` chunk before its pixels; `text` is Latin-1. Anything that is no PNG comes back as it is. */
export function withPngText(
  bytes: Uint8Array<ArrayBuffer>,
  key: string,
  text: string,
): Uint8Array<ArrayBuffer> {
  if (!isPng(bytes)) return bytes;
  const data = latin1(`tEXt${key}\0${text}`);
  const chunk = new Uint8Array(data.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length - 4);
  chunk.set(data, 4);
  view.setUint32(4 + data.length, crc32(data));
  return insert(bytes, AFTER_IHDR, chunk);
}

/** The same file with a mark that viewers do not show: a `tEXt` chunk in a PNG, a comment in a JPEG; others as they are. */
export function withMark(bytes: Uint8Array<ArrayBuffer>, mark: string): Uint8Array<ArrayBuffer> {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return withPngText(bytes, "Comment", mark);
  const text = latin1(mark);
  const comment = new Uint8Array(text.length + 4);
  comment.set([0xff, 0xfe, (text.length + 2) >> 8, (text.length + 2) & 0xff]);
  comment.set(text, 4);
  return insert(bytes, 2, comment);
}

function isPng(bytes: Uint8Array): boolean {
  return bytes.length > AFTER_IHDR && PNG_HEAD.every((byte, i) => bytes[i] === byte);
}

function insert(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(bytes.length + piece.length);
  joined.set(bytes.subarray(0, at));
  joined.set(piece, at);
  joined.set(bytes.subarray(at), at + piece.length);
  return joined;
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
