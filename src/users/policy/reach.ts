/**
 * Which words of a sentence belong together. Owns how far a verb reaches; what it does there is rules.ts's.
 *
 * A verb reaches its object over fillers, people and a few other words, never over a conjunction, another thing, or a preposition
 * that brings in no person: "remove the stain from the dress" is about the stain. The end of a clause ends it too, but not right
 * after the verb, fillers and people: "сними, пожалуйста, платье".
 */
import { type WordClass } from "./words/mod.ts";

/** A token as the rules see it. */
export interface Word {
  readonly text: string;
  readonly classes: ReadonlySet<WordClass>;
  /** What begins with it. */
  readonly begins: "sentence" | "clause" | undefined;
}

/** A clause, or a sentence. */
export type Words = readonly Word[];

/** A place in a sentence that is judged. */
export interface Spot {
  /** The clause, or the sentence. */
  readonly words: Words;
  readonly at: number;
  /** What the sentence says from there on, over the ends of clauses; the word itself first. */
  readonly after: Words;
  readonly sentence: Words;
}

/** The word at a place, if there is one, is of one of the classes. */
export function is(words: Words, at: number, ...classes: readonly WordClass[]): boolean {
  const word = words[at];
  return word !== undefined && classes.some((name) => word.classes.has(name));
}

/** The clause goes on from the word before `at`. */
export function goesOn(words: Words, at: number): boolean {
  const word = words[at];
  return word !== undefined && word.begins === undefined;
}

/** The places of the words next to one, the nearest first. */
export function around(words: Words, at: number, back: number, ahead: number): number[] {
  const places: number[] = [];
  for (let i = at - 1; i >= at - back && i >= 0; i--) places.push(i);
  for (let i = at + 1; i <= at + ahead && i < words.length; i++) places.push(i);
  return places;
}

/** How far a verb reaches. */
export interface Reach {
  /** Words between that are neither fillers nor people. */
  readonly maxOthers: number;
  /** "put her IN a bikini". */
  readonly through?: WordClass;
}

/** Where the object of a verb stands, if it is of one of the classes. */
export function objectOf(
  words: Words,
  verb: number,
  classes: readonly WordClass[],
  { maxOthers, through }: Reach,
): number | undefined {
  let others = 0;
  for (let at = verb + 1; at <= verb + 8 && at < words.length; at++) {
    if (!goesOn(words, at) && others > 0) return undefined;
    if (is(words, at, ...classes)) return at;
    if (is(words, at, "of") && others === 0) continue;
    if (is(words, at, "prep") || (through && is(words, at, through))) {
      if (others > 0) return undefined;
      if (through && is(words, at, through)) continue;
      const person = personAfter(words, at, classes);
      if (person === undefined) return undefined;
      at = person;
    } else if (is(words, at, "stop", "thing", "not")) return undefined;
    else if (!is(words, at, "person", "filler", "trait") && ++others > maxOthers) return undefined;
  }
  return undefined;
}

/** The person whom a preposition brings in: "from her", "с этой девушки", or a name before the object: "с Маши платье"; not "in red silk". */
function personAfter(
  words: Words,
  prep: number,
  classes: readonly WordClass[],
): number | undefined {
  let at = prep + 1;
  while (is(words, at, "filler") && at < prep + 3) at++;
  if (is(words, at, "person", "photo")) return at;
  const isName = words[at] !== undefined && is(words, prep, "from") &&
    !is(words, at, "thing", "place", "prep", "stop");
  return isName && goesOn(words, at + 1) && is(words, at + 1, ...classes) ? at : undefined;
}

/** The place of what a predicate is about: "the blouse IS NOW see-through". */
export function subjectBefore(words: Words, predicate: number): number {
  let at = predicate - 1;
  while (is(words, at, "filler", "be", "aux")) at--;
  return at;
}

/** A word of the class stands within three words, and nothing in between divides them. */
export function isNear(words: Words, at: number, wanted: WordClass): boolean {
  for (const step of [1, -1]) {
    for (let i = at + step; Math.abs(i - at) <= 3 && i >= 0 && i < words.length; i += step) {
      if (is(words, i, wanted)) return true;
      if (is(words, i, "prep", "stop", "thing") && !is(words, i, "size")) break;
    }
  }
  return false;
}
