/**
 * What a HEIC or AVIF says of itself, without being decoded. The fixtures are drawn: 96 × 64 blue pixels with a red corner.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import { bytesOf, u32be } from "../../lab/bytes.ts";
import { inspectImage } from "../../src/images/inspect.ts";
import { imageOf, LIMITS, problemOf } from "./verdict.ts";

const limits = { ...LIMITS, allowedFormats: ["heic", "avif"] } as const;
const fixture = (name: string) =>
  Deno.readFileSync(new URL(`../fixtures/pictures/${name}`, import.meta.url));

Deno.test("inspectImage() reads size, depth and alpha of the primary picture of a HEIC or AVIF", () => {
  const seen = (name: string) => {
    const { format, width, height, bitDepth, hasAlpha } = imageOf(fixture(name), limits);
    return [format, width, height, bitDepth, hasAlpha];
  };
  assert.deepEqual(seen("corner.heic"), ["heic", 96, 64, 8, false]);
  assert.deepEqual(seen("grid.heic"), ["heic", 112, 80, 8, false]);
  assert.deepEqual(seen("ten_bits.heic"), ["heic", 96, 64, 10, false]);
  assert.deepEqual(seen("ten_bits.avif"), ["avif", 96, 64, 10, false]);
  assert.deepEqual(seen("alpha.heic"), ["heic", 96, 64, 8, true]);
  assert.deepEqual(seen("alpha.avif"), ["avif", 96, 64, 8, true]);
  // The first one is a square.
  assert.deepEqual(seen("second_is_primary.heic"), ["heic", 96, 64, 8, false]);
});

Deno.test("inspectImage() reads how a HEIC or AVIF is turned and mirrored", () => {
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const image = imageOf(fixture(`turned_${orientation}.avif`), limits);
    assert.equal(image.orientation, orientation);
    const sides = orientation < 5 ? [96, 64] : [64, 96];
    assert.deepEqual([image.displayWidth, image.displayHeight], sides);
  }
  for (const orientation of [3, 5, 6]) {
    assert.equal(imageOf(fixture(`turned_${orientation}.heic`), limits).orientation, orientation);
  }
});

Deno.test("inspectImage() refuses a HEIC or AVIF that moves, is cut off, says nothing or has too many pixels", () => {
  assert.deepEqual(problemOf(fixture("animated.avif"), limits).kind, "animated");
  for (const name of ["corner.heic", "grid.heic", "turned_1.avif"]) {
    const whole = fixture(name);
    for (const part of [0.5, 0.9, 0.99]) {
      const kind = problemOf(whole.subarray(0, whole.length * part), limits).kind;
      assert.equal(kind, "truncated", `${name} ${part}`);
    }
    const huge = whole.slice();
    huge.set(bytesOf(u32be(30_000), u32be(30_000)), sizeAt(huge));
    const refused = problemOf(huge, limits);
    assert.equal(refused.kind, "too_many_pixels");
    const empty = whole.slice();
    empty.fill(0, sizeAt(empty), sizeAt(empty) + 8);
    assert.equal(problemOf(empty, limits).kind, "damaged");
  }
  const brand = bytesOf(u32be(16), "ftypheic", u32be(0));
  assert.equal(problemOf(brand, limits).kind, "damaged");
  const box = bytesOf(u32be(8), "free");
  const many = bytesOf(brand, ...Array.from({ length: 10_001 }, () => box));
  assert.equal(problemOf(many, limits).kind, "damaged");
});

Deno.test("inspectImage() gives a picture or a problem for a HEIC or AVIF with any change", () => {
  const pictures = ["corner.heic", "grid.heic", "alpha.heic", "turned_5.avif", "alpha.avif"]
    .map(fixture);
  const edits = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.constantFrom(...pictures), edits, (picture, changes) => {
      const bytes = picture.slice();
      for (const [place, value] of changes) {
        bytes[Math.floor(place * (bytes.length - 1))] = value;
      }
      const inspected = inspectImage(bytes, limits);
      if (inspected.ok) assert.ok(inspected.image.width * inspected.image.height <= 50_000_000);
    }),
    { numRuns: 2_000 },
  );
});

/** Where the width and height of the first picture's `ispe` stand. */
function sizeAt(bytes: Uint8Array): number {
  return new TextDecoder("latin1").decode(bytes).indexOf("ispe") + 8;
}
