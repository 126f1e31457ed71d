/**
 * What inspectImage() tells of a picture, which it refuses by a limit, and where Telegram takes one.
 *
 * Drives besides: src/images/exif.ts, src/images/jpeg.ts, src/images/problem.ts, src/images/webp.ts.
 */
import { Image } from "imagescript";
import assert from "node:assert/strict";
import {
  animatedWebp,
  apng,
  bombPng,
  type Bytes,
  bytesOf,
  changed,
  exifBlock,
  flatJpeg,
  gradientJpeg,
  gradientPng,
  isoMedia,
  pngChunk,
  riffChunk,
  rotatedJpeg,
  TINY_LOSSLESS_WEBP,
  TINY_LOSSY_WEBP,
  vp8Chunk,
  vp8lChunk,
  vp8xChunk,
  webpOf,
  withJpegSegment,
} from "../../lab/pictures.ts";
import {
  documentProblem,
  type ImageLimits,
  inspectImage,
  photoProblem,
} from "../../src/images/inspect.ts";
import { imageOf, LIMITS, problemOf } from "./verdict.ts";

Deno.test("inspectImage() describes a PNG", () => {
  const bytes = gradientPng(40, 30);
  assert.deepEqual(inspectImage(bytes, LIMITS), {
    ok: true,
    image: {
      format: "png",
      mime: "image/png",
      extension: "png",
      width: 40,
      height: 30,
      orientation: 1,
      displayWidth: 40,
      displayHeight: 30,
      bytes: bytes.length,
      bitDepth: 8,
      hasAlpha: false,
    },
  });
});

Deno.test("inspectImage() describes a JPEG from an encoder, baseline, progressive, grey and CMYK", async () => {
  const encoded = imageOf(await gradientJpeg(64, 48));
  assert.deepEqual(
    [encoded.format, encoded.mime, encoded.extension, encoded.width, encoded.height],
    ["jpeg", "image/jpeg", "jpg", 64, 48],
  );
  for (
    const options of [{}, { process: 0xc2 }, { components: 1 }, { components: 4 }]
  ) {
    const { width, height, bitDepth } = imageOf(flatJpeg(300, 200, options));
    assert.deepEqual([width, height, bitDepth], [300, 200, 8]);
  }
});

Deno.test("inspectImage() describes a WebP, lossy, lossless and extended", () => {
  const cases: [Bytes, number, number][] = [
    [TINY_LOSSY_WEBP, 1, 1],
    [TINY_LOSSLESS_WEBP, 1, 1],
    [webpOf(vp8Chunk(640, 480)), 640, 480],
    [webpOf(vp8lChunk(16_383, 3)), 16_383, 3],
    [webpOf(riffChunk("VP8L", vp8lChunk(4, 3).subarray(8, 14))), 4, 3],
    [webpOf(vp8xChunk(4, 3, 0x20), riffChunk("ICCP", bytesOf("odd")), vp8Chunk(4, 3)), 4, 3],
    [webpOf(vp8xChunk(5000, 4000, 0x10), vp8lChunk(5000, 4000)), 5000, 4000],
  ];
  for (const [bytes, width, height] of cases) {
    const image = imageOf(bytes);
    assert.deepEqual(
      [image.format, image.mime, image.extension, image.width, image.height],
      ["webp", "image/webp", "webp", width, height],
    );
  }
});

Deno.test("inspectImage() works on a view into a larger buffer", async () => {
  for (const bytes of [gradientPng(9, 8), await gradientJpeg(9, 8), TINY_LOSSY_WEBP]) {
    const inside = bytesOf("stray", bytes, "stray").subarray(5, 5 + bytes.length);
    assert.deepEqual(inspectImage(inside, LIMITS), inspectImage(bytes, LIMITS));
  }
});

Deno.test("inspectImage() tells 16 bits a channel", () => {
  assert.equal(imageOf(gradientPng(8, 8, { bitDepth: 16 })).bitDepth, 16);
});

Deno.test("inspectImage() reads the orientation of every format, in both byte orders", () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    for (const byteOrder of ["II", "MM"] as const) {
      const exif = exifBlock(orientation, byteOrder);
      const pictures = [
        rotatedJpeg(flatJpeg(40, 30), orientation, byteOrder),
        gradientPng(40, 30, { before: [pngChunk("eXIf", exif)] }),
        webpOf(vp8xChunk(40, 30, 0x08), vp8Chunk(40, 30), riffChunk("EXIF", exif)),
        webpOf(
          ...[vp8xChunk(40, 30, 0x08), vp8Chunk(40, 30)],
          riffChunk("EXIF", bytesOf("Exif\0\0", exif)),
        ),
      ];
      for (const bytes of pictures) {
        const image = imageOf(bytes);
        assert.equal(image.orientation, orientation, image.format);
        assert.deepEqual([image.width, image.height], [40, 30]);
        assert.deepEqual(
          [image.displayWidth, image.displayHeight],
          orientation < 5 ? [40, 30] : [30, 40],
        );
      }
    }
  }
});

Deno.test("inspectImage() takes an EXIF block that is broken as none", () => {
  const exif = exifBlock(6);
  const broken = [
    exif.subarray(0, 7),
    exif.subarray(0, 30),
    changed(exifBlock(6, "MM"), (copy) => copy[0] = 0x58),
    changed(exif, (copy) => copy[2] = 43),
    changed(exif, (copy) => copy.fill(0xff, 4, 8)),
    exifBlock(0),
    exifBlock(9),
    new Uint8Array(),
  ];
  for (const block of broken) {
    const jpeg = withJpegSegment(flatJpeg(40, 30), 0xe1, bytesOf("Exif\0\0", block));
    assert.equal(imageOf(jpeg).orientation, 1);
  }
});

Deno.test("inspectImage() heeds a WebP's EXIF only where its header announces it", () => {
  const bytes = webpOf(vp8xChunk(4, 3), vp8Chunk(4, 3), riffChunk("EXIF", exifBlock(6)));
  assert.equal(imageOf(bytes).orientation, 1);
});

Deno.test("inspectImage() takes the orientation of the picture, not of the preview in its EXIF", () => {
  const preview = rotatedJpeg(flatJpeg(8, 8), 3);
  const exif = bytesOf("Exif\0\0", exifBlock(6), preview);
  const image = imageOf(withJpegSegment(flatJpeg(40, 30), 0xe1, exif));
  assert.deepEqual([image.width, image.height, image.orientation], [40, 30, 6]);
});

Deno.test("inspectImage() takes the first EXIF block of a JPEG, behind other metadata", () => {
  const twice = rotatedJpeg(rotatedJpeg(flatJpeg(40, 30), 3), 6);
  const xmp = bytesOf("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>");
  assert.equal(imageOf(withJpegSegment(twice, 0xe1, xmp)).orientation, 6);
});

Deno.test("inspectImage() takes an orientation that is stored in four bytes", () => {
  const typeAt = 24;
  const exif = changed(exifBlock(6, "II"), (copy) => copy[typeAt] = 4);
  const png = gradientPng(40, 30, { before: [pngChunk("eXIf", exif)] });
  assert.equal(imageOf(png).orientation, 6);
});

Deno.test("inspectImage() lets pass what follows the end of a picture", async () => {
  for (const bytes of [gradientPng(9, 8), await gradientJpeg(9, 8), TINY_LOSSY_WEBP]) {
    const image = imageOf(bytesOf(bytes, "MotionPhoto_Data", isoMedia("mp42")));
    assert.equal(image.width, imageOf(bytes).width);
  }
});

Deno.test("inspectImage() passes over stray and fill bytes between a JPEG's segments", () => {
  const jpeg = flatJpeg(40, 30);
  const afterJfif = 20;
  const padded = bytesOf(
    jpeg.subarray(0, afterJfif),
    "\0stray\xff\0\xff\x01\xff\xd0\xff\xff\xff",
    jpeg.subarray(afterJfif),
  );
  assert.equal(imageOf(padded).width, 40);
});

Deno.test("inspectImage() takes restart markers and stuffed bytes as part of a scan", () => {
  const jpeg = flatJpeg(40, 30);
  const scan = bytesOf(jpeg.subarray(0, -2), "\xff\xd0\xff\x00\xff\xd7\x12", jpeg.subarray(-2));
  assert.equal(imageOf(scan).width, 40);
});

Deno.test("inspectImage() refuses no bytes as empty", () => {
  assert.deepEqual(problemOf(new Uint8Array()), { kind: "empty" });
});

Deno.test("inspectImage() refuses one byte more than maxBytes as too_large", () => {
  const bytes = gradientPng(9, 8);
  const maxBytes = bytes.length - 1;
  assert.deepEqual(problemOf(bytes, { ...LIMITS, maxBytes }), {
    kind: "too_large",
    bytes: bytes.length,
    maxBytes,
  });
  assert.ok(inspectImage(bytes, { ...LIMITS, maxBytes: bytes.length }).ok);
});

Deno.test("inspectImage() refuses a readable format that the limits leave out", async () => {
  const limits: ImageLimits = { ...LIMITS, allowedFormats: ["jpg"] };
  assert.deepEqual(problemOf(gradientPng(9, 8), limits), {
    kind: "format_not_allowed",
    format: "png",
    allowed: ["jpeg"],
  });
  assert.ok(inspectImage(await gradientJpeg(9, 8), limits).ok);
});

Deno.test("inspectImage() refuses a bomb by the size it declares, whatever follows", () => {
  const bomb = bombPng();
  assert.ok(bomb.length < 1_500_000, `${bomb.length}`);
  const expected = {
    kind: "too_many_pixels",
    width: 30_000,
    height: 30_000,
    maxPixels: 100_000_000,
  };
  assert.deepEqual(problemOf(bomb), expected);
  assert.deepEqual(problemOf(bomb.subarray(0, 33)), expected);
  assert.equal(imageOf(bomb, { ...LIMITS, maxPixels: 900_000_000 }).width, 30_000);
  assert.equal(problemOf(flatJpeg(40_000, 10_000).subarray(0, 200)).kind, "too_many_pixels");
  assert.equal(problemOf(webpOf(vp8xChunk(16_000_000, 200))).kind, "too_many_pixels");
  const lossless = webpOf(vp8lChunk(16_384, 16_384));
  assert.equal(problemOf(lossless).kind, "too_many_pixels");
  assert.equal(problemOf(lossless.slice(0, 26)).kind, "too_many_pixels");
});

Deno.test("inspectImage() refuses a side that is too long, and a strip", () => {
  const bytes = gradientPng(100, 4);
  assert.deepEqual(problemOf(bytes, { ...LIMITS, maxSide: 99 }), {
    kind: "side_too_long",
    width: 100,
    height: 4,
    maxSide: 99,
  });
  assert.ok(inspectImage(bytes, { ...LIMITS, maxSide: 100 }).ok);
  assert.deepEqual(problemOf(bytes, { ...LIMITS, maxRatio: 24 }), {
    kind: "ratio",
    width: 100,
    height: 4,
    maxRatio: 24,
  });
  assert.ok(inspectImage(bytes, { ...LIMITS, maxRatio: 25 }).ok);
});

Deno.test("inspectImage() refuses what moves as animated", () => {
  assert.deepEqual(problemOf(apng(9, 8)), { kind: "animated", format: "png" });
  assert.deepEqual(problemOf(animatedWebp(9, 8)), { kind: "animated", format: "webp" });
  assert.equal(imageOf(apng(9, 8, 1)).format, "png", "one frame does not move");
});

Deno.test("photoProblem() says why Telegram would refuse a photo", () => {
  const maxBytes = 10 * 1024 * 1024;
  assert.equal(photoProblem({ bytes: maxBytes, width: 5000, height: 5000 }), undefined);
  assert.equal(photoProblem({ bytes: 1, width: 2000, height: 100 }), undefined);
  assert.deepEqual(photoProblem({ bytes: maxBytes + 1, width: 100, height: 100 }), {
    kind: "too_large",
    bytes: maxBytes + 1,
    maxBytes,
  });
  assert.deepEqual(photoProblem({ bytes: 1, width: 5000, height: 5001 }), {
    kind: "sides_too_long",
    sum: 10_001,
    maxSum: 10_000,
  });
  assert.deepEqual(photoProblem({ bytes: 1, width: 100, height: 2100 }), {
    kind: "ratio",
    ratio: 21,
    maxRatio: 20,
  });
});

Deno.test("documentProblem() says why Telegram would refuse a document", () => {
  const maxBytes = 50 * 1024 * 1024;
  assert.equal(documentProblem({ bytes: maxBytes }), undefined);
  assert.deepEqual(documentProblem({ bytes: maxBytes + 1 }), {
    kind: "too_large",
    bytes: maxBytes + 1,
    maxBytes,
  });
});

Deno.test("the test pictures that are said to decode do", async () => {
  const pictures = [
    gradientPng(20, 15),
    await gradientJpeg(20, 15),
    flatJpeg(20, 15),
    apng(20, 15),
  ];
  for (const bytes of pictures) {
    const decoded = await Image.decode(bytes);
    assert.deepEqual([decoded.width, decoded.height], [20, 15]);
  }
});
