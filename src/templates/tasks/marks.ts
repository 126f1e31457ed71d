/**
 * Marks that are drawn on a picture: whether words speak of them, and the sentence by which a model understands them, which is its
 * manifest's. Pure.
 */
import type { Template } from "../mod.ts";

const colour = "red|blue|green|yellow|orange|pink|purple|hand-drawn|drawn";
const shape = "circle|oval|ring|line|outline|frame|box|rectangle|mark|arrow|scribble";
const colourRu = "красн|син|зел[её]н|ж[её]лт|оранжев|розов";

/**
 * How a sentence speaks of what is drawn on the picture: by what was done, by the place within, by the line in its colour. Not "put it
 * in a red frame", which wants one.
 */
const spoken = new RegExp(
  [
    "\\b(en)?circled\\b|\\bthe (marked|outlined|highlighted)\\b",
    "\\b(I|I've|we|is|are|that's|what's)\\s+(have\\s+)?(marked|outlined|highlighted)\\b",
    `\\b(the|this|that|my)\\s+(${colour})\\s+(${shape})s?\\b`,
    `\\b(in|inside|within)\\s+(the|this|that|my)\\s+(${shape})\\b`,
    "(?<![а-яё])обвед[её]н|(?<![а-яё])обв[её]л|(?<![а-яё])(выделен|отмечен|помечен)(?!и)",
    "(?<![а-яё])я\\s+(отметил|пометил|выделил)",
    `(?<![а-яё])(в|внутри)\\s+((${colourRu})(ом|ем|ей|ой|его|ого)\\s+|этом\\s+|этого\\s+)?` +
    "(круге|кружке|овале|рамке|контуре|круга|кружка|овала|рамки|контура)(?![а-яё])",
    `(?<![а-яё])(${colourRu})(ая|яя|ой|ей|ую|юю)\\s+стрелк`,
  ].join("|"),
  "iu",
);

/** True where the words are about something that its user has circled, framed or pointed at. */
export function speaksOfMarks(words: string): boolean {
  return spoken.test(words);
}

/** The words as the template's model gets them. */
export function withMarks({ marks }: Template, words: string): string {
  return marks === undefined || !speaksOfMarks(words) ? words : `${words}\n${marks}`;
}
