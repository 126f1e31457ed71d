/**
 * Reads the orientation out of an EXIF block. Does not know where the block came from (JPEG APP1, PNG eXIf, WebP EXIF),
 * and reads nothing else of it: place and time of a photo are private.
 */
import type { Orientation } from "./problem.ts";

const ORIENTATION_TAG = 0x0112;
const TYPE_SHORT = 3;
const TYPE_LONG = 4;
const ENTRY_BYTES = 12;

/** `Exif\0\0`: always before the block in a JPEG, now and then in a WebP. */
const EXIF_PREFIX: readonly number[] = [0x45, 0x78, 0x69, 0x66, 0x00, 0x00];

/** True where `bytes` begins with `Exif\0\0`. */
export function hasExifPrefix(bytes: Uint8Array): boolean {
  return EXIF_PREFIX.every((byte, index) => bytes[index] === byte);
}

/**
 * The orientation in the first IFD (EXIF 2.32, 4.6.4) of a TIFF block of either byte order, with or without `Exif\0\0`.
 * 1, as stored, for a block without one or one that is broken: decoders ignore such a block too. Never throws.
 */
export function readOrientation(block: Uint8Array): Orientation {
  const tiff = hasExifPrefix(block) ? block.subarray(EXIF_PREFIX.length) : block;
  if (tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = view.getUint16(0);
  const littleEndian = order === 0x4949;
  if (!littleEndian && order !== 0x4d4d) return 1;
  if (view.getUint16(2, littleEndian) !== 42) return 1;
  const directory = view.getUint32(4, littleEndian);
  if (directory + 2 > tiff.length) return 1;
  const entries = view.getUint16(directory, littleEndian);
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * ENTRY_BYTES;
    if (entry + ENTRY_BYTES > tiff.length) return 1;
    if (view.getUint16(entry, littleEndian) !== ORIENTATION_TAG) continue;
    const type = view.getUint16(entry + 2, littleEndian);
    if (type === TYPE_SHORT) return asOrientation(view.getUint16(entry + 8, littleEndian));
    if (type === TYPE_LONG) return asOrientation(view.getUint32(entry + 8, littleEndian));
    return 1;
  }
  return 1;
}

function asOrientation(value: number): Orientation {
  switch (value) {
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
      return value;
    default:
      return 1;
  }
}
