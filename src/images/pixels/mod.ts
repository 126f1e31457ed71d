/**
 * Pictures as pixels: made smaller or larger, turned, put onto each other, row by row where they are large. Owns the arithmetic.
 * Knows no file format, and no Worker.
 */
export {
  type Bitmap,
  blank,
  createDownscaler,
  type Ground,
  isSideways,
  isTransparent,
  paste,
  type RowPlace,
  type Size,
  sizeWithin,
  upright,
} from "./bitmap.ts";
export { hasShape, pad, type Padding, padTo } from "./pad.ts";
export { resample } from "./resample.ts";
export { bitmapOf, type Rows, rowsOf, shrunk } from "./rows.ts";
