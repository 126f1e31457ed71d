/**
 * Results of every kind: what their files are called, and that no words stay in them.
 *
 * Drives besides: src/images/gif.ts, src/images/parts.ts, src/images/matroska.ts, src/images/mp4.ts.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import { u32le } from "../../lab/bytes.ts";
import {
  animatedGif,
  animatedWebp,
  apng,
  type Bytes,
  bytesOf,
  changed,
  exifBlock,
  flatJpeg,
  gradientJpeg,
  gradientPng,
  jpegSegment,
  pngText,
  riffChunk,
  TINY_LOSSLESS_WEBP,
  TINY_LOSSY_WEBP,
  u32be,
  vp8Chunk,
  vp8xChunk,
  webpOf,
  withJpegSegment,
} from "../../lab/pictures.ts";
import { inspectImage } from "../../src/images/inspect.ts";
import { extensionOf, stillOf, withoutMetadata } from "../../src/images/result_file.ts";
import { LIMITS } from "./verdict.ts";

const words = '{"6": {"inputs": {"text": "a secret wish"}}}';

/** An ISO media box. */
function box(name: string, ...content: readonly (Uint8Array | string)[]): Bytes {
  const data = bytesOf(...content);
  return bytesOf(u32be(8 + data.length), name, data);
}

/** An EBML element with a size of eight bytes. */
function element(id: readonly number[], ...content: readonly (Uint8Array | string)[]): Bytes {
  const data = bytesOf(...content);
  return bytesOf(...id, 0x01, 0, 0, 0, u32be(data.length), data);
}

const frames = "frames of a film";
const ftyp = box("ftyp", "isom\0\0\0\0isommp41");
const mvhd = box("mvhd", new Uint8Array(100));
const tagged = box("udta", box("meta", "\0\0\0\0", box("keys", "prompt"), box("ilst", words)));
const ebml = element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], "webm"));
const segment = [0x18, 0x53, 0x80, 0x67];
const info = element([0x15, 0x49, 0xa9, 0x66], element([0x7b, 0xa9], words));
const tags = element([0x12, 0x54, 0xc3, 0x67], element([0x73, 0x73], words));
const cluster = element([0x1f, 0x43, 0xb6, 0x75], frames);
/** As a stream has it: its size is not known. */
const openCluster = bytesOf(
  ...[0x1f, 0x43, 0xb6, 0x75, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  element([0xa3], frames),
);

const jpeg = await gradientJpeg(32, 32);
const xmp = bytesOf("http://ns.adobe.com/xap/1.0/\0", words);
const gif = animatedGif();
const gifHead = 13 + ((gif[10]! & 0x80) === 0 ? 0 : 3 * 2 ** ((gif[10]! & 7) + 1));
const inGif = (...blocks: readonly (Uint8Array | string | number)[]) =>
  bytesOf(gif.slice(0, gifHead), ...blocks, gif.slice(gifHead));

/** Results with words in them, by the ending of their file. */
const results: readonly (readonly [string, string, Bytes])[] = [
  ["png", "tEXt", gradientPng(8, 8, { before: [pngText("prompt", words)] })],
  ["png", "tEXt behind the pixels", gradientPng(8, 8, { after: [pngText("workflow", words)] })],
  ["png", "16 bits", gradientPng(8, 8, { bitDepth: 16, before: [pngText("prompt", words)] })],
  ["png", "an animation", changed(apng(8, 8, 3), () => {})],
  ["jpg", "EXIF", withJpegSegment(jpeg, 0xe1, bytesOf("Exif\0\0", exifBlock(1), words))],
  ["jpg", "XMP", withJpegSegment(jpeg, 0xe1, xmp)],
  ["jpg", "a comment", withJpegSegment(jpeg, 0xfe, bytesOf(words))],
  ["jpg", "IPTC", withJpegSegment(jpeg, 0xed, bytesOf("Photoshop 3.0\0", words))],
  ["jpg", "behind its end", bytesOf(jpeg, words)],
  ["jpg", "CMYK", withJpegSegment(flatJpeg(16, 16, { components: 4 }), 0xfe, bytesOf(words))],
  [
    "webp",
    "EXIF of the recording",
    Deno.readFileSync(new URL("../recordings/words_in_exif.webp", import.meta.url)),
  ],
  [
    "webp",
    "EXIF and XMP",
    webpOf(
      vp8xChunk(9, 8, 0x0c),
      vp8Chunk(9, 8),
      riffChunk("EXIF", bytesOf(words)),
      riffChunk("XMP ", xmp),
    ),
  ],
  [
    "webp",
    "a chunk of no format",
    webpOf(TINY_LOSSY_WEBP.slice(12), riffChunk("wrds", bytesOf(words))),
  ],
  ["webp", "behind its end", bytesOf(TINY_LOSSLESS_WEBP, words)],
  ["webp", "an animation", bytesOf(animatedWebp(9, 8), words)],
  ["gif", "a comment", inGif(0x21, 0xfe, words.length, words, 0)],
  ["gif", "XMP", inGif(0x21, 0xff, 11, "XMP DataXMP", words.length, words, 0)],
  ["gif", "behind its end", bytesOf(gif, words)],
  ["mp4", "tags before the frames", bytesOf(ftyp, box("moov", mvhd, tagged), box("mdat", frames))],
  [
    "mp4",
    "tags of a track",
    bytesOf(ftyp, box("mdat", frames), box("moov", mvhd, box("trak", tagged))),
  ],
  ["mp4", "XMP in a box of its own", bytesOf(ftyp, box("uuid", words), box("mdat", frames))],
  ["webm", "a title", bytesOf(ebml, element(segment, info, cluster))],
  ["webm", "tags at the end", bytesOf(ebml, element(segment, cluster, tags))],
  [
    "webm",
    "tags behind a stream",
    bytesOf(ebml, ...segment, 0x01, ...Array(7).fill(0xff), openCluster, tags),
  ],
];

for (const [extension, what, bytes] of results) {
  Deno.test(`withoutMetadata() leaves no words in ${extension}: ${what}`, () => {
    assert.equal(extensionOf(bytes), extension);
    const bare = withoutMetadata(bytes);
    const text = new TextDecoder("latin1").decode(bare);
    assert.ok(!text.includes("secret wish"), text.slice(0, 200));
    assert.equal(extensionOf(bare), extension);
    assert.equal(withoutMetadata(bare).length, bare.length, "there is no more to leave out");
    assert.equal(text.includes(frames), new TextDecoder("latin1").decode(bytes).includes(frames));
    const before = inspectImage(bytes, LIMITS);
    const after = inspectImage(bare, LIMITS);
    assert.equal(after.ok, before.ok);
    if (before.ok && after.ok) {
      const { width, height, bitDepth } = after.image;
      assert.deepEqual(
        [width, height, bitDepth],
        [before.image.width, before.image.height, before.image.bitDepth],
      );
    }
    if (["mp4", "webm"].includes(extension)) {
      assert.equal(bare.length, bytes.length, "nothing moves");
    }
  });
}

Deno.test("withoutMetadata() keeps what tells colours, and gives back what has no words", () => {
  const profile = jpegSegment(0xe2, bytesOf("ICC_PROFILE\0", 1, 1, "profile"));
  const coloured = bytesOf(jpeg.slice(0, 2), profile, jpeg.slice(2));
  assert.deepEqual(withoutMetadata(coloured), coloured);
  const cmyk = flatJpeg(16, 16, { components: 4 });
  assert.deepEqual(withoutMetadata(cmyk), cmyk, "Adobe's marker");
  for (const bytes of [gradientPng(8, 8), TINY_LOSSY_WEBP, animatedWebp(9, 8), gif]) {
    assert.equal(withoutMetadata(bytes), bytes);
  }
  for (const bytes of [bytesOf("something else"), bytesOf("fLaC", words), new Uint8Array()]) {
    assert.equal(withoutMetadata(bytes), bytes);
  }
});

Deno.test("withoutMetadata() of damaged files gives some, in time", () => {
  const starts = results.map(([, , bytes]) => bytes);
  fc.assert(
    fc.property(
      fc.constantFrom(...starts),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat({ max: 255 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (bytes, place, value, end) => {
        const damaged = changed(bytes, (copy) => {
          copy[Math.floor(place * (copy.length - 1))] = value;
        });
        withoutMetadata(damaged);
        assert.ok(withoutMetadata(damaged.slice(0, end * damaged.length)).length <= damaged.length);
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("withoutMetadata() of a WebP of which nothing is to stay gives its head", () => {
  const words = bytesOf("EXIF", u32le(12), "secret wish!");
  for (const size of [0, 4, 24, 4_000_000_000]) {
    const bare = withoutMetadata(bytesOf("RIFF", u32le(size), "WEBP", words));
    assert.ok(bare.length <= 12, `${bare.length} bytes`);
  }
});

Deno.test("extensionOf() tells files by their bytes", () => {
  const ends = {
    png: gradientPng(1, 1),
    jpg: jpeg,
    avif: bytesOf(u32be(16), "ftypavif\0\0\0\0"),
    mkv: element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], "matroska")),
    flac: bytesOf("fLaC"),
    mp3: bytesOf("ID3\x04"),
    ogg: bytesOf("OggS"),
    wav: bytesOf("RIFF\0\0\0\0WAVE"),
    avi: bytesOf("RIFF\0\0\0\0AVI "),
    svg: bytesOf("<svg xmlns='x'/>"),
    bin: bytesOf("\0\0\0"),
  };
  for (const [extension, bytes] of Object.entries(ends)) {
    assert.equal(extensionOf(bytes), extension);
  }
});

Deno.test("stillOf() knows pictures that do not move", () => {
  assert.equal(stillOf(gradientPng(8, 8))?.hasAlpha, false);
  assert.equal(stillOf(TINY_LOSSLESS_WEBP)?.format, "webp");
  assert.equal(stillOf(webpOf(vp8xChunk(9, 8, 0x10), vp8Chunk(9, 8)))?.hasAlpha, true);
  for (const bytes of [apng(8, 8), animatedWebp(9, 8), gif, ftyp, ebml, bytesOf("text")]) {
    assert.equal(stillOf(bytes), undefined);
  }
});
