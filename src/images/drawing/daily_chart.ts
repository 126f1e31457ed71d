/**
 * The daily statistics as a picture: above, a bar a day of how jobs ended; below, how long jobs ran and waited. Owns the
 * drawing; the caption names its colours, because it has no font for words.
 */
import { type Canvas, type Colour, createCanvas, glyphHeight, type Point } from "./canvas.ts";
import { encodePng } from "./png_pixels.ts";

/** The figures of one day. */
export interface DayFigures {
  /** `2026-11-22`. */
  readonly day: string;
  readonly done: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Measured runs and waits, and the milliseconds of each together. */
  readonly runs: number;
  readonly runMs: number;
  readonly waits: number;
  readonly waitMs: number;
}

const width = 1080;
const height = 760;
/** What stands above each other: the bars' and the times' area, and their labels. */
const bars = { top: 60, bottom: 440 };
const times = { top: 530, bottom: 710 };
const left = 120;
const right = width - 30;
/** Pixels of a label's dot: a phone shows the picture a third as large. */
const scale = 4;

const paper: Colour = [255, 255, 255];
const grid: Colour = [228, 231, 236];
const words: Colour = [82, 90, 102];
/** As the squares in the caption: 🟩 🟥 ⬜, 🟦 🟧. */
const done: Colour = [76, 175, 96];
const failed: Colour = [222, 74, 74];
const cancelled: Colour = [190, 196, 205];
const ran: Colour = [52, 120, 220];
const waited: Colour = [238, 150, 46];

/** The picture as a PNG, 1080 × 760. `tallies` are consecutive days, the oldest first; one at least. */
export async function drawDailyChart(
  tallies: readonly DayFigures[],
): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = createCanvas(width, height, paper);
  drawBars(canvas, tallies);
  drawTimes(canvas, tallies);
  return await encodePng(canvas);
}

/** The middle of a day's column. */
function columnOf(tallies: readonly DayFigures[], index: number): number {
  return left + (right - left) * (index + 0.5) / tallies.length;
}

function drawBars(canvas: Canvas, tallies: readonly DayFigures[]): void {
  const totals = tallies.map((day) => day.done + day.failed + day.cancelled);
  const top = drawScale(canvas, bars, Math.max(...totals, 1), short);
  const perJob = (bars.bottom - bars.top) / top;
  const wide = (right - left) / tallies.length * 0.62;
  for (const [i, day] of tallies.entries()) {
    const x = columnOf(tallies, i);
    let y = bars.bottom;
    for (
      const [count, colour] of [
        [day.done, done],
        [day.failed, failed],
        [day.cancelled, cancelled],
      ] as const
    ) {
      // One failure among a thousand jobs is still visible.
      const high = count === 0 ? 0 : Math.max(3, count * perJob);
      canvas.rect({ x: x - wide / 2, y: y - high }, wide, high, colour);
      y -= high;
    }
    const total = totals[i] ?? 0;
    if (total > 0) {
      const label = { x, y: y - glyphHeight * scale - 8 };
      canvas.text(short(total), label, total < 100 ? scale : scale - 1, words, "middle");
    }
    canvas.text(day.day.slice(-2), { x, y: bars.bottom + 16 }, scale, words, "middle");
  }
}

function drawTimes(canvas: Canvas, tallies: readonly DayFigures[]): void {
  const meansOf = (sum: (day: DayFigures) => number, count: (day: DayFigures) => number) =>
    tallies.map((day) => count(day) === 0 ? undefined : sum(day) / count(day));
  const runs = meansOf(({ runMs }) => runMs, ({ runs }) => runs);
  const waits = meansOf(({ waitMs }) => waitMs, ({ waits }) => waits);
  const longestMs = Math.max(...[...runs, ...waits].map((ms) => ms ?? 0));
  const unit = unitFor(longestMs);
  const longest = Math.max(longestMs / unit.ms, 1);
  const top = drawScale(canvas, times, longest, (value) => `${value} ${unit.name}`) * unit.ms;
  for (const [means, colour] of [[waits, waited], [runs, ran]] as const) {
    let before: Point | undefined;
    for (const [i, ms] of means.entries()) {
      const at = ms === undefined ? undefined : {
        x: columnOf(tallies, i),
        y: times.bottom - (times.bottom - times.top) * ms / top,
      };
      if (at && before) canvas.line(before, at, 5, colour);
      if (at) canvas.line(at, at, 16, colour);
      before = at;
    }
  }
}

/** Draws the lines of a scale from 0 to at least `max`, and gives the number at its upper end. */
function drawScale(
  canvas: Canvas,
  area: { readonly top: number; readonly bottom: number },
  max: number,
  label: (value: number) => string,
): number {
  const step = stepFor(max);
  const steps = Math.ceil(max / step);
  for (let i = 0; i <= steps; i++) {
    const y = area.bottom - (area.bottom - area.top) * i / steps;
    canvas.rect({ x: left, y: y - 1 }, right - left, 2, grid);
    const at = { x: left - 18, y: y - glyphHeight * scale / 2 };
    canvas.text(label(i * step), at, scale, words, "right");
  }
  return step * steps;
}

/** A round step of which some four make `max`: 1, 2 or 5 with zeros. */
function stepFor(max: number): number {
  const rough = max / 4;
  const power = Math.max(1, 10 ** Math.floor(Math.log10(rough)));
  return ([1, 2, 5].find((digit) => digit * power >= rough) ?? 10) * power;
}

/** `999`, `1.2k`, `15k`. */
function short(count: number): string {
  if (count < 1_000) return String(count);
  const thousands = count / 1_000;
  return `${thousands < 10 ? Math.round(thousands * 10) / 10 : Math.round(thousands)}k`;
}

/** Seconds; from two minutes on minutes, from two hours on hours. */
function unitFor(longestMs: number): { readonly ms: number; readonly name: string } {
  if (longestMs < 120_000) return { ms: 1_000, name: "s" };
  return longestMs < 7_200_000 ? { ms: 60_000, name: "m" } : { ms: 3_600_000, name: "h" };
}
