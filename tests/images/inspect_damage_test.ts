/**
 * What inspectImage() makes of pictures that are cut off, damaged, random or made to cost time.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  animatedWebp,
  apng,
  type Bytes,
  bytesOf,
  changed,
  exifBlock,
  flatJpeg,
  gradientJpeg,
  gradientPng,
  isoMedia,
  jpegSegment,
  pngChunk,
  pngHeader,
  pngOf,
  pngText,
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
import { type ImageInspection, inspectImage } from "../../src/images/inspect.ts";
import { withoutMetadata } from "../../src/images/result_file.ts";
import { imageOf, LIMITS, problemOf } from "./verdict.ts";

function assertDamaged(bytes: Uint8Array, detail: RegExp): void {
  const problem = problemOf(bytes);
  assert.ok(problem.kind === "damaged", `not damaged but ${JSON.stringify(problem)}`);
  assert.match(problem.detail, detail);
}

Deno.test("inspectImage() takes a PNG or JPEG from its first pixels on, and refuses it before as truncated", async () => {
  const jpeg = rotatedJpeg(await gradientJpeg(20, 15), 6);
  const scan = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xda);
  const png = gradientPng(20, 15, { after: [pngText("prompt", "{}")] });
  const pictures: [string, Bytes, number][] = [
    // Signature, IHDR, and the head of IDAT.
    ["png", png, 8 + 25 + 8],
    ["jpeg", jpeg, scan + 2 + 12],
  ];
  for (const [format, bytes, headBytes] of pictures) {
    for (let length = 12; length <= headBytes; length++) {
      assert.deepEqual(
        problemOf(bytes.slice(0, length)),
        { kind: "truncated", format },
        `${format}, ${length} of ${bytes.length} bytes`,
      );
    }
    for (let length = headBytes + 1; length < bytes.length; length++) {
      const { width, height } = imageOf(bytes.slice(0, length));
      assert.deepEqual([width, height], [20, 15]);
    }
  }
  assert.deepEqual(problemOf(png.subarray(0, 5)), { kind: "truncated", format: "png" });
});

Deno.test("inspectImage() refuses every WebP that ends early as truncated", () => {
  for (
    const bytes of [
      TINY_LOSSY_WEBP,
      TINY_LOSSLESS_WEBP,
      webpOf(vp8xChunk(9, 8, 0x08), vp8Chunk(9, 8), riffChunk("EXIF", exifBlock(6))),
      webpOf(vp8xChunk(9, 8), vp8lChunk(9, 8)),
    ]
  ) {
    for (let length = 12; length < bytes.length; length++) {
      assert.deepEqual(problemOf(bytes.slice(0, length)), { kind: "truncated", format: "webp" });
    }
  }
});

Deno.test("inspectImage() takes what ComfyUI's loader takes", async () => {
  const jpeg = await gradientJpeg(64, 48);
  const png = gradientPng(64, 48);
  const [head, pixels, end] = [png.slice(0, 33), png.slice(33, -12), png.slice(-12)];
  const broken = (chunk: Bytes) => changed(chunk, (copy) => copy[copy.length - 1]! ^= 1);
  const inScan = (code: number) =>
    changed(jpeg, (copy) => copy.set([0xff, code], copy.length - 60));
  const taken: Record<string, Bytes> = {
    "a camera's JPEG without its end": Deno.readFileSync(
      new URL("../recordings/noeoi.jpg", import.meta.url),
    ),
    "a JPEG with a picture behind it": bytesOf(jpeg, jpeg),
    "a JPEG with a marker that is none in its scan": inScan(0x02),
    "a JPEG with a start in its scan": inScan(0xd8),
    "a JPEG with a comment that is shorter than its length": bytesOf(
      jpeg.slice(0, 2),
      "\xff\xfe\0\x01",
      jpeg.slice(2),
    ),
    "a JPEG with an EXIF block that points nowhere": withJpegSegment(
      jpeg,
      0xe1,
      bytesOf("Exif\0\0II*\0\xff\xff\xff\xff"),
    ),
    "a PNG with a damaged text": bytesOf(head, broken(pngText("a", "b")), pixels, end),
    "a PNG with damaged pixels": bytesOf(head, broken(pixels), end),
    "a PNG with a damaged end": bytesOf(head, pixels, broken(end)),
    "a PNG with a foreign chunk": bytesOf(head, pngChunk("ABCD", bytesOf("x")), pixels, end),
    "a PNG with rubbish behind its pixels": bytesOf(head, pixels, "rubbish, and more of it"),
  };
  for (const [name, bytes] of Object.entries(taken)) {
    const inspected = inspectImage(bytes, LIMITS);
    assert.ok(inspected.ok, `${name}: ${JSON.stringify(inspected)}`);
  }
});

Deno.test("inspectImage() says what is wrong with a damaged PNG", () => {
  const header = pngHeader(4, 4);
  const end = pngChunk("IEND");
  const data = pngChunk("IDAT", bytesOf("pixels"));
  const other = pngChunk("gAMA", bytesOf("\0\0\0\x01"));
  assertDamaged(changed(gradientPng(4, 4), (copy) => copy[4] = 0x0a), /signature is mangled/);
  assertDamaged(pngOf(pngChunk("CgBI", new Uint8Array(13)), header, data, end), /no IHDR/);
  assertDamaged(changed(gradientPng(4, 4), (copy) => copy[19]! ^= 1), /CRC of IHDR/);
  assertDamaged(pngOf(pngHeader(0, 4), data, end), /0x4/);
  assertDamaged(pngOf(pngHeader(4, 2 ** 31), data, end), /4x2147483648/);
  assertDamaged(pngOf(pngHeader(4, 4, { bitDepth: 4 }), data, end), /colour type 2 .* 4 bits/);
  assertDamaged(pngOf(pngHeader(4, 4, { colourType: 5 }), data, end), /colour type 5/);
  assertDamaged(
    pngOf(pngChunk("IHDR", bytesOf("\0\0\0\x04\0\0\0\x04\x08\x02\x00\x00\x02")), data, end),
    /interlace 2/,
  );
  assertDamaged(pngOf(header, header, data, end), /second IHDR/);
  assertDamaged(pngOf(header, pngChunk("ID T", bytesOf("pixels")), end), /no chunk begins at byte/);
  assertDamaged(pngOf(header, end), /no pixel data/);
  assertDamaged(pngOf(header, pngChunk("IDAT"), end), /no pixel data/);
  assertDamaged(pngOf(pngHeader(4, 4, { colourType: 3 }), data, end), /palette/);
  const torn = changed(pngChunk("PLTE", bytesOf("\0\0\0")), (copy) => copy[9] = 1);
  assertDamaged(pngOf(pngHeader(4, 4, { colourType: 3 }), torn, data, end), /CRC of PLTE/);
  assertDamaged(pngOf(header, bytesOf("\x80\0\0\0IDAT\0\0\0\0")), /no chunk begins at byte/);
  const palette = pngChunk("PLTE", bytesOf("\0\0\0"));
  const whole = [
    pngOf(header, other, data, data, end),
    pngOf(pngHeader(4, 4, { colourType: 3 }), palette, data, end),
  ];
  for (const bytes of whole) assert.ok(inspectImage(bytes, LIMITS).ok);
});

Deno.test("inspectImage() says what is wrong with a damaged JPEG", () => {
  const jpeg = flatJpeg(16, 16);
  const frameAt = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0);
  const frame = jpeg.subarray(frameAt, frameAt + 19);
  assertDamaged(bytesOf("\xff\xd8\xff\xd9"), /no scan/);
  assertDamaged(bytesOf(jpeg.subarray(0, frameAt + 19), "\xff\xd9"), /no scan/);
  assertDamaged(
    bytesOf(jpeg.subarray(0, frameAt), jpeg.subarray(frameAt + 19)),
    /before the frame/,
  );
  assertDamaged(bytesOf(jpeg.subarray(0, frameAt), frame, jpeg.subarray(frameAt)), /second frame/);
  assertDamaged(bytesOf("\xff\xd8", jpeg), /second SOI/);
  assertDamaged(flatJpeg(16, 16, { process: 0xc3 }), /SOF3/);
  assertDamaged(flatJpeg(16, 16, { precision: 12 }), /12 bits/);
  assertDamaged(flatJpeg(16, 16, { components: 2 }), /2 components/);
  assertDamaged(flatJpeg(16, 0), /16x0/);
  assertDamaged(bytesOf("\xff\xd8", jpegSegment(0xc0, bytesOf("\x08"))), /too short/);
  assertDamaged(changed(jpeg, (copy) => copy[frameAt + 9] = 1), /length is wrong/);
});

Deno.test("inspectImage() says what is wrong with a damaged WebP", () => {
  const extended = vp8xChunk(9, 8);
  assertDamaged(webpOf(riffChunk("ALPH", new Uint8Array(12))), /neither VP8/);
  assertDamaged(webpOf(riffChunk("VP8 ", new Uint8Array(4))), /too short/);
  assertDamaged(webpOf(riffChunk("VP8 ", new Uint8Array(12))), /VP8 signature/);
  assertDamaged(webpOf(riffChunk("VP8L", new Uint8Array(12))), /VP8L signature/);
  assertDamaged(changed(TINY_LOSSY_WEBP, (copy) => copy[20]! |= 1), /VP8 signature/);
  assertDamaged(changed(TINY_LOSSLESS_WEBP, (copy) => copy[24]! |= 0x20), /VP8L signature/);
  assertDamaged(webpOf(vp8Chunk(0, 9)), /0x9/);
  assertDamaged(changed(TINY_LOSSY_WEBP, (copy) => copy[16] = 0x60), /longer than the file/);
  assertDamaged(webpOf(extended), /no picture/);
  assertDamaged(webpOf(extended, vp8Chunk(9, 9)), /9x9, its canvas 9x8/);
  assertDamaged(webpOf(extended, vp8lChunk(8, 8)), /8x8, its canvas 9x8/);
  assertDamaged(webpOf(extended, riffChunk("VP8L", new Uint8Array(2))), /too short/);
  assertDamaged(
    changed(webpOf(extended, vp8Chunk(9, 8)), (copy) => copy[34] = 0xff),
    /chunk at byte 30 is longer/,
  );
});

Deno.test("inspectImage() gives a picture or a problem for any bytes", () => {
  const starts = [
    "",
    "\x89PNG\r\n\x1a\n",
    "\xff\xd8\xff",
    "RIFF\0\0\0\0WEBP",
    "\0\0\0\x18ftyp",
    "BM",
    "<",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...starts),
      fc.uint8Array({ maxLength: 400 }),
      (start, rest) => assertInspected(inspectImage(bytesOf(start, rest), LIMITS)),
    ),
    { numRuns: 2000 },
  );
});

Deno.test("inspectImage() gives a picture or a problem for a picture with any change and any end", async () => {
  const pictures = [
    gradientPng(12, 9, { before: [pngChunk("eXIf", exifBlock(6, "MM"))] }),
    apng(4, 4),
    rotatedJpeg(await gradientJpeg(12, 9), 6),
    flatJpeg(12, 9, { components: 4, process: 0xc2 }),
    TINY_LOSSY_WEBP,
    TINY_LOSSLESS_WEBP,
    webpOf(vp8xChunk(9, 8, 0x08), vp8Chunk(9, 8), riffChunk("EXIF", exifBlock(6))),
    animatedWebp(9, 8),
    isoMedia("heic", "mif1"),
  ];
  const edits = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...pictures),
      edits,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (picture, changes, end) => {
        const bytes = changed(picture, (copy) => {
          for (const [place, value] of changes) {
            copy[Math.floor(place * (copy.length - 1))] = value;
          }
        });
        assertInspected(inspectImage(bytes, LIMITS));
        assertInspected(inspectImage(bytes.slice(0, Math.floor(end * bytes.length)), LIMITS));
      },
    ),
    { numRuns: 2000 },
  );
});

/** What every inspection must hold, whatever came in. */
function assertInspected(inspection: ImageInspection): void {
  if (!inspection.ok) return assert.equal(typeof inspection.problem.kind, "string");
  const { width, height, displayWidth, displayHeight, orientation } = inspection.image;
  assert.ok(width >= 1 && height >= 1 && width * height <= 100_000_000, `${width}x${height}`);
  assert.ok(orientation >= 1 && orientation <= 8, `${orientation}`);
  assert.equal(displayWidth * displayHeight, width * height);
}

Deno.test("inspectImage() takes time linear in a file made to cost it", () => {
  const size = 8_000_000;
  const repeated = (unit: Uint8Array) => {
    const bytes = new Uint8Array(size - (size % unit.length));
    for (let at = 0; at < bytes.length; at += unit.length) bytes.set(unit, at);
    return bytes;
  };
  const jpegHead = flatJpeg(16, 16).subarray(0, -2);
  const hostile = [
    pngOf(pngHeader(4, 4), repeated(pngChunk("tEXt"))),
    bytesOf("\xff\xd8", repeated(jpegSegment(0xe1, new Uint8Array()))),
    bytesOf("\xff\xd8\xff", repeated(bytesOf(0xff))),
    bytesOf(jpegHead, repeated(bytesOf("\xff\x00"))),
    bytesOf(jpegHead, repeated(jpegSegment(0xda, new Uint8Array()))),
    webpOf(vp8xChunk(9, 8, 0x08), repeated(riffChunk("EXIF", new Uint8Array()))),
    bytesOf("<", repeated(bytesOf("<svg"))),
  ];
  for (const [index, bytes] of hostile.entries()) {
    const before = performance.now();
    inspectImage(bytes, LIMITS);
    withoutMetadata(bytes);
    const elapsedMs = performance.now() - before;
    assert.ok(elapsedMs < 10_000, `file ${index} took ${elapsedMs} ms`);
  }
});
