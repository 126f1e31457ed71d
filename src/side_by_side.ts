/** Before and after in one picture. Owns the decoding of pictures, which nothing else in the program needs. */
import type { Image } from "imagescript";
import { inspectImage, type Orientation } from "./image.ts";

/** Height of the picture that comes out, in pixels: what a phone shows of a photo. */
const height = 1024;
/** The line between the two, in pixels. */
const gap = 8;
/** JPEG quality, 1–100. */
const quality = 88;
/** What is larger is not decoded: a pixel takes four bytes, and a picture is there twice while it is turned. */
const maxPixels = 24_000_000;

/**
 * Both pictures (PNG or JPEG), as they are seen, at the same height beside each other, as a JPEG. Undefined where one of
 * them is in a format that cannot be decoded here (WebP), or is larger than 24 megapixels.
 */
export async function sideBySide(
  before: Uint8Array,
  after: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // Loaded on the first press: its WebAssembly has no place in the start or in the memory of a bot that nobody asks.
  const { decode, Image } = await import("imagescript");
  const scaled: Image[] = [];
  for (const bytes of [before, after]) {
    const inspected = inspectImage(bytes, {
      maxBytes: Infinity,
      maxPixels,
      allowedFormats: ["png", "jpeg"],
    });
    if (!inspected.ok) return undefined;
    const image = await decode(bytes).catch(() => undefined);
    if (!(image instanceof Image)) return undefined;
    const { orientation, displayWidth, displayHeight } = inspected.image;
    const width = Math.max(1, Math.round(displayWidth * height / displayHeight));
    const swaps = orientation >= 5;
    image.resize(swaps ? height : width, swaps ? width : height);
    scaled.push(upright(image, new Image(width, height), orientation));
  }
  const [left, right] = scaled;
  if (!left || !right) return undefined;
  const both = new Image(left.width + gap + right.width, height).fill(0xffffffff);
  both.composite(left, 0, 0).composite(right, left.width + gap, 0);
  return new Uint8Array(await both.encodeJPEG(quality));
}

/** Copies a stored picture into one of the size as it is seen, turned and mirrored as EXIF says. */
function upright(stored: Image, seen: Image, orientation: Orientation): Image {
  const { width, height } = stored;
  const from = new Uint32Array(stored.bitmap.buffer, stored.bitmap.byteOffset, width * height);
  const to = new Uint32Array(seen.bitmap.buffer, seen.bitmap.byteOffset, width * height);
  // EXIF 2.32, tag 0x0112: at which side of the stored picture what is seen at the top and at the left lies.
  const isMirrored = [2, 3, 7, 8].includes(orientation);
  const isUpsideDown = [3, 4, 6, 7].includes(orientation);
  for (let y = 0; y < seen.height; y++) {
    for (let x = 0; x < seen.width; x++) {
      const [column, row] = orientation >= 5 ? [y, x] : [x, y];
      const storedX = isMirrored ? width - 1 - column : column;
      const storedY = isUpsideDown ? height - 1 - row : row;
      to[y * seen.width + x] = from[storedY * width + storedX]!;
    }
  }
  return seen;
}
