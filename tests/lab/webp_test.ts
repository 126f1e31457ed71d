/** The size of a WebP in each of its three forms, and of what is none. */
import assert from "node:assert/strict";
import { animatedWebp, flatWebp, gradientPng, vp8lChunk, webpOf } from "../../lab/pictures.ts";
import { webpSize } from "../../lab/webp.ts";

Deno.test("webpSize() reads a lossy, a lossless and an extended WebP", async () => {
  for (const [width, height] of [[1, 1], [640, 3], [4_097, 16_383]] as const) {
    const size = { width, height };
    assert.deepEqual(webpSize(webpOf(vp8lChunk(width, height))), size, "VP8L");
    assert.deepEqual(webpSize(animatedWebp(width, height)), size, "VP8X");
  }
  assert.deepEqual(webpSize(await flatWebp(300, 7)), { width: 300, height: 7 }, "VP8");
});

Deno.test("webpSize() is undefined when the bytes are no WebP", async () => {
  const whole = await flatWebp(8, 8);
  for (const bytes of [new Uint8Array(), whole.subarray(0, 29), await gradientPng(8, 8)]) {
    assert.equal(webpSize(bytes), undefined);
  }
});
