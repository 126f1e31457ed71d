/**
 * Builds JPEG, PNG and WebP files of any shape, most of which decode. Knows nothing of what judges them.
 */
import { Image } from "imagescript";
import { constants, crc32, deflateRawSync, deflateSync } from "node:zlib";
import { type Bytes, bytesOf, u16be, u16le, u24le, u32be, u32le } from "./bytes.ts";

export { type Bytes, bytesOf, changed, u16be, u32be } from "./bytes.ts";
export * from "./other_files.ts";

/** EXIF as a bare TIFF block: a maker's name, then the orientation. */
export function exifBlock(orientation: number, byteOrder: "II" | "MM" = "II"): Bytes {
  const u16 = byteOrder === "II" ? u16le : u16be;
  const u32 = byteOrder === "II" ? u32le : u32be;
  return bytesOf(
    ...[byteOrder, u16(42), u32(8), u16(2)],
    ...[u16(0x010f), u16(2), u32(4), "Cam\0"],
    ...[u16(0x0112), u16(3), u32(1), u16(orientation), u16(0)],
    u32(0),
  );
}

// PNG

const PNG_SIGNATURE = "\x89PNG\r\n\x1a\n";

/** One chunk with a right CRC. */
export function pngChunk(name: string, data: Uint8Array = new Uint8Array()): Bytes {
  const body = bytesOf(name, data);
  return bytesOf(u32be(data.length), body, u32be(crc32(body)));
}

/** A PNG's signature and the chunks given. */
export function pngOf(...chunks: readonly Uint8Array[]): Bytes {
  return bytesOf(PNG_SIGNATURE, ...chunks);
}

/** An IHDR: colour type 0 grey, 2 RGB, 3 palette, 6 RGBA. */
export function pngHeader(
  width: number,
  height: number,
  { bitDepth = 8, colourType = 2 }: { bitDepth?: number; colourType?: number } = {},
): Bytes {
  return pngChunk("IHDR", bytesOf(u32be(width), u32be(height), bitDepth, colourType, 0, 0, 0));
}

/** A colour gradient that decodes. `before` and `after` are chunks beside the pixel data. */
export function gradientPng(
  width: number,
  height: number,
  { bitDepth = 8, before = [], after = [] }: {
    bitDepth?: 8 | 16;
    before?: readonly Uint8Array[];
    after?: readonly Uint8Array[];
  } = {},
): Bytes {
  const bytesPerChannel = bitDepth / 8;
  const rowBytes = 1 + width * 3 * bytesPerChannel;
  const rows = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * rowBytes + 1 + x * 3 * bytesPerChannel;
      rows[at] = Math.floor((255 * x) / width);
      rows[at + bytesPerChannel] = Math.floor((255 * y) / height);
      rows[at + 2 * bytesPerChannel] = 128;
    }
  }
  const pixels = pngChunk("IDAT", deflateSync(rows));
  return pngOf(
    pngHeader(width, height, { bitDepth }),
    ...before,
    pixels,
    ...after,
    pngChunk("IEND"),
  );
}

/** A `tEXt` chunk, as ComfyUI writes `prompt` and `workflow`. */
/** A PNG that no encoder makes smaller: `channels` of `bitDepth` bits for each pixel, at random and the same each time. */
export function noisePng(
  width: number,
  height: number,
  { channels = 3, bitDepth = 8 }: { readonly channels?: 3 | 4; readonly bitDepth?: 8 | 16 } = {},
): Bytes {
  const bytesPerRow = width * channels * bitDepth / 8 + 1;
  const rows = new Uint8Array(bytesPerRow * height);
  let state = 1;
  for (let i = 0; i < rows.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    rows[i] = i % bytesPerRow === 0 ? 0 : state >>> 24;
  }
  return pngOf(
    pngHeader(width, height, { bitDepth, colourType: channels === 4 ? 6 : 2 }),
    pngChunk("IDAT", new Uint8Array(deflateSync(rows, { level: 0 }))),
    pngChunk("IEND"),
  );
}

export function pngText(keyword: string, text: string): Bytes {
  return pngChunk("tEXt", bytesOf(keyword, 0, text));
}

/** A picture with `frames` frames announced (`acTL`), each of which is the same. */
export function apng(width: number, height: number, frames = 2): Bytes {
  const still = gradientPng(width, height);
  const pixels = deflateSync(new Uint8Array((1 + width * 3) * height));
  const control = (sequence: number) =>
    pngChunk(
      "fcTL",
      bytesOf(
        u32be(sequence),
        u32be(width),
        u32be(height),
        u32be(0),
        u32be(0),
        u16be(1),
        u16be(10),
        0,
        0,
      ),
    );
  const more = Array.from({ length: frames - 1 }, (_, index) => [
    control(2 * index + 1),
    pngChunk("fdAT", bytesOf(u32be(2 * index + 2), pixels)),
  ]).flat();
  const headerEnd = 33;
  return bytesOf(
    still.subarray(0, headerEnd),
    pngChunk("acTL", bytesOf(u32be(frames), u32be(0))),
    control(0),
    still.subarray(headerEnd, -12),
    ...more,
    pngChunk("IEND"),
  );
}

/**
 * A whole and valid PNG of about 1 MB that declares, and holds, `side` squared grey pixels: all of them zero. One deflate block is
 * made and repeated, so that it costs nobody the memory.
 */
export function bombPng(side = 30_000): Bytes {
  const total = side * (side + 1);
  const blockBytes = 9_000_000;
  const zeros = (length: number) =>
    deflateRawSync(new Uint8Array(length), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  const block = zeros(blockBytes);
  const blocks = Array.from({ length: Math.floor(total / blockBytes) }, () => block);
  const adler = u32be((total % 65521) * 65536 + 1);
  const stream = bytesOf("\x78\xda", ...blocks, zeros(total % blockBytes), "\x03\x00", adler);
  return pngOf(
    pngHeader(side, side, { colourType: 0 }),
    pngChunk("IDAT", stream),
    pngChunk("IEND"),
  );
}

// JPEG

/** One marker segment with its length. */
export function jpegSegment(code: number, data: Uint8Array): Bytes {
  return bytesOf(0xff, code, u16be(data.length + 2), data);
}

/** A colour gradient that decodes, from a real encoder. */
export async function gradientJpeg(width: number, height: number): Promise<Bytes> {
  const image = new Image(width, height);
  image.fill((x, y) =>
    Image.rgbaToColor(Math.floor((255 * x) / width), Math.floor((255 * y) / height), 128, 255)
  );
  return bytesOf(await image.encodeJPEG(80));
}

/**
 * A JPEG of one flat colour that decodes: every block is its zero difference and an end of block, one bit each. 4 `components`
 * make it CMYK with Adobe's marker. `process` is the frame header's: 0xc0 baseline, 0xc2 progressive (one scan of DC values).
 */
export function flatJpeg(
  width: number,
  height: number,
  { components = 3, process = 0xc0, precision = 8 }: {
    components?: number;
    process?: number;
    precision?: number;
  } = {},
): Bytes {
  const ids = Array.from({ length: components }, (_, index) => index + 1);
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8) * components;
  const bits = blocks * (process === 0xc2 ? 1 : 2);
  const scan = new Uint8Array(Math.ceil(bits / 8));
  if (bits % 8 !== 0) scan[scan.length - 1] = 0xff >> (bits % 8);
  const oneCode = bytesOf(1, new Uint8Array(15), 0);
  return bytesOf(
    "\xff\xd8",
    components === 4
      ? jpegSegment(0xee, bytesOf("Adobe", u16be(100), u16be(0), u16be(0), 0))
      : jpegSegment(0xe0, bytesOf("JFIF\0", 1, 1, 0, u16be(1), u16be(1), 0, 0)),
    jpegSegment(0xdb, bytesOf(0, new Uint8Array(64).fill(1))),
    jpegSegment(
      process,
      bytesOf(
        ...[precision, u16be(height), u16be(width), components],
        ...ids.map((id) => bytesOf(id, 0x11, 0)),
      ),
    ),
    jpegSegment(0xc4, bytesOf(0x00, oneCode)),
    jpegSegment(0xc4, bytesOf(0x10, oneCode)),
    jpegSegment(
      0xda,
      bytesOf(components, ...ids.map((id) => bytesOf(id, 0)), 0, process === 0xc2 ? 0 : 63, 0),
    ),
    scan,
    "\xff\xd9",
  );
}

/** The JPEG with one more segment right behind its SOI. */
export function withJpegSegment(jpeg: Uint8Array, code: number, data: Uint8Array): Bytes {
  return bytesOf(jpeg.subarray(0, 2), jpegSegment(code, data), jpeg.subarray(2));
}

/** By orientation in EXIF, where the upper left corner of the stored picture is seen: 0 left or above, 1 right or below. */
export const seenCorners = {
  1: [0, 0],
  2: [1, 0],
  3: [1, 1],
  4: [0, 1],
  5: [0, 0],
  6: [1, 0],
  7: [1, 1],
  8: [0, 1],
};

/** The JPEG as a phone writes it that was turned: pixels as they are, `orientation` in EXIF. */
export function rotatedJpeg(
  jpeg: Uint8Array,
  orientation: number,
  byteOrder: "II" | "MM" = "II",
): Bytes {
  return withJpegSegment(jpeg, 0xe1, bytesOf("Exif\0\0", exifBlock(orientation, byteOrder)));
}

// WebP

/** One pixel, lossy, from a real encoder. */
export const TINY_LOSSY_WEBP = base64("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA");
/** One pixel, lossless, from a real encoder. */
export const TINY_LOSSLESS_WEBP = base64("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==");

/** One flat colour, lossy, from a real encoder. */
export async function flatWebp(width: number, height: number): Promise<Bytes> {
  return bytesOf(await new Image(width, height).fill(0xff8000ff).encodeWEBP(80));
}

function base64(text: string): Bytes {
  return bytesOf(atob(text));
}

/** One RIFF chunk, padded to an even length. */
export function riffChunk(name: string, data: Uint8Array): Bytes {
  return bytesOf(name, u32le(data.length), data, new Uint8Array(data.length % 2));
}

/** A WebP's RIFF header and the chunks given. */
export function webpOf(...chunks: readonly Uint8Array[]): Bytes {
  const body = bytesOf("WEBP", ...chunks);
  return bytesOf("RIFF", u32le(body.length), body);
}

/** A lossy picture chunk: a right header, and bytes that do not decode. */
export function vp8Chunk(width: number, height: number): Bytes {
  const header = bytesOf(0x30, 0x01, 0x00, "\x9d\x01\x2a", u16le(width), u16le(height));
  return riffChunk("VP8 ", bytesOf(header, new Uint8Array(12)));
}

/** A lossless picture chunk: a right header, and bytes that do not decode. */
export function vp8lChunk(width: number, height: number): Bytes {
  const packed = (width - 1) + (height - 1) * 2 ** 14;
  return riffChunk("VP8L", bytesOf(0x2f, u32le(packed), new Uint8Array(8)));
}

/** The extended header. Flags: 0x02 animation, 0x08 EXIF, 0x10 alpha. */
export function vp8xChunk(width: number, height: number, flags = 0): Bytes {
  return riffChunk("VP8X", bytesOf(flags, 0, 0, 0, u24le(width - 1), u24le(height - 1)));
}

/** Two frames. */
export function animatedWebp(width: number, height: number): Bytes {
  const frame = riffChunk(
    "ANMF",
    bytesOf(
      u24le(0),
      u24le(0),
      u24le(width - 1),
      u24le(height - 1),
      u24le(100),
      0,
      vp8Chunk(width, height),
    ),
  );
  const control = riffChunk("ANIM", bytesOf(u32le(0), u16le(0)));
  return webpOf(vp8xChunk(width, height, 0x02), control, frame, frame);
}
