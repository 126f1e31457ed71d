/** A picture to draw on: rectangles, lines, dots and small texts in pixels. Knows neither charts nor file formats. */

/** Red, green, blue, each 0–255. */
export type Colour = readonly [number, number, number];

/** A place, in pixels from the left and the top. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel: red, green, blue, 255. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  /** Fills a rectangle; its edges are rounded to whole pixels. */
  rect(at: Point, width: number, height: number, colour: Colour): void;
  /** A straight line with round ends and soft edges; a dot where both ends are the same. */
  line(from: Point, to: Point, thickness: number, colour: Colour): void;
  /** Writes with `scale` pixels for each of the glyphs'; `at` is the top left corner, or with `align` the top of another. */
  text(
    text: string,
    at: Point,
    scale: number,
    colour: Colour,
    align?: "left" | "middle" | "right",
  ): void;
}

/** An empty picture of one colour. */
export function createCanvas(width: number, height: number, background: Colour): Canvas {
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < pixels.length; at += 4) pixels.set([...background, 255], at);

  /** Puts ink on a pixel: 0 for none, 1 for nothing of what was there. */
  function ink(x: number, y: number, colour: Colour, cover: number): void {
    if (x < 0 || y < 0 || x >= width || y >= height || cover <= 0) return;
    const at = (y * width + x) * 4;
    for (const [i, value] of colour.entries()) {
      const before = pixels[at + i] ?? 0;
      pixels[at + i] = before + (value - before) * Math.min(1, cover);
    }
  }

  function rect({ x, y }: Point, wide: number, high: number, colour: Colour): void {
    const [left, right] = [Math.round(x), Math.round(x + wide)];
    const [top, bottom] = [Math.round(y), Math.round(y + high)];
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) ink(column, row, colour, 1);
    }
  }

  return {
    width,
    height,
    pixels,
    rect,
    line(from, to, thickness, colour) {
      const radius = thickness / 2;
      const top = Math.floor(Math.min(from.y, to.y) - radius - 1);
      const left = Math.floor(Math.min(from.x, to.x) - radius - 1);
      const bottom = Math.max(from.y, to.y) + radius + 1;
      const right = Math.max(from.x, to.x) + radius + 1;
      for (let y = top; y <= bottom; y++) {
        for (let x = left; x <= right; x++) {
          ink(x, y, colour, radius + 0.5 - distance({ x, y }, from, to));
        }
      }
    },
    text(text, at, scale, colour, align = "left") {
      const share = { left: 0, middle: 0.5, right: 1 }[align];
      let x = Math.round(at.x - glyphsWidth(text) * scale * share);
      for (const character of text) {
        const rows = glyphOf(character);
        for (let row = 0; row < glyphHeight; row++) {
          for (const [column, mark] of [...rows[row] ?? ""].entries()) {
            if (mark !== "#") continue;
            rect({ x: x + column * scale, y: at.y + row * scale }, scale, scale, colour);
          }
        }
        x += ((rows[0]?.length ?? 0) + 1) * scale;
      }
    },
  };
}

/** How far a point is from the line between two others. */
function distance(point: Point, from: Point, to: Point): number {
  const along = { x: to.x - from.x, y: to.y - from.y };
  const length = along.x ** 2 + along.y ** 2;
  const part = length === 0
    ? 0
    : ((point.x - from.x) * along.x + (point.y - from.y) * along.y) / length;
  const nearest = Math.max(0, Math.min(1, part));
  return Math.hypot(point.x - from.x - nearest * along.x, point.y - from.y - nearest * along.y);
}

/** The rows of each character from the top, `#` where there is ink. All rows of one are equally long. */
const drawn: Readonly<Record<string, string>> = {
  "0": ".###. #...# #...# #...# #...# #...# .###.",
  "1": "..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.",
  "2": ".###. #...# ....# ...#. ..#.. .#... #####",
  "3": "##### ...#. ..#.. ...#. ....# #...# .###.",
  "4": "...#. ..##. .#.#. #..#. ##### ...#. ...#.",
  "5": "##### #.... ####. ....# ....# #...# .###.",
  "6": "..##. .#... #.... ####. #...# #...# .###.",
  "7": "##### ....# ...#. ..#.. .#... .#... .#...",
  "8": ".###. #...# #...# .###. #...# #...# .###.",
  "9": ".###. #...# #...# .#### ....# ...#. .##..",
  ".": ". . . . . . #",
  k: "#... #... #..# #.#. ##.. #.#. #..#",
  m: "..... ..... ##.#. #.#.# #.#.# #.#.# #.#.#",
  s: ".... .... .### #... .##. ...# ###.",
  h: "#... #... ###. #..# #..# #..# #..#",
  " ": ".. .. .. .. .. .. ..",
};

/** Height of every character. */
export const glyphHeight = 7;

/** The rows of a character; an empty place for one that is not known. */
function glyphOf(character: string): readonly string[] {
  return (drawn[character] ?? drawn[" "] ?? "").split(" ");
}

/** Width of the text, with one column between two characters. */
export function glyphsWidth(text: string): number {
  const widths = [...text].map((character) => glyphOf(character)[0]?.length ?? 0);
  return widths.reduce((sum, width) => sum + width + 1, -1);
}
