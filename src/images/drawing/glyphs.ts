/** A small alphabet for charts: digits and the few letters of units, each seven rows high. Knows no pixels. */

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
export function glyphOf(character: string): readonly string[] {
  return (drawn[character] ?? drawn[" "] ?? "").split(" ");
}

/** Width of the text, with one column between two characters. */
export function glyphsWidth(text: string): number {
  const widths = [...text].map((character) => glyphOf(character)[0]?.length ?? 0);
  return widths.reduce((sum, width) => sum + width + 1, -1);
}
