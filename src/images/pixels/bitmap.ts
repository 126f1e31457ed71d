/** Pictures as pixels: made smaller while they are read, turned as EXIF says, put onto each other. Knows no file format. */
import { type Orientation } from "../mod.ts";

/** Width and height in whole pixels, each at least 1. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size in that shape whose sides are at most `longest`; as it is where they are. */
export function sizeWithin({ width, height }: Size, longest: number): Size {
  const factor = Math.min(1, longest / Math.max(width, height));
  const scaled = (side: number) => Math.max(1, Math.round(side * factor));
  return { width: scaled(width), height: scaled(height) };
}

/** Pixels in rows from the top, four bytes each: red, green, blue, and 255 or how opaque. */
export interface Bitmap extends Size {
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** Where the pixels of a row lie in the picture: the first of them, and how far the next ones are. */
export interface RowPlace {
  readonly x: number;
  readonly y: number;
  readonly step: number;
}

/** Takes a picture's pixels in any order, and keeps no more of them than the small picture needs. */
export interface Downscaler {
  /** `count` pixels of four bytes each: red, green, blue, and how opaque they are on the ground. */
  row(rgba: Uint8Array | Uint8ClampedArray, count: number, place: RowPlace): void;
  /** The means of what was taken; white where nothing was. */
  bitmap(): Bitmap;
}

/** More pixels than this in one place change its mean no more; their sum fits into 32 bits. */
const maxCount = 2 ** 24;

/** The grey, 0–255, that is behind a picture at a place of the small one; asked only where it can be seen. */
export type Ground = (x: number, y: number) => number;

const white: Ground = () => 255;

/**
 * Scales a picture of the size `from` to `to`, whose sides are no longer. Takes 16 bytes for each pixel of `to`. What can be seen
 * through is on the ground, by default white.
 */
export function createDownscaler(from: Size, to: Size, ground = white): Downscaler {
  const sums = new Uint32Array(to.width * to.height * 4);
  const columns = Uint32Array.from(
    { length: from.width },
    (_, x) => Math.floor(x * to.width / from.width) * 4,
  );
  return {
    row(rgba, count, { x, y, step }) {
      const line = Math.floor(y * to.height / from.height);
      const start = line * to.width * 4;
      for (let i = 0, column = x; i < count; i++, column += step) {
        const at = start + columns[column]!;
        if (sums[at + 3]! >= maxCount) continue;
        const source = i * 4;
        const alpha = rgba[source + 3]!;
        if (alpha === 255) {
          for (let i = 0; i < 3; i++) sums[at + i]! += rgba[source + i]!;
        } else {
          const behind = ground(columns[column]! / 4, line) * (255 - alpha) / 255;
          for (let i = 0; i < 3; i++) sums[at + i]! += rgba[source + i]! * alpha / 255 + behind;
        }
        sums[at + 3]!++;
      }
    },
    bitmap() {
      const small = blank(to);
      for (let at = 0; at < sums.length; at += 4) {
        const count = sums[at + 3]!;
        if (count === 0) continue;
        for (let i = 0; i < 3; i++) small.pixels[at + i] = sums[at + i]! / count;
      }
      return small;
    },
  };
}

/** True where any pixel can be seen through. */
export function isTransparent({ pixels }: Bitmap): boolean {
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 255) return true;
  return false;
}

/** A white picture. */
export function blank({ width, height }: Size): Bitmap {
  return { width, height, pixels: new Uint8ClampedArray(width * height * 4).fill(255) };
}

/** True where a picture is stored lying on its side. */
export function isSideways(orientation: Orientation): boolean {
  return orientation >= 5;
}

/** A stored picture as it is seen, turned and mirrored as EXIF says. */
export function upright(stored: Bitmap, orientation: Orientation): Bitmap {
  if (orientation === 1) return stored;
  const { width, height } = stored;
  const swaps = isSideways(orientation);
  const seen = blank(swaps ? { width: height, height: width } : { width, height });
  const from = words(stored);
  const to = words(seen);
  // EXIF 2.32, tag 0x0112: at which side of the stored picture what is seen at the top and at the left lies.
  const isMirrored = [2, 3, 7, 8].includes(orientation);
  const isUpsideDown = [3, 4, 6, 7].includes(orientation);
  for (let y = 0; y < seen.height; y++) {
    for (let x = 0; x < seen.width; x++) {
      const [column, row] = swaps ? [y, x] : [x, y];
      const storedX = isMirrored ? width - 1 - column : column;
      const storedY = isUpsideDown ? height - 1 - row : row;
      to[y * seen.width + x] = from[storedY * width + storedX]!;
    }
  }
  return seen;
}

/** Puts a picture onto another, stretched to `size`, its top left corner at `x`, `y`; all of it must lie within. */
export function paste(
  onto: Bitmap,
  picture: Bitmap,
  { x, y, width, height }: Size & { readonly x: number; readonly y: number },
): void {
  const from = words(picture);
  const to = words(onto);
  const columns = Uint32Array.from(
    { length: width },
    (_, column) => Math.floor(column * picture.width / width),
  );
  for (let row = 0; row < height; row++) {
    const start = Math.floor(row * picture.height / height) * picture.width;
    const at = (y + row) * onto.width + x;
    for (let column = 0; column < width; column++) {
      to[at + column] = from[start + columns[column]!]!;
    }
  }
}

/** One number a pixel. */
function words({ pixels }: Bitmap): Uint32Array {
  return new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4);
}
