/**
 * What stripPng() leaves out, and that it leaves the picture alone.
 */
import fc from "fast-check";
import { Image } from "imagescript";
import assert from "node:assert/strict";
import {
  bytesOf,
  exifBlock,
  gradientJpeg,
  gradientPng,
  pngChunk,
  pngText,
} from "../../lab/pictures.ts";
import { inspectImage } from "../../src/images/inspect.ts";
import { stripPng } from "../../src/images/png.ts";
import { imageOf, LIMITS } from "./verdict.ts";

Deno.test("stripPng() leaves out the graph and keeps the pixels", async () => {
  const graph = pngText("prompt", '{"3":{"inputs":{"text":"my secret words"}}}');
  const bare = gradientPng(20, 15, { before: [pngChunk("gAMA", bytesOf("\0\0\xb1\x8f"))] });
  const written = gradientPng(20, 15, {
    before: [
      graph,
      pngChunk("gAMA", bytesOf("\0\0\xb1\x8f")),
      pngChunk("iTXt", bytesOf("workflow\0\0\0\0\0secret")),
      pngChunk("eXIf", exifBlock(1)),
    ],
    after: [pngChunk("zTXt", bytesOf("parameters\0\0secret")), pngChunk("comf", bytesOf("secret"))],
  });
  const stripped = stripPng(written);
  assert.deepEqual(stripped, bare);
  assert.equal(imageOf(stripped).width, 20);
  assert.deepEqual(stripPng(bytesOf(written, graph)), bare, "behind the end too");
  const before = await Image.decode(written);
  const after = await Image.decode(stripped);
  assert.deepEqual(after.bitmap, before.bitmap);
});

Deno.test("stripPng() gives back the same bytes where there is nothing to leave out", async () => {
  const broken = gradientPng(9, 8, { before: [pngText("prompt", "{}")] }).slice(0, 50);
  for (const bytes of [gradientPng(9, 8), await gradientJpeg(9, 8), new Uint8Array(), broken]) {
    assert.equal(stripPng(bytes), bytes);
  }
});

Deno.test("stripPng() of any PNG has no text left, is whole, and is its own result", () => {
  const names = ["tEXt", "zTXt", "iTXt", "eXIf", "comf", "gAMA", "tIME", "pHYs"];
  const chunk = fc.tuple(fc.constantFrom(...names), fc.uint8Array({ maxLength: 20 }));
  const chunks = fc.array(chunk.map(([name, data]) => ({ name, bytes: pngChunk(name, data) })), {
    maxLength: 8,
  });
  fc.assert(fc.property(chunks, chunks, fc.uint8Array({ maxLength: 30 }), (before, after, junk) => {
    const isKept = ({ name }: { name: string }) => ["gAMA", "tIME", "pHYs"].includes(name);
    const pngWith = (first: typeof before, last: typeof after) =>
      bytesOf(
        gradientPng(3, 2, {
          before: first.map(({ bytes }) => bytes),
          after: last.map(({ bytes }) => bytes),
        }),
        junk,
      );
    const stripped = stripPng(pngWith(before, after));
    assert.deepEqual(stripped, pngWith(before.filter(isKept), after.filter(isKept)));
    assert.equal(stripPng(stripped), stripped);
    assert.ok(inspectImage(stripped, LIMITS).ok);
  }));
});
