/**
 * A picture in another size, smooth in both directions (Catmull-Rom; wider where it is made smaller, so that nothing flickers).
 * Knows no file format.
 */
import { type Bitmap, blank, type Size } from "./bitmap.ts";

/** Which pixels, and how much of each, make one new pixel of a row or a column. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** The middle of the picture in the shape of `to`, and as large. What differs by 4 % at most is stretched: models round their sizes. */
export function resample(picture: Bitmap, to: Size): Bitmap {
  const part = middleFor(picture, to);
  const across = tapsFor(part.x, part.width, picture.width, to.width);
  const down = tapsFor(part.y, part.height, picture.height, to.height);
  const narrow = blank({ width: to.width, height: picture.height });
  for (let y = 0; y < narrow.height; y++) {
    mix(picture.pixels, y * picture.width * 4, 4, narrow.pixels, y * to.width * 4, 4, across);
  }
  const made = blank(to);
  for (let x = 0; x < to.width; x++) {
    mix(narrow.pixels, x * 4, to.width * 4, made.pixels, x * 4, to.width * 4, down);
  }
  return made;
}

/** One row or column: the pixels of `from` begin at `start` and are `step` bytes apart, and likewise those of `onto`. */
function mix(
  from: Uint8ClampedArray,
  start: number,
  step: number,
  onto: Uint8ClampedArray,
  ontoStart: number,
  ontoStep: number,
  taps: readonly Taps[],
): void {
  let at = ontoStart;
  for (const { first, weights } of taps) {
    let [r, g, b] = [0, 0, 0];
    let tap = start + first * step;
    for (let i = 0; i < weights.length; i++, tap += step) {
      const weight = weights[i]!;
      r += weight * from[tap]!;
      g += weight * from[tap + 1]!;
      b += weight * from[tap + 2]!;
    }
    onto[at] = r;
    onto[at + 1] = g;
    onto[at + 2] = b;
    at += ontoStep;
  }
}

/** Sides that differ less from a shape than this are stretched to it. */
const stretch = 1.04;

/** The part of a picture that has another's shape. */
function middleFor({ width, height }: Size, to: Size) {
  const ratio = (to.width / to.height) / (width / height);
  if (Math.max(ratio, 1 / ratio) <= stretch) return { x: 0, y: 0, width, height };
  const part = { width: width * Math.min(1, ratio), height: height / Math.max(1, ratio) };
  return { ...part, x: (width - part.width) / 2, y: (height - part.height) / 2 };
}

/** For each of `to` new pixels, out of `length` pixels from `start` on of a row of `all`. */
function tapsFor(start: number, length: number, all: number, to: number): readonly Taps[] {
  const scale = length / to;
  const radius = 2 * Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = start + (i + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(centre - radius));
    const last = Math.min(all - 1, Math.floor(centre + radius));
    const weights = Array.from(
      { length: last - first + 1 },
      (_, tap) => catmullRom((first + tap - centre) / Math.max(1, scale)),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function catmullRom(distance: number): number {
  const x = Math.abs(distance);
  if (x >= 2) return 0;
  return x < 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2;
}
