/** A picture to try an edit with, where nobody has given one: a blue sky, a sun, a green field. */
import { createCanvas } from "./canvas.ts";
import { encodePng } from "./png_pixels.ts";

/** Pixels: large enough for a model, small enough to be drawn at once. */
export const sampleSide = 512;

/** As a PNG. */
export async function samplePicture(): Promise<Uint8Array<ArrayBuffer>> {
  const horizon = sampleSide * 0.6;
  const picture = createCanvas(sampleSide, sampleSide, [91, 155, 213]);
  picture.rect({ x: 0, y: horizon }, sampleSide, sampleSide - horizon, [74, 143, 60]);
  const sun = { x: sampleSide * 0.7, y: sampleSide * 0.2 };
  picture.line(sun, sun, sampleSide * 0.2, [255, 217, 102]);
  return await encodePng(picture);
}
