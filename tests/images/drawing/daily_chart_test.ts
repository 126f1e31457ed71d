/** The chart of the days: its proportions, told from its pixels. */
import { decode, Image } from "imagescript";
import assert from "node:assert/strict";
import { createCanvas, glyphsWidth } from "../../../src/images/drawing/canvas.ts";
import { drawDailyChart } from "../../../src/images/drawing/daily_chart.ts";
import { type DayStats, newDay } from "../../../src/monitoring/daily_stats.ts";

const green = [76, 175, 96];
const red = [222, 74, 74];
const blue = [52, 120, 220];

async function draw(tallies: readonly DayStats[]): Promise<Image> {
  const image = await decode(await drawDailyChart(tallies));
  assert.ok(image instanceof Image);
  return image;
}

/** How many pixels of that very colour are in the columns from `left` up to `right`, as shares of the width. */
function ink(image: Image, colour: readonly number[], left = 0, right = 1): number {
  const { width, bitmap } = image;
  let count = 0;
  for (let at = 0; at < bitmap.length; at += 4) {
    const x = at / 4 % width / width;
    if (x < left || x >= right) continue;
    if (colour.every((value, i) => bitmap[at + i] === value)) count++;
  }
  return count;
}

Deno.test("drawTallies() draws bars in proportion, and a failure of a thousand is seen", async () => {
  const image = await draw([
    { ...newDay("2026-11-21"), done: 50 },
    { ...newDay("2026-11-22"), done: 100, failed: 1 },
  ]);
  const [small, large] = [ink(image, green, 0, 0.54), ink(image, green, 0.54)];
  assert.ok(Math.abs(large / small - 2) < 0.05, `${small} and ${large}`);
  assert.equal(ink(image, red, 0, 0.54), 0);
  assert.ok(ink(image, red, 0.54) > 0);
  const rare = await draw([{ ...newDay("2026-11-22"), done: 10_000, failed: 1 }]);
  assert.ok(ink(rare, red) > 0);
});

Deno.test("drawTallies() draws days on which nothing has ended, and no time that was not measured", async () => {
  const empty = await draw(["2026-11-21", "2026-11-22"].map(newDay));
  assert.deepEqual([empty.width, empty.height], [1080, 760]);
  assert.equal(ink(empty, green) + ink(empty, blue), 0);
  const busy = await draw([{ ...newDay("2026-11-22"), done: 1, runs: 1, runMs: 20_000 }]);
  assert.ok(ink(busy, blue) > 0);
});

Deno.test("createCanvas() leaves what is drawn beyond its edges", () => {
  const canvas = createCanvas(4, 4, [255, 255, 255]);
  canvas.rect({ x: -2, y: -2 }, 3, 3, [0, 0, 0]);
  canvas.line({ x: 3, y: 9 }, { x: 9, y: 3 }, 1, [0, 0, 0]);
  canvas.text("88", { x: 3, y: 3 }, 2, [255, 255, 255]);
  const dark = [...canvas.pixels].filter((value) => value === 0).length;
  assert.equal(dark, 3);
});

Deno.test("glyphsWidth() counts one column between two characters and none after the last", () => {
  assert.deepEqual(["", "1", "11", "1.1", "20 s"].map(glyphsWidth), [-1, 5, 11, 13, 19]);
});
