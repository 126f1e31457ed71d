/**
 * The codecs of JPEG and WebP, in WebAssembly: a fault in one is an exception and does not end the process. Each is loaded when first
 * needed, and keeps the memory of its largest picture. Knows no PNG, and limits no sizes.
 */
import type { Bitmap, Size } from "./bitmap.ts";

/** Decoded pixels: red, green, blue and how opaque, four bytes each. */
export interface Decoded extends Size {
  readonly data: Uint8ClampedArray;
}

type Load<T> = () => Promise<T>;

/** The pixels of a JPEG, as stored; rejects where it has colours that are not decoded (CMYK), or is no JPEG. */
export async function decodeJpeg(bytes: Uint8Array): Promise<Decoded> {
  return await (await jpegDecoder())(bytes);
}

/** The pixels of a still WebP; rejects where it is none. */
export async function decodeWebp(bytes: Uint8Array): Promise<Decoded> {
  return await (await webpDecoder())(bytes);
}

/** A JPEG of `quality` 1–100. Sides must be at most 65 500 pixels (libjpeg's limit). */
export async function encodeJpeg(
  { width, height, pixels }: Bitmap,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await jpegEncoder())({ width, height, data: pixels }, quality));
}

type Decode = (bytes: Uint8Array) => Promise<Decoded>;

const jpegDecoder = once<Decode>(async () => {
  const { default: decode, init } = await import("@jsquash/jpeg/decode.js");
  await init(await optionsOf("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm"));
  return (bytes) => asDecoded(decode(asBuffer(bytes)));
});

const webpDecoder = once<Decode>(async () => {
  const { default: decode, init } = await import("@jsquash/webp/decode.js");
  await init(await optionsOf("@jsquash/webp/codec/dec/webp_dec.wasm"));
  return (bytes) => asDecoded(decode(asBuffer(bytes)));
});

const jpegEncoder = once(async () => {
  const { default: encode, init } = await import("@jsquash/jpeg/encode.js");
  await init(await optionsOf("@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm"));
  return (picture: Decoded, quality: number) => encode(picture as ImageData, { quality });
});

/** Their types want a buffer; they take a view of one, too, and copy it. */
function asBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes as unknown as ArrayBuffer;
}

/** Newer types allow other numbers in an ImageData; these codecs give bytes. */
async function asDecoded(image: Promise<ImageData>): Promise<Decoded> {
  return await image as Decoded;
}

/**
 * The package's WebAssembly, which is a file of its own, also within the executable. What it would print of a picture is in what
 * it throws, too: the terminal is not its.
 */
async function optionsOf(specifier: string) {
  const { buffer } = await Deno.readFile(new URL(import.meta.resolve(specifier)));
  return { wasmBinary: buffer, print() {}, printErr() {} };
}

function once<T>(load: Load<T>): Load<T> {
  let loaded: Promise<T> | undefined;
  return () => loaded ??= load();
}
