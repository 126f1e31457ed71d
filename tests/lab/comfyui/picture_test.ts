/**
 * What the simulator does to pictures: the visible change, names and texts of saved files, orientation.
 */
import fc from "fast-check";
import { deepEqual, equal, match, notDeepEqual, ok } from "node:assert/strict";
import {
  type Bitmap,
  blank,
  decode,
  encodeJpeg,
  encodePng,
  turn,
} from "../../../lab/comfyui/nodes/bitmap.ts";
import { changePicture } from "../../../lab/comfyui/nodes/visible_change.ts";
import { withMark } from "../../../lab/comfyui/nodes/file_text.ts";
import { Body, Client, graphOf, pictureBytes, start, upload } from "./client.ts";

const seed = "success_qwen_template_with_previews";

function plain(width: number, height: number, rgb: readonly [number, number, number]): Bitmap {
  const bitmap = blank(width, height);
  for (let at = 0; at < bitmap.rgba.length; at += 4) bitmap.rgba.set([...rgb, 255], at);
  return bitmap;
}

/** Mean red, green and blue. */
function mean({ rgba }: Bitmap): readonly [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < rgba.length; at++) {
    if (at % 4 < 3) sums[at % 4 as 0 | 1 | 2] += rgba[at] ?? 0;
  }
  return sums.map((sum) => sum / (rgba.length / 4)) as [number, number, number];
}

const change = (bitmap: Bitmap, words: string, seed = 1, strength = 1) =>
  changePicture(bitmap, [], { words, seed, strength });

/** A PNG's signature, in bytes. */
const PNG_HEAD = 8;

/** The `tEXt` chunks of a PNG, by key. */
function pngTexts(bytes: Uint8Array<ArrayBuffer>): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = PNG_HEAD; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const chunk = bytes.subarray(at + 4, at + 8 + length);
    if (String.fromCharCode(...chunk.subarray(0, 4)) === "tEXt") {
      const text = new TextDecoder("latin1").decode(chunk.subarray(4));
      texts[text.slice(0, text.indexOf("\0"))] = text.slice(text.indexOf("\0") + 1);
    }
    at += 12 + length;
  }
  return texts;
}

Deno.test("changePicture() does what the words say, in English and Russian", () => {
  const source = plain(32, 24, [180, 120, 60]);
  const of = (words: string) => mean(change(source, words));
  for (const words of ["make it night", "сделай ночь"]) {
    const [r, g, b] = of(words);
    ok(r + g + b < 300 && b > r, `${words}: ${[r, g, b]}`);
  }
  for (const words of ["black and white", "Ч/Б", "сделай чёрно-белым"]) {
    const [r, g, b] = of(words);
    ok(Math.abs(r - b) < 2 && Math.abs(r - g) < 2, `${words}: ${[r, g, b]}`);
  }
  for (const words of ["add snow", "зимой"]) ok(of(words)[2] > of(words)[0], words);
  for (const words of ["at sunset", "на закате"]) ok(of(words)[0] > 200, words);
  ok(of("invert it")[2] > 150);
  const edges = change(source, "убери фон").rgba;
  deepEqual([...edges.subarray(0, 3)].map((level) => level > 200), [true, true, true]);
  deepEqual(
    mean(change(source, "телефон")).map(Math.round),
    mean(change(source, "телефон")).map(Math.round),
  );
  notDeepEqual(of("телефон"), of("фон"));
});

Deno.test("changePicture() is repeatable, differs by seed, and denoise 0 keeps the source", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.nat({ max: 100 }), (words, seed, percent) => {
      const source = plain(5, 4, [200, 90, 40]);
      deepEqual(
        change(source, words, seed, percent / 100),
        change(source, words, seed, percent / 100),
      );
      deepEqual(change(source, words, seed, 0), source);
    }),
    { numRuns: 50 },
  );
  const source = plain(8, 8, [200, 90, 40]);
  notDeepEqual(change(source, "a pink sky", 1), change(source, "a pink sky", 2));
  notDeepEqual(change(source, "night", 1), change(source, "night", 2));
  const half = mean(change(source, "invert", 1, 0.5));
  ok(half[2] > 100 && half[2] < 160, String(half));
});

Deno.test("changePicture() shows further pictures in a corner", () => {
  const source = plain(100, 80, [10, 10, 10]);
  const inset = plain(20, 16, [0, 255, 0]);
  const result = changePicture(source, [inset, inset], { words: "blur", seed: 1, strength: 1 });
  const greens = result.rgba.filter((_level, at) => at % 4 === 1 && result.rgba[at] === 255).length;
  ok(greens >= 2 * 20 * 16);
});

Deno.test("turn() undoes each EXIF orientation", () => {
  const bitmap = blank(3, 2);
  bitmap.rgba.set(Uint8Array.from({ length: 24 }, (_value, at) => at));
  const back: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6 };
  for (const [there, here] of Object.entries(back)) {
    deepEqual(turn(turn(bitmap, Number(there)), here).rgba, bitmap.rgba, `orientation ${there}`);
  }
  // Orientation 6: the camera was turned; the first row's left becomes the right column's top.
  deepEqual([...turn(bitmap, 6).rgba.subarray(4, 8)], [0, 1, 2, 3]);
});

Deno.test("decode() applies the orientation in a JPEG", async () => {
  const jpeg = await encodeJpeg(plain(16, 8, [200, 0, 0]), 90);
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0];
  const body = [...new TextEncoder().encode("Exif\0\0"), ...tiff];
  const exif = [0xff, 0xe1, 0, body.length + 2, ...body];
  const turned = await decode(
    new Uint8Array([...jpeg.subarray(0, 2), ...exif, ...jpeg.subarray(2)]),
  );
  deepEqual([turned?.width, turned?.height], [8, 16]);
});

Deno.test("withMark() keeps PNG and JPEG readable", async () => {
  const source = plain(4, 3, [1, 2, 3]);
  for (const bytes of [await encodePng(source), await encodeJpeg(source, 90)]) {
    const marked = withMark(bytes, "marked");
    ok(marked.length > bytes.length);
    equal((await decode(marked))?.width, 4);
  }
  deepEqual(
    await decode(new TextEncoder().encode("no picture at all, but long enough")),
    undefined,
  );
});

Deno.test("SaveImage writes the graph into the PNG, Image Saver Simple only when told", async () => {
  await using comfy = await start();
  await using client = await Client.connect(comfy);
  const textOf = (name: string, subfolder = "") =>
    pngTexts(comfy.file("output", subfolder, name) ?? new Uint8Array());
  await client.run(
    comfy,
    await graphOf("success_core_nodes", { "4.filename_prefix": "Ж/job", "3.image": ["1", 0] }),
  );
  match(textOf("job_00001_.png", "Ж")["prompt"] ?? "", /"filename_prefix":"\\u0416\/job"/);
  const run = async (embed: boolean) => {
    const graph = await graphOf(seed, {
      "102.embed_workflow": embed,
      "102.filename": "bot_%counter<3>_%width",
      "102.path": "2026/11",
    });
    return Body.parse((await client.run(comfy, graph)).history["outputs"])["102"];
  };
  const image = (filename: string) => ({
    images: [{ filename, subfolder: "2026/11", type: "output" }],
  });
  deepEqual(await run(false), image("bot_000_118.png"));
  deepEqual(await run(true), image("bot_000_118_01.png"));
  equal(textOf("bot_000_118.png", "2026/11")["prompt"], undefined);
  match(textOf("bot_000_118_01.png", "2026/11")["prompt"] ?? "", /"121"/);
});

Deno.test("ImageScaleToTotalPixels sizes as ComfyUI does, and scale: false gives the bytes back", async () => {
  const bytes = await pictureBytes(40, 30);
  const graph = { "93.megapixels": 0.05 };
  const resultOf = async (scale: boolean) => {
    await using comfy = await start({ scale });
    await upload(comfy, "rec.png", { overwrite: "true" }, bytes);
    await using client = await Client.connect(comfy);
    const { history } = await client.run(
      comfy,
      await graphOf(seed, { ...graph, "102.filename": "x" }),
    );
    equal(Body.parse(history["status"])["status_str"], "success");
    return comfy.file("output", "", "x.png") ?? new Uint8Array();
  };
  const scaled = await decode(await resultOf(true));
  // sqrt(0.05 * 1024 * 1024 / 1200) = 6.61
  deepEqual([scaled?.width, scaled?.height], [264, 198]);
  const same = await resultOf(false);
  const plainPicture = await decode(same);
  deepEqual([plainPicture?.width, plainPicture?.height], [40, 30]);
  ok(same.length < bytes.length + 100);
});

Deno.test("LoadImage fails in Pillow's words where a file is no picture", async () => {
  await using comfy = await start();
  await upload(comfy, "rec.png", { overwrite: "true" }, new Uint8Array([1, 2, 3]));
  await using client = await Client.connect(comfy);
  await client.run(comfy, await graphOf("success_core_nodes"));
  const error = client.frames.find((f) => typeof f !== "string" && f.type === "execution_error");
  ok(typeof error === "object");
  equal(error.data["exception_type"], "PIL.UnidentifiedImageError");
});
