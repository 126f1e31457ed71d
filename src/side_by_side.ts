/** Before and after in one picture. Owns the decoding of pictures, which nothing else in the program needs. */

/** Height of the picture that comes out, in pixels: what a phone shows of a photo. */
const height = 1024;
/** The line between the two, in pixels. */
const gap = 8;
/** JPEG quality, 1–100. */
const quality = 88;

/**
 * Both pictures (PNG or JPEG) at the same height beside each other, as a JPEG. Undefined where one of them is in a format
 * that cannot be decoded here (WebP).
 */
export async function sideBySide(
  before: Uint8Array,
  after: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // Loaded on the first press: its WebAssembly has no place in the start or in the memory of a bot that nobody asks.
  const { decode, Image } = await import("imagescript");
  const scaled = [];
  for (const bytes of [before, after]) {
    const image = await decode(bytes).catch(() => undefined);
    if (!(image instanceof Image)) return undefined;
    scaled.push(image.resize(Math.max(1, Math.round(image.width * height / image.height)), height));
  }
  const [left, right] = scaled;
  if (!left || !right) return undefined;
  const both = new Image(left.width + gap + right.width, height).fill(0xffffffff);
  both.composite(left, 0, 0).composite(right, left.width + gap, 0);
  return new Uint8Array(await both.encodeJPEG(quality));
}
