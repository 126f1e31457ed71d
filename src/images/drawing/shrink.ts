/** A picture that is too large for a message, as a JPEG that Telegram shows as a photo. Owns how large that is. */
import { longestPhotoSide } from "../mod.ts";
import { type Bitmap, rowsOf, type Size, sizeWithin } from "../pixels/mod.ts";
import { encodeJpeg } from "./jpeg_encoder.ts";

/** JPEG quality, 1–100: some 3 MB at that size. */
const quality = 90;

/** The size of the smaller picture, of the same shape. */
export function shrunkSize(size: Size): Size {
  return sizeWithin(size, longestPhotoSide);
}

/** As a JPEG. */
export function toJpeg(picture: Bitmap): Uint8Array<ArrayBuffer> {
  return encodeJpeg(rowsOf(picture), quality);
}
