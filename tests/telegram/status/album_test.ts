/** What goes into which album: Telegram's rules of sendMediaGroup. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { type AlbumFile, partsOf } from "../../../src/telegram/status/album.ts";

const megabyte = 1024 * 1024;

function files(form: AlbumFile["form"], count: number, size = 1_000): AlbumFile[] {
  return Array.from({ length: count }, (_, i) => ({ file: `${form}_${i}`, form, size }));
}

const shapeOf = (all: readonly AlbumFile[]) =>
  partsOf(all).map(({ form, files, start }) => [form, files.length, start]);

Deno.test("partsOf() puts at most ten into an album, photos and files apart", () => {
  assert.deepEqual(shapeOf(files("photo", 2)), [["photo", 2, 0]]);
  assert.deepEqual(shapeOf(files("photo", 10)), [["photo", 10, 0]]);
  assert.deepEqual(shapeOf(files("photo", 21)), [
    ["photo", 10, 0],
    ["photo", 10, 10],
    ["photo", 1, 20],
  ]);
  const mixed = [...files("file", 2), ...files("photo", 3), ...files("file", 9)];
  assert.deepEqual(shapeOf(mixed), [["photo", 3, 0], ["file", 10, 3], ["file", 1, 13]]);
});

Deno.test("partsOf() puts no more into a call than Telegram takes at a time", () => {
  assert.deepEqual(shapeOf(files("file", 3, 20 * megabyte)), [["file", 2, 0], ["file", 1, 2]]);
  assert.deepEqual(shapeOf(files("file", 2, 49 * megabyte)), [["file", 1, 0], ["file", 1, 1]]);
});

Deno.test("partsOf() leaves nothing out and names nothing twice", () => {
  const anyFile = fc.record({
    form: fc.constantFrom("photo" as const, "file" as const),
    size: fc.nat(50 * megabyte),
  });
  fc.assert(fc.property(fc.array(anyFile, { maxLength: 60 }), (made) => {
    const all = made.map((each, i) => ({ ...each, file: String(i) }));
    const parts = partsOf(all);
    const names = parts.flatMap(({ files }) => files.map(({ file }) => file));
    assert.deepEqual(names.toSorted(), all.map(({ file }) => file).toSorted());
    let start = 0;
    for (const part of parts) {
      assert.equal(part.start, start);
      assert.ok(part.files.length <= 10);
      assert.ok(part.files.every(({ form }) => form === part.form));
      start += part.files.length;
    }
  }));
});
