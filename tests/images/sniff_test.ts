/**
 * What inspectImage() makes of files by their first bytes.
 */
import assert from "node:assert/strict";
import {
  animatedGif,
  bmp,
  type Bytes,
  bytesOf,
  HTML,
  isoMedia,
  PDF,
  SVG,
  ZIP,
} from "../../lab/pictures.ts";
import { problemOf } from "./verdict.ts";

Deno.test("inspectImage() says what came in place of a picture", () => {
  const cases: [Bytes, string | undefined][] = [
    [SVG, "svg"],
    [bytesOf("\xef\xbb\xbf  ", SVG), "svg"],
    [HTML, "html"],
    [PDF, "pdf"],
    [ZIP, "zip"],
    [isoMedia("mp42", "isom"), "video"],
    [bytesOf("\x1a\x45\xdf\xa3\x01webm"), "video"],
    [bytesOf("RIFF\x20\0\0\0AVI LIST"), "video"],
    [bytesOf("RIFF\x20\0\0\0WAVEfmt "), "audio"],
    [isoMedia("M4A ", "isom"), "audio"],
    [bytesOf("OggS\0\x02"), "audio"],
    [bytesOf("BM is how this note begins, and it is none"), undefined],
    [bytesOf("How to write <html> and <svg>"), undefined],
    [bytesOf("<note>no page</note>"), undefined],
    [bytesOf('{"ok":false}'), undefined],
    [bytesOf(0), undefined],
  ];
  for (const [bytes, looksLike] of cases) {
    const expected = looksLike === undefined
      ? { kind: "not_an_image" }
      : { kind: "not_an_image", looksLike };
    assert.deepEqual(problemOf(bytes), expected);
  }
});

Deno.test("inspectImage() names a picture of a format that is not taken", () => {
  const cases: [Bytes, string][] = [
    [animatedGif(), "gif"],
    [bmp(), "bmp"],
    [bytesOf("II*\0\x08\0\0\0"), "tiff"],
    [bytesOf("MM\0*\0\0\0\x08"), "tiff"],
    [isoMedia("heic", "mif1", "heic"), "heic"],
    [isoMedia("mif1", "mif1", "avif"), "avif"],
    [isoMedia("avif", "mif1", "miaf"), "avif"],
    [bytesOf("\xff\x0a\x01\x02"), "jxl"],
    [bytesOf("8BPS\0\x01"), "psd"],
    [bytesOf("\0\0\x01\0\x01\0"), "ico"],
  ];
  for (const [bytes, format] of cases) {
    assert.deepEqual(problemOf(bytes), {
      kind: "format_not_allowed",
      format,
      allowed: ["jpeg", "png", "webp"],
    });
  }
});
