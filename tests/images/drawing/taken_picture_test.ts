/**
 * HEIC and AVIF as what ComfyUI reads, decoded in a real Worker. The fixtures are drawn: 96 × 64 blue pixels with a red corner.
 *
 * Drives besides: src/images/drawing/heif_file.ts, src/images/pixels/rows.ts.
 */
import { decode, Image } from "imagescript";
import assert from "node:assert/strict";
import { bytesOf } from "../../../lab/bytes.ts";
import { gradientJpeg, gradientPng, seenCorners } from "../../../lab/pictures.ts";
import type { Bitmap } from "../../../src/images/pixels/bitmap.ts";
import { boundMemory } from "../../../src/images/drawing/codecs.ts";
import { createDrawing, type Drawing } from "../../../src/images/drawing/drawing.ts";
import { encodeJpeg } from "../../../src/images/drawing/jpeg_encoder.ts";
import { bitmapOf, rowsOf, shrunk } from "../../../src/images/pixels/rows.ts";
import { takePicture } from "../../../src/images/drawing/taken_picture.ts";
import { LIMITS } from "../verdict.ts";

const fixture = (name: string) =>
  Deno.readFileSync(new URL(`../../fixtures/pictures/${name}`, import.meta.url));

async function withDrawing(use: (drawing: Drawing) => Promise<void>): Promise<void> {
  const life = new AbortController();
  try {
    await use(createDrawing(life.signal, { idleMs: 50 }));
  } finally {
    life.abort();
  }
}

/** The converted picture, and its colours at places from 0 to 1. */
async function converted(drawing: Drawing, name: string) {
  const taken = await takePicture(fixture(name), LIMITS, drawing);
  assert.ok(taken.ok, `${name}: ${JSON.stringify(taken)}`);
  const image = await decode(taken.bytes);
  assert.ok(image instanceof Image);
  const at = (x: number, y: number) =>
    Image.colorToRGBA(
      image.getPixelAt(1 + Math.floor(x * image.width), 1 + Math.floor(y * image.height)),
    );
  return { format: taken.image.format, width: image.width, height: image.height, at };
}

function isNear(colour: readonly number[], wanted: readonly number[], what: string): void {
  const isSo = wanted.every((value, i) => Math.abs(value - colour[i]!) < 30);
  assert.ok(isSo, `${what}: ${colour} (wanted ${wanted})`);
}

const red = [255, 0, 0, 255];
const blue = [0, 0, 255, 255];

Deno.test("takePicture() makes JPEGs of HEIC and AVIF, turned as they are seen", () =>
  withDrawing(async (drawing) => {
    const names = [
      ...Object.keys(seenCorners).map((orientation) => [`turned_${orientation}.avif`, orientation]),
      ...["3", "5", "6"].map((orientation) => [`turned_${orientation}.heic`, orientation]),
      ...["corner.heic", "ten_bits.heic", "second_is_primary.heic", "ten_bits.avif"]
        .map((name) => [name, "1"]),
    ] as [string, keyof typeof seenCorners][];
    for (const [name, orientation] of names) {
      const { format, width, height, at } = await converted(drawing, name);
      assert.equal(format, "jpeg", name);
      assert.deepEqual([width, height], Number(orientation) < 5 ? [96, 64] : [64, 96], name);
      const [x, y] = seenCorners[orientation] as [number, number];
      isNear(at(0.25 + x / 2, 0.25 + y / 2), red, name);
      isNear(at(0.75 - x / 2, 0.75 - y / 2), blue, name);
    }
  }));

Deno.test("takePicture() puts the tiles of a telephone's HEIC together", () =>
  withDrawing(async (drawing) => {
    const { width, height, at } = await converted(drawing, "grid.heic");
    assert.deepEqual([width, height], [112, 80]);
    isNear(at(0.25, 0.25), red, "top left");
    isNear(at(0.75, 0.25), [0, 255, 0], "top right");
    isNear(at(0.25, 0.75), blue, "bottom left");
    isNear(at(0.75, 0.75), [255, 255, 255], "bottom right");
  }));

Deno.test("takePicture() makes PNGs of pictures that can be seen through", () =>
  withDrawing(async (drawing) => {
    for (const name of ["alpha.heic", "alpha.avif"]) {
      const { format, at } = await converted(drawing, name);
      assert.equal(format, "png", name);
      isNear(at(0.25, 0.25), red, name);
      isNear(at(0.25, 0.75), [255, 255, 0, 128], name);
      assert.ok(at(0.75, 0.75)[3]! < 30, name);
    }
  }));

Deno.test("takePicture() refuses what does not decode or is not accepted, and takes the next one", () =>
  withDrawing(async (drawing) => {
    const kindOf = async (bytes: Uint8Array<ArrayBuffer>, limits = LIMITS) => {
      const taken = await takePicture(bytes, limits, drawing);
      return taken.ok ? taken.image.format : taken.problem.kind;
    };
    for (const name of ["corner.heic", "grid.heic", "turned_6.avif"]) {
      const broken = fixture(name);
      const data = new TextDecoder("latin1").decode(broken).indexOf("mdat") + 4;
      broken.fill(0xff, data);
      assert.equal(await kindOf(broken), "damaged", name);
      assert.equal(await kindOf(fixture(name).slice(0, -40)), "truncated", name);
      const withoutJpeg = { ...LIMITS, allowedFormats: ["png"] as const };
      assert.equal(await kindOf(fixture(name), withoutJpeg), "format_not_allowed", name);
      assert.equal(await kindOf(fixture(name), { ...LIMITS, maxBytes: 100 }), "too_large", name);
      assert.equal(await kindOf(fixture(name)), "jpeg", name);
    }
    // It says 96 × 64; its picture has 144 megapixels.
    assert.equal(await kindOf(fixture("lies.avif")), "damaged");
    assert.equal(await kindOf(fixture("animated.avif")), "animated");
    // What ComfyUI reads itself stays as it is.
    for (const bytes of [gradientPng(9, 7), await gradientJpeg(9, 7)]) {
      const taken = await takePicture(bytes, LIMITS, drawing);
      assert.ok(taken.ok && taken.bytes === bytes);
    }
  }));

Deno.test("boundMemory() makes a module's memory stop growing where it is told to", async () => {
  // One memory of at least one page and at most 32 768, exported as "m".
  const module = bytesOf(
    "\0asm\x01\0\0\0",
    bytesOf("\x05\x06\x01\x01\x01"),
    new Uint8Array([0x80, 0x80, 0x02]),
    "\x07\x05\x01\x01m\x02\0",
  );
  for (const pages of [1, 100, 8_192]) {
    const wasm = module.slice();
    boundMemory(wasm, pages);
    const { instance } = await WebAssembly.instantiate(wasm);
    const memory = instance.exports.m as WebAssembly.Memory;
    assert.throws(() => memory.grow(pages), RangeError);
    assert.equal(memory.grow(pages - 1), 1);
  }
  assert.throws(() => boundMemory(module.slice(0, 8), 9), /Cannot bound/);
});

/** A picture whose colours change slowly, with one straight edge. */
function drawn(width: number, height: number): Bitmap {
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const isRight = x * 2 > width;
      pixels.set([isRight ? 200 : 40, 255 * y / height, 255 * x / width, 255], at);
    }
  }
  return { width, height, pixels };
}

Deno.test("encodeJpeg() writes what other decoders read, at any size", async () => {
  for (const [width, height] of [[1, 1], [16, 16], [17, 33], [100, 15], [15, 200]] as const) {
    const picture = drawn(width, height);
    const image = await decode(encodeJpeg(rowsOf(picture), 92));
    assert.ok(image instanceof Image);
    assert.deepEqual([image.width, image.height], [width, height]);
    let off = 0;
    for (let at = 0; at < picture.pixels.length; at += 4) {
      for (let i = 0; i < 3; i++) off += Math.abs(picture.pixels[at + i]! - image.bitmap[at + i]!);
    }
    const mean = off / (width * height * 3);
    assert.ok(mean < 6, `${width}x${height}: ${mean}`);
  }
  const sizes = [30, 60, 95].map((quality) => encodeJpeg(rowsOf(drawn(200, 200)), quality).length);
  assert.ok(sizes[0]! < sizes[1]! && sizes[1]! < sizes[2]!, `${sizes}`);
});

Deno.test("shrunk() keeps a small picture, and gives means of a large one with what can be seen through", () => {
  const small = drawn(10, 10);
  assert.deepEqual(bitmapOf(shrunk(rowsOf(small), 100)), small);
  for (const [width, height, pixels] of [[64, 64, 256], [65, 31, 100], [3, 400, 300]] as const) {
    const picture = drawn(width, height);
    for (let at = 3; at < picture.pixels.length; at += 8) picture.pixels[at] = 0;
    const made = bitmapOf(shrunk(rowsOf(picture), pixels));
    assert.ok(made.width * made.height <= pixels);
    const middle = (Math.floor(made.height / 2) * made.width + Math.floor(made.width / 2)) * 4;
    const [, green = 0, , alpha = 0] = made.pixels.subarray(middle, middle + 4);
    assert.ok(Math.abs(green - 128) < 40, `green ${green}`);
    assert.ok(alpha > 60 && alpha < 200, `alpha ${alpha}`);
  }
});
