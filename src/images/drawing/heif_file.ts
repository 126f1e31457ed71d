/**
 * HEIC and AVIF, which ComfyUI does not read, as files that it does. Both decoders are WebAssembly, each loaded when first needed: libheif (LGPL-3.0) for HEIC, libavif for AVIF.
 * Owns that rows are read where the decoder has them. Does not know what is taken.
 */
import type { MainModule } from "libheif-js/libheif-wasm/libheif.js";
import { bitmapOf, isTransparent, type Rows, rowsOf, shrunk, upright } from "../pixels/mod.ts";
import { decodeAvif, once, wasmOf } from "./codecs.ts";
import { maxDecodedPixels, type PictureFile } from "./decode.ts";
import { encodeJpeg } from "./jpeg_encoder.ts";
import { encodePng } from "./png_pixels.ts";

/** JPEG quality, 1–100: what these formats lose themselves is more. */
const quality = 92;

/** As a JPEG, or as a PNG where it can be seen through, of 12.5 megapixels at most. Rejects where it does not decode. */
export async function toFile(file: PictureFile): Promise<Uint8Array<ArrayBuffer>> {
  const picture = shrunk(await readHeif(file), maxDecodedPixels);
  if (!file.info.hasAlpha) return encodeJpeg(picture, quality);
  const bitmap = bitmapOf(picture);
  return isTransparent(bitmap) ? await encodePng(bitmap) : encodeJpeg(rowsOf(bitmap), quality);
}

/** The primary picture as it is seen; its rows must be read to the end. Rejects where it does not decode. */
async function readHeif({ bytes, info }: PictureFile): Promise<Rows> {
  if (info.format === "heic") return readHeic(bytes, await libheif());
  const { width, height, data } = await decodeAvif(bytes);
  const pixels = new Uint8ClampedArray(data.buffer as ArrayBuffer, data.byteOffset, data.length);
  // This decoder leaves the picture as it is stored.
  return rowsOf(upright({ width, height, pixels }, info.orientation));
}

/** libheif's `heif_colorspace_RGB`, `heif_chroma_interleaved_RGB` and `_RGBA`, `heif_channel_interleaved` (heif_image.h). */
const rgbColours = 1;
const chromaOf = { 3: 10, 4: 11 } as const;
const interleaved = 10;
/** Its square is how many pixels libheif decodes: some more than are taken. */
const maxSide = 7_100;

const libheif = once(async () => {
  const { default: create } = await import("libheif-js/libheif-wasm/libheif.js");
  // Its types are those of a module, it is none.
  return (create as unknown as (options: unknown) => MainModule)(
    await wasmOf("libheif-js/libheif-wasm/libheif.wasm"),
  );
});

function readHeic(bytes: Uint8Array, heif: MainModule): Rows {
  /** What is given back, the last one first. */
  using stack = new DisposableStack();
  const allocate = (size: number): number => {
    const at = heif._malloc(size);
    stack.defer(() => heif._free(at));
    return at;
  };
  // A heif_error: code, subcode, message.
  const error = allocate(12);
  const out = allocate(4);
  /** The pointer that a function has written to `out`. */
  const made = (free: (at: number) => void): number => {
    const [code, subcode] = heif.HEAP32.subarray(error >> 2, (error >> 2) + 2);
    if (code !== 0) throw new Error(`Cannot decode a HEIC: libheif says ${code}.${subcode}`);
    const at = heif.HEAPU32[out >> 2];
    stack.defer(() => free(at));
    return at;
  };
  const file = allocate(bytes.length);
  heif.HEAPU8.set(bytes, file);
  const context = heif._heif_context_alloc();
  stack.defer(() => heif._heif_context_free(context));
  // The coded picture may be larger than the file says.
  heif._heif_context_set_maximum_image_size_limit(context, maxSide);
  heif._heif_context_read_from_memory_without_copy(error, context, file, bytes.length, 0);
  heif._heif_context_get_primary_image_handle(error, context, out);
  const handle = made(heif._heif_image_handle_release);
  const channels = heif._heif_image_handle_has_alpha_channel(handle) ? 4 : 3;
  const isPremultiplied = heif._heif_image_handle_is_premultiplied_alpha(handle) !== 0;
  // Eight bits a channel whatever it has, turned and mirrored as it is to be seen.
  heif._heif_decode_image(error, handle, out, rgbColours, chromaOf[channels], 0);
  const image = made(heif._heif_image_release);
  const start = heif._heif_image_get_plane_readonly(image, interleaved, out);
  const stride = heif.HEAPU32[out >> 2];
  const width = heif._heif_image_get_primary_width(image);
  const height = heif._heif_image_get_primary_height(image);
  const kept = stack.move();
  function* rows() {
    using _kept = kept;
    const row = new Uint8ClampedArray(width * 4).fill(255);
    for (let y = 0, from = start; y < height; y++, from += stride) {
      const stored = heif.HEAPU8.subarray(from, from + width * channels) as Uint8Array;
      for (let at = 0, to = 0; to < row.length; at += channels, to += 4) {
        const alpha = channels === 3 ? 255 : stored[at + 3]!;
        const factor = isPremultiplied && alpha > 0 ? 255 / alpha : 1;
        row[to] = stored[at]! * factor;
        row[to + 1] = stored[at + 1]! * factor;
        row[to + 2] = stored[at + 2]! * factor;
        row[to + 3] = alpha;
      }
      yield row;
    }
  }
  return { width, height, rows: rows() };
}
