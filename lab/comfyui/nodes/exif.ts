/**
 * The orientation that a camera wrote into a JPEG. Reads that one tag and knows nothing else of EXIF.
 */

const ORIENTATION = 0x0112;

/** EXIF orientation 1…8; 1 where the bytes are no JPEG or say nothing. */
export function orientationOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return 1;
  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = view.getUint16(at);
    const length = view.getUint16(at + 2);
    const isSegment = marker >= 0xffc0 && marker !== 0xffda && length >= 2;
    if (!isSegment || at + 2 + length > bytes.length) return 1;
    const body = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xffe1 && String.fromCharCode(...body.subarray(0, 6)) === "Exif\0\0") {
      return fromTiff(body.subarray(6));
    }
    at += 2 + length;
  }
  return 1;
}

function fromTiff(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (tiff.length < 8) return 1;
  const isLittle = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > tiff.length) return 1;
  const count = view.getUint16(directory, isLittle);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + i * 12;
    if (entry + 12 > tiff.length) return 1;
    if (view.getUint16(entry, isLittle) !== ORIENTATION) continue;
    const value = view.getUint16(entry + 8, isLittle);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
