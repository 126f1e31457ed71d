/** What a model makes of a picture on a grey sheet that it is asked to fill in: the picture goes on there, mirrored and softer the farther out. */
import { type Bitmap, blank } from "./bitmap.ts";

/** The grey of the sheet, and how far a scaled one may be from it. */
const GREY = 128;
const NEAR = 4;

/** The part of the picture within plain grey edges. */
interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The picture with its plain grey edges filled in; the very picture where it has none. */
export function fillEdges(picture: Bitmap): Bitmap {
  const part = withinGrey(picture);
  if (part.width === picture.width && part.height === picture.height) return picture;
  const filled = blank(picture.width, picture.height);
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const far = Math.max(
        outside(x, part.left, part.width),
        outside(y, part.top, part.height),
      );
      const to = (y * picture.width + x) * 4;
      // Farther out the mean of a few neighbours.
      const reach = Math.min(12, Math.floor(far / 6));
      for (const [channel, value] of mean(picture, part, x, y, reach).entries()) {
        filled.rgba[to + channel] = value;
      }
      filled.rgba[to + 3] = 255;
    }
  }
  return filled;
}

function mean(
  { width, rgba }: Bitmap,
  { left, top, ...part }: Part,
  x: number,
  y: number,
  reach: number,
): readonly number[] {
  const sums = [0, 0, 0];
  const offsets = reach === 0 ? [0] : [-reach, 0, reach];
  for (const dx of offsets) {
    for (const dy of offsets) {
      const column = left + mirrored(x + dx - left, part.width);
      const row = top + mirrored(y + dy - top, part.height);
      const from = (row * width + column) * 4;
      for (const channel of [0, 1, 2]) sums[channel]! += rgba[from + channel] ?? 0;
    }
  }
  return sums.map((sum) => sum / offsets.length ** 2);
}

function mirrored(at: number, length: number): number {
  const period = 2 * length;
  const within = (at % period + period) % period;
  return within < length ? within : period - 1 - within;
}

function outside(at: number, start: number, length: number): number {
  return Math.max(start - at, at - (start + length - 1), 0);
}

function withinGrey(picture: Bitmap): Part {
  const { width, height, rgba } = picture;
  const isGrey = (x: number, y: number) => {
    const at = (y * width + x) * 4;
    return [0, 1, 2].every((channel) => Math.abs((rgba[at + channel] ?? 0) - GREY) <= NEAR);
  };
  const row = (y: number) => Array.from({ length: width }, (_, x) => x).every((x) => isGrey(x, y));
  const column = (x: number) =>
    Array.from({ length: height }, (_, y) => y).every((y) => isGrey(x, y));
  let [left, top, right, bottom] = [0, 0, width - 1, height - 1];
  while (top < bottom && row(top)) top++;
  while (bottom > top && row(bottom)) bottom--;
  while (left < right && column(left)) left++;
  while (right > left && column(right)) right--;
  // Where they meet, scaling has mixed them.
  const soft = (edge: number, end: number) => edge === end ? 0 : 2;
  left += soft(left, 0);
  top += soft(top, 0);
  right -= soft(right, width - 1);
  bottom -= soft(bottom, height - 1);
  return left < right && top < bottom
    ? { left, top, width: right - left + 1, height: bottom - top + 1 }
    : { left: 0, top: 0, width, height };
}
