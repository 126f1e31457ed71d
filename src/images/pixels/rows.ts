/** Pictures as rows of pixels from the top: one is there at a time, so that a large picture takes no memory of its own. Knows no file format. */
import { type Bitmap, blank, type Size } from "./bitmap.ts";

/** A picture, read once. A row has four bytes a pixel: red, green, blue, how opaque; the next one may overwrite it. */
export interface Rows extends Size {
  readonly rows: Iterable<Uint8ClampedArray>;
}

/** The rows of a picture that is there as a whole. */
export function rowsOf({ width, height, pixels }: Bitmap): Rows {
  function* rows() {
    const bytes = width * 4;
    for (let y = 0; y < height; y++) yield pixels.subarray(y * bytes, (y + 1) * bytes);
  }
  return { width, height, rows: rows() };
}

/** The whole picture. */
export function bitmapOf({ width, height, rows }: Rows): Bitmap {
  const bitmap = blank({ width, height });
  let at = 0;
  for (const row of rows) {
    bitmap.pixels.set(row, at);
    at += row.length;
  }
  return bitmap;
}

/** The picture with at most so many pixels, of the same shape: each is the mean of those in its place. */
export function shrunk(picture: Rows, maxPixels: number): Rows {
  const { width, height } = picture;
  const factor = Math.sqrt(maxPixels / (width * height));
  if (factor >= 1) return picture;
  const scaled = (side: number) => Math.max(1, Math.floor(side * factor));
  const small = { width: scaled(width), height: scaled(height) };
  return { ...small, rows: means(picture, small) };
}

function* means({ width, height, rows }: Rows, small: Size): Generator<Uint8ClampedArray> {
  const made = new Uint8ClampedArray(small.width * 4);
  /** For each pixel of the row that is being made: colours times alpha, alpha, and how many pixels. */
  const sums = new Float64Array(small.width * 5);
  const columns = Uint32Array.from(
    { length: width },
    (_, x) => Math.floor(x * small.width / width) * 5,
  );
  let y = 0;
  for (const row of rows) {
    for (let x = 0, at = 0; x < width; x++, at += 4) {
      const sum = columns[x]!;
      const alpha = row[at + 3]!;
      sums[sum]! += row[at]! * alpha;
      sums[sum + 1]! += row[at + 1]! * alpha;
      sums[sum + 2]! += row[at + 2]! * alpha;
      sums[sum + 3]! += alpha;
      sums[sum + 4]!++;
    }
    const place = Math.floor(y++ * small.height / height);
    if (y < height && Math.floor(y * small.height / height) === place) continue;
    for (let from = 0, to = 0; to < made.length; from += 5, to += 4) {
      const alpha = sums[from + 3]!;
      for (let i = 0; i < 3; i++) made[to + i] = alpha === 0 ? 0 : sums[from + i]! / alpha;
      made[to + 3] = alpha / sums[from + 4]!;
    }
    sums.fill(0);
    yield made;
  }
}
