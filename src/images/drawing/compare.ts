/**
 * Before and after in one picture. Owns the layout: for pictures of any size the result is one that Telegram shows as a
 * photo and that any encoder accepts.
 */
import { type Bitmap, blank, paste, rowsOf, type Size } from "../pixels/mod.ts";
import { encodeJpeg } from "./jpeg_encoder.ts";

/** Height of two pictures beside each other, in pixels: what a phone shows of a photo. */
const height = 1024;
/** Wider than this ratio side by side, the two are placed one above the other. */
const widest = 4;
/** Both sides of two pictures above each other at most, in pixels, but for the line. */
const longest = 2048;
/** The line between the two, in pixels. */
const gap = 8;
/** The sheet's longer side by its shorter one at most; Telegram takes 20 (`sendPhoto`). */
const maxRatio = 10;
/** JPEG quality, 1–100. */
const quality = 88;

/** Two places on a sheet; pictures are stretched to them. */
export interface Layout {
  readonly sheet: Size;
  readonly places: readonly [Place, Place];
}

interface Place extends Size {
  readonly x: number;
  readonly y: number;
}

/** Both pictures at their places, as a JPEG; each is stretched to its place. */
export function join(
  { sheet, places }: Layout,
  pictures: readonly [Bitmap, Bitmap],
): Uint8Array<ArrayBuffer> {
  const drawn = blank(sheet);
  for (const [i, place] of places.entries()) paste(drawn, pictures[i]!, place);
  return encodeJpeg(rowsOf(drawn), quality);
}

/**
 * Where two pictures of any sizes, as they are seen, go: at the same height beside each other or at the same width above each
 * other. The sheet has some 4 megapixels at most, and is never a strip. */
export function layOut(before: Size, after: Size): Layout {
  const ratios = [before.width / before.height, after.width / after.height] as const;
  const isBeside = ratios[0] + ratios[1] <= widest;
  const sizes = isBeside
    ? ratios.map((ratio) => sizeOf(height * ratio, height))
    : ratios.map((ratio) => {
      const wide = Math.min(longest, longest / (1 / ratios[0] + 1 / ratios[1]));
      return sizeOf(wide, wide / ratio);
    });
  const [first, second] = sizes as [Size, Size];
  const needed = isBeside
    ? { width: first.width + gap + second.width, height }
    : { width: Math.max(first.width, second.width), height: first.height + gap + second.height };
  const shortest = Math.ceil(Math.max(needed.width, needed.height) / maxRatio);
  const sheet = {
    width: Math.max(needed.width, shortest),
    height: Math.max(needed.height, shortest),
  };
  const left = Math.floor((sheet.width - needed.width) / 2);
  const top = Math.floor((sheet.height - needed.height) / 2);
  return {
    sheet,
    places: [
      { ...first, x: left, y: top },
      isBeside
        ? { ...second, x: left + first.width + gap, y: top }
        : { ...second, x: left, y: top + first.height + gap },
    ],
  };
}

function sizeOf(width: number, height: number): Size {
  return { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) };
}
