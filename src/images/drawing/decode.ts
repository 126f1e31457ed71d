/**
 * Decodes a picture file to pixels, no larger than needed. Owns the size limits: decoders of JPEG and WebP return all pixels at
 * once, so memory grows with their number. Does not know what the pixels are for.
 */
import { type ImageInfo, inspectImage } from "../mod.ts";
import {
  type Bitmap,
  createDownscaler,
  type Ground,
  isSideways,
  type Size,
  upright,
} from "../pixels/mod.ts";
import { type Decoded, decodeJpeg, decodeWebp } from "./codecs.ts";
import { readPngRows } from "./png_pixels.ts";

/** A decoder's pixels take four bytes each, twice: in its memory and in ours. */
export const maxDecodedPixels = 12_500_000;
/** A PNG is read row by row; this bounds the time. */
const maxPngPixels = 100_000_000;

/** A picture's file, and what is known of it. */
export interface PictureFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly info: ImageInfo;
}

/** The inspected file, if it can be decoded: PNG, JPEG or WebP, still, of a size that memory allows. Undefined for others. */
export function readable(bytes: Uint8Array<ArrayBuffer>): PictureFile | undefined {
  const inspected = inspectImage(bytes, {
    maxBytes: Infinity,
    maxPixels: maxPngPixels,
    allowedFormats: ["png", "jpeg", "webp"],
  });
  if (!inspected.ok) return undefined;
  const { image: info } = inspected;
  return isReadable(info) ? { bytes, info } : undefined;
}

/** True where a picture of that kind and size (pixels) can be decoded. */
export function isReadable({ mime, width, height }: Size & { readonly mime: string }): boolean {
  return width * height <= (mime === "image/png" ? maxPngPixels : maxDecodedPixels);
}

/** The picture as it is seen, on that ground, its sides at most those of `box`. Rejects where it does not decode. */
export async function readPicture(
  { bytes, info }: PictureFile,
  box: Size,
  ground?: Ground,
): Promise<Bitmap> {
  const { width, height, orientation } = info;
  const stored = isSideways(orientation) ? { width: box.height, height: box.width } : box;
  const scaler = createDownscaler(info, {
    width: Math.min(width, stored.width),
    height: Math.min(height, stored.height),
  }, ground);
  switch (info.format) {
    case "png":
      await readPngRows(bytes, scaler.row);
      break;
    case "jpeg":
      takeAll(await decodeJpeg(bytes), info, scaler.row);
      break;
    case "webp":
      takeAll(await decodeWebp(bytes), info, scaler.row);
      break;
    case "heic":
    case "avif":
      throw new Error(`Cannot read a ${info.format} (wanted what it was converted to)`);
    default:
      info.format satisfies never;
  }
  return upright(scaler.bitmap(), orientation);
}

function takeAll(
  { width, height, data }: Decoded,
  info: Size,
  row: ReturnType<typeof createDownscaler>["row"],
): void {
  if (width !== info.width || height !== info.height) {
    throw new Error(
      `Cannot read a picture: it is ${width}x${height} (wanted ${info.width}x${info.height}, as its header says)`,
    );
  }
  for (let y = 0; y < height; y++) {
    row(data.subarray(y * width * 4, (y + 1) * width * 4), width, { x: 0, y, step: 1 });
  }
}
