/** What can be seen through, on a ground of squares, as pictures without a background are shown. Owns the ground, and how large that is. */
import { type Ground, rowsOf, type Size, sizeWithin } from "../pixels/mod.ts";
import { type PictureFile, readPicture } from "./decode.ts";
import { encodeJpeg } from "./jpeg_encoder.ts";

/** Longer side of what is shown, in pixels: what a phone shows of a photo. */
const longest = 1280;
/** A square of the ground has so many pixels a side. */
const square = 16;
const [light, dark] = [255, 204];
/** JPEG quality, 1–100. */
const quality = 88;

/** The size in which a picture is shown. */
export function chequeredSize(size: Size): Size {
  return sizeWithin(size, longest);
}

/** The picture on the ground as a JPEG; nothing where none of it can be seen through. */
export async function toChequered(file: PictureFile, size: Size): Promise<Uint8Array<ArrayBuffer>> {
  let isSeen = false;
  const ground: Ground = (x, y) => {
    isSeen = true;
    return (Math.floor(x / square) + Math.floor(y / square)) % 2 === 0 ? light : dark;
  };
  const picture = await readPicture(file, size, ground);
  return isSeen ? encodeJpeg(rowsOf(picture), quality) : new Uint8Array();
}
