/** Before and after in one picture. */
import assert from "node:assert/strict";
import { decode, Image } from "imagescript";
import { sideBySide } from "../src/side_by_side.ts";
import { bombPng, gradientPng, rotatedJpeg, TINY_LOSSY_WEBP } from "./pictures.ts";

/** A JPEG whose top left corner is red and whose other three quarters are blue, as it is stored. */
async function cornered(width: number, height: number): Promise<Uint8Array> {
  const image = new Image(width, height).fill(0x0000ffff);
  image.composite(new Image(width / 2, height / 2).fill(0xff0000ff), 0, 0);
  return await image.encodeJPEG(95);
}

Deno.test("sideBySide() puts both at one height beside each other when their sizes differ", async () => {
  const both = await sideBySide(gradientPng(200, 100), gradientPng(50, 100));
  const image = await decode(both!);
  assert.ok(image instanceof Image);
  assert.deepEqual([image.width, image.height], [2048 + 8 + 512, 1024]);
});

Deno.test("sideBySide() turns a photo as EXIF says", async () => {
  // Where the red corner of the stored picture is seen: top left, top right, bottom right, bottom left.
  const corners = {
    1: [0, 0],
    2: [1, 0],
    3: [1, 1],
    4: [0, 1],
    5: [0, 0],
    6: [1, 0],
    7: [1, 1],
    8: [0, 1],
  };
  const stored = await cornered(64, 64);
  for (const [orientation, [x, y]] of Object.entries(corners)) {
    const turned = rotatedJpeg(stored, Number(orientation), "II");
    const image = await decode((await sideBySide(turned, gradientPng(8, 8)))!);
    assert.ok(image instanceof Image);
    const [red = 0, , blue = 0] = Image.colorToRGBA(
      image.getPixelAt(256 + 512 * x!, 256 + 512 * y!),
    );
    assert.ok(red > 200 && blue < 60, `${orientation}: ${red} ${blue}`);
  }
});

Deno.test("sideBySide() gives nothing when a picture cannot be decoded here, or is too large", async () => {
  const png = gradientPng(8, 8);
  for (const other of [TINY_LOSSY_WEBP, bombPng(), new Uint8Array(), png.subarray(0, 40)]) {
    assert.equal(await sideBySide(png, other), undefined);
    assert.equal(await sideBySide(other, png), undefined);
  }
});
