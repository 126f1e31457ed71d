/**
 * The decoders of JPEG, WebP and AVIF, in WebAssembly: a fault in one is an exception and does not end the process. Each is loaded when first
 * needed, and keeps the memory of its largest picture. Knows no PNG, and limits no sizes.
 */
import { type Size } from "../pixels/mod.ts";

/** Decoded pixels: red, green, blue and how opaque, four bytes each. */
export interface Decoded extends Size {
  readonly data: Uint8ClampedArray;
}

/** The pixels of a JPEG, as stored; rejects where it has colours that are not decoded (CMYK), or is no JPEG. */
export async function decodeJpeg(bytes: Uint8Array): Promise<Decoded> {
  return await (await jpegDecoder())(bytes);
}

/** The pixels of a still WebP; rejects where it is none. */
export async function decodeWebp(bytes: Uint8Array): Promise<Decoded> {
  return await (await webpDecoder())(bytes);
}

/** The pixels of an AVIF's primary picture, eight bits a channel, as stored; rejects where it is none. */
export async function decodeAvif(bytes: Uint8Array): Promise<Decoded> {
  return await (await avifDecoder())(bytes);
}

type Decode = (bytes: Uint8Array) => Promise<Decoded>;

const jpegDecoder = once<Decode>(async () => {
  const { default: decode, init } = await import("@jsquash/jpeg/decode.js");
  await init(await wasmOf("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm"));
  return (bytes) => asDecoded(decode(asBuffer(bytes)));
});

const webpDecoder = once<Decode>(async () => {
  const { default: decode, init } = await import("@jsquash/webp/decode.js");
  await init(await wasmOf("@jsquash/webp/codec/dec/webp_dec.wasm"));
  return (bytes) => asDecoded(decode(asBuffer(bytes)));
});

const avifDecoder = once<Decode>(async () => {
  const { default: decode, init } = await import("@jsquash/avif/decode.js");
  await init(await wasmOf("@jsquash/avif/codec/dec/avif_dec.wasm"));
  return async (bytes) => await decode(asBuffer(bytes)) as Decoded;
});

/** Their types want a buffer; they take a view of one, too, and copy it. */
function asBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes as unknown as ArrayBuffer;
}

/** Newer types allow other numbers in an ImageData; these codecs give bytes. */
async function asDecoded(image: Promise<ImageData>): Promise<Decoded> {
  return await image as Decoded;
}

/** Pages of 64 KiB: 512 MB, of which the largest picture that is taken needs less. What a file says of its size may be a lie. */
const maxPages = 8_192;

/**
 * The package's WebAssembly, which is a file of its own, also within the executable. What it would print of a picture is in what
 * it throws, too: the terminal is not its.
 */
export async function wasmOf(specifier: string) {
  const wasm = await Deno.readFile(new URL(import.meta.resolve(specifier)));
  boundMemory(wasm, maxPages);
  return { wasmBinary: wasm.buffer, print() {}, printErr() {} };
}

/** Lowers the maximum that a module gives for its one memory (WebAssembly core specification, 5.5.8); its code grows it until then. */
export function boundMemory(wasm: Uint8Array, pages: number): void {
  let at = 8;
  /** An unsigned LEB128. */
  const read = (): number => {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = wasm[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < wasm.length) {
    const id = wasm[at++];
    const end = read() + at;
    if (id === 5) {
      const [count, hasMaximum] = [read(), read()];
      read();
      const start = at;
      if (count !== 1 || hasMaximum !== 1 || read() < pages) break;
      // As many bytes as before: zeros may lead.
      for (let i = start, rest = pages; i < at; i++, rest >>= 7) {
        wasm[i] = rest & 0x7f | (i < at - 1 ? 0x80 : 0);
      }
      return;
    }
    at = end;
  }
  throw new Error("Cannot bound a decoder's memory (wanted a module with one, and its maximum)");
}

type Load<T> = () => Promise<T>;

/** Loads once, when first asked. */
export function once<T>(load: Load<T>): Load<T> {
  let loaded: Promise<T> | undefined;
  return () => loaded ??= load();
}
