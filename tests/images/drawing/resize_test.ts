/**
 * Pictures in another size and on a larger sheet, drawn in a real Worker; and the arithmetic of both.
 *
 * Drives besides: src/images/pixels/resample.ts, src/images/pixels/pad.ts.
 */
import fc from "fast-check";
import { decode, Image } from "imagescript";
import assert from "node:assert/strict";
import {
  type Bytes,
  bytesOf,
  flatJpeg,
  gradientPng,
  noisePng,
  rotatedJpeg,
  TINY_LOSSY_WEBP,
} from "../../../lab/pictures.ts";
import { createDrawing, type Drawing } from "../../../src/images/drawing/drawing.ts";
import { hasShape, padTo } from "../../../src/images/pixels/pad.ts";
import { resample } from "../../../src/images/pixels/resample.ts";

async function drawn(
  draw: (
    drawing: Drawing,
    load: (bytes: Bytes) => () => Promise<Bytes>,
  ) => Promise<Bytes | undefined>,
): Promise<Image> {
  const life = new AbortController();
  try {
    const bytes = await draw(
      createDrawing(life.signal, { idleMs: 50 }),
      (bytes) => () => Promise.resolve(bytes.slice()),
    );
    const image = await decode(bytes!);
    assert.ok(image instanceof Image);
    return image;
  } finally {
    life.abort();
  }
}

/** Red, green, blue at a place, from 0. */
function colourAt(image: Image, x: number, y: number): number[] {
  return [...Image.colorToRGBA(image.getPixelAt(x + 1, y + 1))].slice(0, 3);
}

function assertNear(colour: readonly number[], wanted: readonly number[], what: string): void {
  const off = Math.max(...colour.map((value, i) => Math.abs(value - wanted[i]!)));
  assert.ok(off <= 4, `${what}: ${colour} (wanted ${wanted})`);
}

Deno.test("pad() puts a picture in the middle of a grey sheet of the shape, not a pixel moved", async () => {
  const noise = noisePng(60, 40);
  const before = await decode(noise) as Image;
  for (
    const [shape, width, height] of [[1, 60, 60], [16 / 9, 71, 40], [9 / 16, 60, 107]] as const
  ) {
    const image = await drawn((drawing, load) => drawing.pad(load(noise), shape));
    assert.deepEqual([image.width, image.height], [width, height]);
    const [left, top] = [Math.floor((width - 60) / 2), Math.floor((height - 40) / 2)];
    for (const [x, y] of [[0, 0], [59, 39], [31, 7]] as const) {
      assert.deepEqual(colourAt(image, left + x, top + y), colourAt(before, x, y));
    }
    if (left > 0) assert.deepEqual(colourAt(image, left - 1, 5), [128, 128, 128]);
    if (top > 0) assert.deepEqual(colourAt(image, 5, top + 40), [128, 128, 128]);
  }
});

Deno.test("pad() turns a picture as it is seen, and takes WebP", async () => {
  const turned = await drawn(async (drawing, load) =>
    drawing.pad(load(rotatedJpeg(await flatJpeg(80, 20), 6)), 1)
  );
  assert.deepEqual([turned.width, turned.height], [80, 80]);
  assert.deepEqual(colourAt(turned, 10, 40), [128, 128, 128]);
  const webp = await drawn((drawing, load) => drawing.pad(load(TINY_LOSSY_WEBP), 9 / 16));
  assert.ok(hasShape(webp, 9 / 16) || webp.height > webp.width);
});

Deno.test("padTo() keeps the shape of both and the bound, whatever the picture", () => {
  const side = fc.integer({ min: 1, max: 12_000 });
  const shape = fc.constantFrom(1, 4 / 5, 3 / 4, 16 / 9, 9 / 16);
  fc.assert(fc.property(side, side, shape, (width, height, shape) => {
    const { sheet, place } = padTo({ width, height }, shape);
    assert.ok(sheet.width * sheet.height <= 4 * 1024 * 1024);
    assert.ok(place.x >= 0 && place.y >= 0);
    assert.ok(place.x + place.width <= sheet.width && place.y + place.height <= sheet.height);
    assert.ok(place.width === sheet.width || place.height === sheet.height);
    const isUnscaled = place.width === width && place.height === height;
    assert.ok(
      isUnscaled || sheet.width * sheet.height > 3.9 * 1024 * 1024 || place.width === 1 ||
        place.height === 1 || Math.min(sheet.width, sheet.height) < 200,
    );
  }));
});

Deno.test("resize() makes exactly that size, colours in their places", async () => {
  const image = await drawn(async (drawing, load) => {
    const cornered = new Image(40, 20).fill(0x0000ffff);
    cornered.composite(new Image(20, 10).fill(0xff0000ff), 0, 0);
    return drawing.resize(load(bytesOf(await cornered.encodeJPEG(100))), {
      width: 120,
      height: 60,
    });
  });
  assert.deepEqual([image.width, image.height], [120, 60]);
  assertNear(colourAt(image, 5, 5), [255, 0, 0], "top left");
  assertNear(colourAt(image, 50, 25), [255, 0, 0], "near the middle");
  assertNear(colourAt(image, 110, 5), [0, 0, 255], "top right");
  assertNear(colourAt(image, 5, 55), [0, 0, 255], "bottom left");
});

Deno.test("resize() cuts off what does not fit the shape, and stretches what nearly does", async () => {
  // Thirds: red, green, blue.
  const thirds = new Image(90, 30).fill((x) =>
    x <= 30 ? 0xff0000ff : x <= 60 ? 0x00ff00ff : 0x0000ffff
  );
  const bytes = bytesOf(await thirds.encodeJPEG(100));
  const square = await drawn((drawing, load) =>
    drawing.resize(load(bytes), { width: 60, height: 60 })
  );
  for (const x of [3, 30, 56]) assertNear(colourAt(square, x, 30), [0, 255, 0], `square at ${x}`);
  const near = await drawn((drawing, load) =>
    drawing.resize(load(bytes), { width: 92, height: 30 })
  );
  assertNear(colourAt(near, 1, 15), [255, 0, 0], "the left edge");
  assertNear(colourAt(near, 90, 15), [0, 0, 255], "the right edge");
});

Deno.test("resize() leaves alone what is too large, can be seen through, or is no picture", async () => {
  const life = new AbortController();
  const drawing = createDrawing(life.signal, { idleMs: 50 });
  const of = (bytes: Bytes, width: number, height: number) =>
    drawing.resize(() => Promise.resolve(bytes), { width, height });
  assert.equal(await of(gradientPng(8, 8), 5000, 5000), undefined);
  assert.equal(await of(new TextEncoder().encode("no picture"), 10, 10), undefined);
  assert.equal(await of((await flatJpeg(64, 64)).subarray(0, 80), 10, 10), undefined);
  const clear = new Image(8, 8).fill(0xff000080);
  assert.equal(await of(bytesOf(await clear.encode()), 16, 16), undefined);
  life.abort();
});

Deno.test("chequered() shows squares where a picture can be seen through, and gives nothing where none of it can", async () => {
  const half = new Image(64, 32).fill((x) => x <= 32 ? 0xff0000ff : 0x00000000);
  const image = await drawn(async (drawing, load) =>
    drawing.chequered(load(bytesOf(await half.encode())))
  );
  assert.deepEqual([image.width, image.height], [64, 32]);
  assertNear(colourAt(image, 8, 8), [255, 0, 0], "what stays");
  assertNear(colourAt(image, 40, 8), [255, 255, 255], "a light square");
  assertNear(colourAt(image, 56, 8), [204, 204, 204], "a dark square");
  const life = new AbortController();
  const drawing = createDrawing(life.signal, { idleMs: 50 });
  const opaque = bytesOf(await new Image(8, 8).fill(0xff0000ff).encode());
  for (const bytes of [opaque, gradientPng(8, 8), new TextEncoder().encode("no picture")]) {
    assert.equal(await drawing.chequered(() => Promise.resolve(bytes)), undefined);
  }
  life.abort();
});

Deno.test("resample() keeps a flat colour flat at any sizes", () => {
  const side = fc.integer({ min: 1, max: 40 });
  fc.assert(fc.property(side, side, side, side, (width, height, toWidth, toHeight) => {
    const pixels = new Uint8ClampedArray(width * height * 4).fill(77);
    const made = resample({ width, height, pixels }, { width: toWidth, height: toHeight });
    assert.equal(made.pixels.length, toWidth * toHeight * 4);
    assert.ok(made.pixels.every((value, i) => i % 4 === 3 ? value === 255 : value === 77));
  }));
});
