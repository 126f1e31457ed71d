/** PNGs of every kind to pixels, row by row; and back. */
import fc from "fast-check";
import { decode, Image } from "imagescript";
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import {
  type Bytes,
  bytesOf,
  changed,
  gradientPng,
  pngChunk,
  pngOf,
  u16be,
  u32be,
} from "../../../lab/pictures.ts";
import { createDownscaler } from "../../../src/images/pixels/bitmap.ts";
import { encodePng, readPngRows } from "../../../src/images/drawing/png_pixels.ts";

/** A picture's kind, as IHDR has it. */
interface Kind {
  readonly colourType: number;
  readonly bitDepth: number;
  readonly interlaced: boolean;
}

const channels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
const kinds: readonly Kind[] = Object.entries(depths).flatMap(([colourType, bits]) =>
  bits.flatMap((bitDepth) =>
    [false, true].map((interlaced) => ({ colourType: Number(colourType), bitDepth, interlaced }))
  )
);
/** Start and step of Adam7's passes: x, y, dx, dy. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** One sample of a picture. */
type Sample = (x: number, y: number, channel: number) => number;

/** The rows of one pass with their filters, `filter` for each. */
function passRows(
  { colourType, bitDepth }: Kind,
  samples: readonly (readonly number[])[],
  filter: (row: number) => number,
): Bytes {
  const reach = Math.max(1, channels[colourType]! * bitDepth >> 3);
  let above: number[] = [];
  return bytesOf(...samples.map((row, y) => {
    const bits = row.map((sample) => sample.toString(2).padStart(bitDepth, "0")).join("");
    const raw = (bits.match(/.{1,8}/g) ?? []).map((octet) => parseInt(octet.padEnd(8, "0"), 2));
    const kind = filter(y);
    const filtered = raw.map((value, at) => {
      const left = raw[at - reach] ?? 0;
      const up = above[at] ?? 0;
      const corner = above[at - reach] ?? 0;
      const guess = left + up - corner;
      const paeth = [left, up, corner].reduce((best, each) =>
        Math.abs(guess - each) < Math.abs(guess - best) ? each : best
      );
      return (value - [0, left, up, (left + up) >> 1, paeth][kind]!) & 0xff;
    });
    above = raw;
    return new Uint8Array([kind, ...filtered]);
  }));
}

function pngFrom(
  kind: Kind,
  { width, height }: { width: number; height: number },
  sample: Sample,
  { filter, before = [] }: { filter: (row: number) => number; before?: readonly Bytes[] },
): Bytes {
  const passes = kind.interlaced ? adam7 : [[0, 0, 1, 1]] as const;
  const rows = passes.map(([left, top, dx, dy]) => {
    if (left >= width) return new Uint8Array();
    const samples: number[][] = [];
    for (let y = top; y < height; y += dy) {
      const row: number[] = [];
      for (let x = left; x < width; x += dx) {
        for (let c = 0; c < channels[kind.colourType]!; c++) row.push(sample(x, y, c));
      }
      samples.push(row);
    }
    return passRows(kind, samples, filter);
  });
  const deflated = deflateSync(bytesOf(...rows));
  const half = deflated.length >> 1;
  const header = [kind.bitDepth, kind.colourType, 0, 0, kind.interlaced ? 1 : 0];
  return pngOf(
    pngChunk("IHDR", bytesOf(u32be(width), u32be(height), ...header)),
    ...before,
    pngChunk("IDAT", deflated.subarray(0, half)),
    pngChunk("IDAT", deflated.subarray(half)),
    pngChunk("IEND"),
  );
}

/** All pixels, four bytes each. */
async function pixelsOf(png: Bytes, width: number, height: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(width * height * 4);
  await readPngRows(png, (rgba, count, { x, y, step }) => {
    for (let i = 0; i < count; i++) {
      pixels.set(rgba.subarray(i * 4, i * 4 + 4), (y * width + x + i * step) * 4);
    }
  });
  return pixels;
}

Deno.test("readPngRows() reads every colour type and depth, filter and interlacing", async () => {
  const side = fc.integer({ min: 1, max: 19 });
  const property = fc.asyncProperty(
    fc.constantFrom(...kinds),
    side,
    side,
    fc.array(fc.nat({ max: 4 }), { minLength: 19, maxLength: 19 }),
    fc.nat({ max: 0xffff }),
    async (kind, width, height, filters, salt) => {
      const { colourType, bitDepth } = kind;
      const top = 2 ** bitDepth - 1;
      const sample: Sample = (x, y, c) =>
        (Math.imul(x * 31 + y * 17 + c * 7 + salt, 0x9e3779b1) >>> 7) % (top + 1);
      const palette = Uint8Array.from({ length: 3 * (top + 1) }, (_, i) => (i * 37) & 0xff);
      const before = colourType === 3
        ? [pngChunk("PLTE", palette), pngChunk("tRNS", bytesOf(7, 200))]
        : [];
      const png = pngFrom(kind, { width, height }, sample, {
        filter: (row) => filters[row]!,
        before,
      });
      const to8 = (value: number) =>
        bitDepth === 16 ? value >> 8 : bitDepth === 8 ? value : Math.floor(value * 255 / top);
      const pixels = await pixelsOf(png, width, height);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const of = (c: number) => to8(sample(x, y, c));
          const index = sample(x, y, 0);
          const wanted = {
            0: [of(0), of(0), of(0), 255],
            2: [of(0), of(1), of(2), 255],
            3: [...palette.subarray(index * 3, index * 3 + 3), [7, 200][index] ?? 255],
            4: [of(0), of(0), of(0), of(1)],
            6: [of(0), of(1), of(2), of(3)],
          }[colourType];
          const at = (y * width + x) * 4;
          assert.deepEqual([...pixels.subarray(at, at + 4)], wanted, `${x},${y}`);
        }
      }
    },
  );
  await fc.assert(property, { numRuns: 400 });
});

Deno.test("readPngRows() makes the one transparent colour of a tRNS chunk transparent", async () => {
  for (
    const [colourType, bitDepth, key] of [
      [0, 2, bytesOf(u16be(3))],
      [0, 16, bytesOf(u16be(3))],
      [2, 8, bytesOf(u16be(3), u16be(3), u16be(3))],
      [2, 16, bytesOf(u16be(3), u16be(3), u16be(3))],
    ] as const
  ) {
    const kind = { colourType, bitDepth, interlaced: false };
    const png = pngFrom(kind, { width: 2, height: 1 }, (x) => x === 0 ? 3 : 1, {
      filter: () => 0,
      before: [pngChunk("tRNS", key)],
    });
    const pixels = await pixelsOf(png, 2, 1);
    assert.deepEqual([pixels[3], pixels[7]], [0, 255], `${colourType}, ${bitDepth} bits`);
  }
});

Deno.test("readPngRows() gives the rows that are there when the rest is missing or damaged", async () => {
  const png = gradientPng(64, 64);
  const whole = await pixelsOf(png, 64, 64);
  const rowsOf = async (bytes: Bytes) => {
    const rows: number[] = [];
    await readPngRows(bytes, (_rgba, _count, { y }) => rows.push(y));
    return rows.length;
  };
  assert.equal(await rowsOf(png), 64);
  assert.equal(await rowsOf(png.slice(0, -12)), 64, "without IEND");
  const cut = png.slice(0, png.length - 60);
  const some = await rowsOf(cut);
  assert.ok(some > 0 && some < 64, `${some} rows`);
  const part = await pixelsOf(cut, 64, 64);
  assert.deepEqual(part.slice(0, some * 256), whole.slice(0, some * 256));
  const damaged = changed(png, (copy) => copy.fill(0xff, copy.length - 40, copy.length - 20));
  assert.ok(await rowsOf(damaged) <= 64);
  const more = bytesOf(png.slice(0, -12), pngChunk("IDAT", deflateSync(new Uint8Array(99))));
  assert.equal(await rowsOf(more), 64, "more than it says");
});

Deno.test("encodePng() writes what other decoders read", async () => {
  for (const [width, height] of [[1, 1], [3, 2], [50, 41]] as const) {
    const pixels = new Uint8ClampedArray(width * height * 4).map((_, i) =>
      i % 4 === 3 ? 255 : i * 7
    );
    const image = await decode(await encodePng({ width, height, pixels }));
    assert.ok(image instanceof Image);
    assert.deepEqual([image.width, image.height], [width, height]);
    assert.deepEqual([...image.bitmap], [...pixels]);
  }
});

Deno.test("createDownscaler() gives means on white, in any order of rows", () => {
  const scaler = createDownscaler({ width: 4, height: 2 }, { width: 2, height: 1 });
  scaler.row(new Uint8Array([9, 9, 9, 0, 9, 9, 9, 0, 200, 0, 0, 255, 0, 0, 0, 255]), 4, {
    x: 0,
    y: 1,
    step: 1,
  });
  scaler.row(new Uint8Array([0, 0, 0, 255, 100, 0, 0, 255]), 2, { x: 1, y: 0, step: 2 });
  assert.deepEqual([...scaler.bitmap().pixels], [170, 170, 170, 255, 100, 0, 0, 255]);
});
