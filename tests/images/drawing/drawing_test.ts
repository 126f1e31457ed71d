/**
 * Before and after in one picture, drawn in a real Worker; and where the two go.
 *
 * Drives besides: src/images/drawing/decode.ts, src/images/drawing/drawing_worker.ts,
 * src/images/drawing/codecs.ts, src/images/drawing/shrink.ts.
 */
import fc from "fast-check";
import { decode, Image } from "imagescript";
import assert from "node:assert/strict";
import {
  animatedWebp,
  bombPng,
  type Bytes,
  bytesOf,
  flatJpeg,
  flatWebp,
  gradientJpeg,
  gradientPng,
  noisePng,
  rotatedJpeg,
  seenCorners,
  TINY_LOSSLESS_WEBP,
  TINY_LOSSY_WEBP,
} from "../../../lab/pictures.ts";
import { layOut } from "../../../src/images/drawing/compare.ts";
import {
  createDrawing,
  type Drawing,
  type DrawingOptions,
} from "../../../src/images/drawing/drawing.ts";
import { inspectImage, photoProblem } from "../../../src/images/inspect.ts";
import { newDay } from "../../../src/monitoring/daily_stats.ts";
import { LIMITS } from "../verdict.ts";

async function withDrawing(
  use: (drawing: Drawing) => Promise<void>,
  options: DrawingOptions = { idleMs: 50 },
): Promise<void> {
  const life = new AbortController();
  try {
    await use(createDrawing(life.signal, options));
  } finally {
    life.abort();
  }
}

async function compare(drawing: Drawing, before: Bytes, after: Bytes): Promise<Image> {
  const both = await drawing.compare(() => Promise.resolve([before.slice(), after.slice()]));
  const image = await decode(both!);
  assert.ok(image instanceof Image);
  return image;
}

/** A JPEG whose top left corner is red and whose other three quarters are blue, as it is stored. */
async function cornered(width: number, height: number): Promise<Bytes> {
  const image = new Image(width, height).fill(0x0000ffff);
  image.composite(new Image(width / 2, height / 2).fill(0xff0000ff), 0, 0);
  return bytesOf(await image.encodeJPEG(95));
}

Deno.test("compare() puts both at one height beside each other when their sizes differ", () =>
  withDrawing(async (drawing) => {
    const image = await compare(drawing, gradientPng(200, 100), gradientPng(50, 100));
    assert.deepEqual([image.width, image.height], [2048 + 8 + 512, 1024]);
    const [red = 0] = Image.colorToRGBA(image.getPixelAt(2000, 512));
    assert.ok(red > 200, `the gradient's end is red: ${red}`);
  }));

Deno.test("compare() puts strips above each other, whatever their sizes, as a photo", () =>
  withDrawing(async (drawing) => {
    const strips: [number, number][] = [[4000, 50], [1400, 21], [330, 10], [4000, 10], [1, 3000]];
    for (const [width, height] of strips) {
      const strip = gradientPng(width, height);
      const both = await drawing.compare(() => Promise.resolve([strip, gradientPng(640, 8)]));
      const inspected = inspectImage(both!, LIMITS);
      assert.ok(inspected.ok);
      assert.equal(photoProblem(inspected.image), undefined, `${width}x${height}`);
    }
  }));

Deno.test("compare() turns a photo as EXIF says", () =>
  withDrawing(async (drawing) => {
    // Smaller and larger than it is shown: pixels are repeated, or several become one.
    for (const side of [64, 1600]) {
      const stored = await cornered(side, side);
      for (const [orientation, [x, y]] of Object.entries(seenCorners)) {
        if (side > 1024 && !["3", "6"].includes(orientation)) continue;
        const turned = rotatedJpeg(stored, Number(orientation), "II");
        const image = await compare(drawing, turned, gradientPng(8, 8));
        const [red = 0, , blue = 0] = Image.colorToRGBA(
          image.getPixelAt(256 + 512 * x!, 256 + 512 * y!),
        );
        assert.ok(red > 200 && blue < 60, `${orientation}: ${red} ${blue}`);
      }
    }
  }));

Deno.test("compare() takes PNG, JPEG and WebP, also without their ends", () =>
  withDrawing(async (drawing) => {
    const jpeg = await gradientJpeg(64, 64);
    const png = gradientPng(64, 64);
    const webp = await flatWebp(64, 64);
    for (
      const picture of [
        jpeg,
        jpeg.slice(0, -2),
        jpeg.slice(0, -200),
        png,
        png.slice(0, -12),
        png.slice(0, -100),
        webp,
        TINY_LOSSY_WEBP,
        TINY_LOSSLESS_WEBP,
        flatJpeg(64, 64, { process: 0xc2 }),
      ]
    ) {
      const image = await compare(drawing, picture, png);
      assert.deepEqual([image.width, image.height], [2 * 1024 + 8, 1024]);
    }
    const [red = 0, green = 0, blue = 0] = Image.colorToRGBA(
      (await compare(drawing, webp, png)).getPixelAt(512, 512),
    );
    assert.ok(red > 230 && Math.abs(green - 128) < 20 && blue < 30, `${red} ${green} ${blue}`);
  }));

Deno.test("compare() gives nothing when a picture cannot be decoded or is too large, and then goes on", () =>
  withDrawing(async (drawing) => {
    const png = gradientPng(8, 8);
    const others: Bytes[] = [
      bombPng(),
      flatJpeg(5000, 5000),
      flatJpeg(64, 64, { components: 4 }),
      animatedWebp(9, 9),
      new Uint8Array(),
      png.slice(0, 40),
    ];
    for (const other of others) {
      for (const both of [[png, other], [other, png]] as const) {
        const loaded = both.map((each) => each.slice()) as [Bytes, Bytes];
        assert.equal(await drawing.compare(() => Promise.resolve(loaded)), undefined);
      }
      assert.ok(await drawing.compare(() => Promise.resolve([png.slice(), png.slice()])));
    }
    assert.equal(await drawing.compare(() => Promise.resolve(undefined)), undefined);
    await assert.rejects(drawing.compare(() => Promise.reject(new Error("no disk"))), /no disk/);
    assert.ok(await drawing.chart([newDay("2026-11-28")]));
  }));

Deno.test("compare() loads two pictures when it is their turn, and gives up what takes too long", async () => {
  await withDrawing(async (drawing) => {
    let loaded = 0;
    let most = 0;
    const load = () => {
      most = Math.max(most, ++loaded);
      return Promise.resolve([gradientPng(40, 40), gradientPng(40, 40)] as const);
    };
    await Promise.all(Array.from({ length: 4 }, async () => {
      assert.ok(await drawing.compare(load));
      loaded--;
    }));
    assert.equal(most, 1);
  });
  await withDrawing(async (drawing) => {
    const large = gradientPng(3000, 3000);
    assert.equal(await drawing.compare(() => Promise.resolve([large, large.slice()])), undefined);
  }, { idleMs: 50, maxMs: 1 });
});

/** What this thread has had of the processor, in milliseconds (proc_pid_stat(5): utime and stime, in ticks of 10 ms). */
function processorMs(): number {
  const [, fields = ""] = Deno.readTextFileSync("/proc/thread-self/stat").split(") ");
  const [utime, stime] = fields.split(" ").slice(11, 13).map(Number);
  return 10 * (utime! + stime!);
}

Deno.test("compare() leaves the event loop to others", {
  ignore: Deno.build.os !== "linux",
}, () =>
  withDrawing(async (drawing) => {
    const photos = [flatJpeg(4000, 3000), flatJpeg(4000, 3000)] as const;
    const before = processorMs();
    assert.ok(await drawing.compare(() => Promise.resolve(photos)));
    const usedMs = processorMs() - before;
    // In the loop itself, decoding and encoding take half a second.
    assert.ok(usedMs < 100, `it used ${usedMs} ms`);
  }));

Deno.test("layOut() of any two pictures is a photo that Telegram takes, with both on it", () => {
  const side = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 200_000 }));
  const size = fc.record({ width: side, height: side });
  fc.assert(
    fc.property(size, size, (before, after) => {
      const { sheet, places } = layOut(before, after);
      assert.equal(photoProblem({ ...sheet, bytes: 1 }), undefined, JSON.stringify(sheet));
      assert.ok(sheet.width * sheet.height < 6_000_000, JSON.stringify(sheet));
      for (const { x, y, width, height } of places) {
        assert.ok(x >= 0 && y >= 0 && width >= 1 && height >= 1);
        assert.ok(x + width <= sheet.width && y + height <= sheet.height);
      }
      const [first, second] = places;
      const gap = Math.max(
        second.x - (first.x + first.width),
        second.y - (first.y + first.height),
      );
      assert.equal(gap, 8);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("shrink() makes a JPEG that Telegram takes as a photo, of the same shape, at most 2560 a side", () =>
  withDrawing(async (drawing) => {
    for (
      const [picture, width, height] of [
        [noisePng(3_200, 2_400), 2_560, 1_920],
        [noisePng(1_000, 4_000, { channels: 4, bitDepth: 16 }), 640, 2_560],
        [await gradientJpeg(2_000, 1_500), 2_000, 1_500],
        [await flatWebp(300, 200), 300, 200],
      ] as const
    ) {
      const shrunk = await drawing.shrink(() => Promise.resolve(picture.slice()));
      assert.ok(shrunk);
      const inspected = inspectImage(shrunk, LIMITS);
      assert.ok(inspected.ok && inspected.image.format === "jpeg");
      assert.deepEqual([inspected.image.width, inspected.image.height], [width, height]);
      assert.equal(photoProblem(inspected.image), undefined);
    }
  }));

Deno.test("shrink() gives nothing where there is no still picture", () =>
  withDrawing(async (drawing) => {
    for (const bytes of [new Uint8Array(100), animatedWebp(64, 64), bombPng()]) {
      assert.equal(await drawing.shrink(() => Promise.resolve(bytes)), undefined);
    }
    assert.equal(await drawing.shrink(() => Promise.resolve(undefined)), undefined);
  }));
