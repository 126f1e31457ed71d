/**
 * A picture on a larger sheet of another shape, for a model that fills in the rest. Owns the shape's arithmetic, and how large such a
 * sheet may be. Knows no file format.
 */
import { type Bitmap, blank, paste, type Size } from "./bitmap.ts";

/** A sheet has no more pixels: models take 1 to 4 megapixels. */
const maxSheetPixels = 4 * 1024 * 1024;
/** What is to be filled in: neutral grey, as ComfyUI's own ImagePadForOutpaint has it. */
const grey = 128;
/** Shapes that differ less than this are the same. */
const tolerance = 0.015;

/** Where the picture lies on its sheet: in the middle. */
export interface Padding {
  readonly sheet: Size;
  readonly place: Size & { readonly x: number; readonly y: number };
}

/** True where the picture has that shape, width by height, already. */
export function hasShape({ width, height }: Size, shape: number): boolean {
  return Math.abs(width / height / shape - 1) < tolerance;
}

/** The smallest sheet of the shape that holds the picture, both smaller where that has more than `maxPixels`. */
export function padTo({ width, height }: Size, shape: number, maxPixels = maxSheetPixels): Padding {
  const whole = { width: Math.max(width, height * shape), height: Math.max(height, width / shape) };
  const factor = Math.min(1, Math.sqrt(maxPixels / (whole.width * whole.height)));
  const scaled = (side: number) =>
    factor === 1 ? Math.round(side) : Math.max(1, Math.floor(side * factor));
  const sheet = { width: scaled(whole.width), height: scaled(whole.height) };
  const place = { width: scaled(width), height: scaled(height) };
  return {
    sheet,
    place: {
      ...place,
      x: Math.floor((sheet.width - place.width) / 2),
      y: Math.floor((sheet.height - place.height) / 2),
    },
  };
}

/** The picture on its sheet; it is stretched to its place. */
export function pad({ sheet, place }: Padding, picture: Bitmap): Bitmap {
  const padded = blank(sheet);
  for (let at = 0; at < padded.pixels.length; at += 4) padded.pixels.fill(grey, at, at + 3);
  paste(padded, picture, place);
  return padded;
}
