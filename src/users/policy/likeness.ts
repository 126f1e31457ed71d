/**
 * How much a sentence is like those that are refused: a logistic regression over its words, learnt from the sentences in
 * tests/users/policy/sets. It has the last word where the rules find nothing: they know what must be refused, it has an ear for what they
 * have no words for. Owns what it looks at in a sentence; the weights are weights.ts's.
 */
import type { Word, Words } from "./reach.ts";
import type { WordClass } from "./words/mod.ts";

/** How many weights there are. */
export const weightCount = 1 << 17;

/** Of fewer words nothing can be said. */
const minWords = 2;

/** Without a word of these classes a sentence speaks of no body and of no clothes, and what it is like is chance. */
const telling: ReadonlySet<WordClass> = new Set(
  [
    ...["person", "skin", "breast", "bare", "sexual", "intimate", "sex", "stripper"] as const,
    ...["garment", "worn", "taken", "under", "swim", "lingerie", "bedwear", "skirted"] as const,
    ...["dress", "clothe", "wears", "dressedOnly", "covered", "scant", "sheer"] as const,
    ...["takeOff", "strip", "without", "gone", "nothing", "everything"] as const,
  ],
);

/** The sentence is long enough to be judged, and speaks of what is judged. */
export function canJudge(words: Words): boolean {
  return words.length >= minWords &&
    words.some(({ classes }) => !classes.isDisjointFrom(telling));
}

/** From 0 to 1: the likelihood that the words should be refused. `weights` has `weightCount` of them, the last for any sentence. */
export function likenessOf(words: Words, weights: ArrayLike<number>): number {
  let sum = weights[weightCount - 1]!;
  for (const [index, value] of featuresOf(words)) sum += weights[index]! * value;
  return 1 / (1 + Math.exp(-sum));
}

/**
 * What is looked at: words, their beginnings and classes, the first and the last word, pairs of neighbours, pairs of classes that stand
 * in this order, pieces of three to five letters. By index of weight.
 */
export function featuresOf(words: Words): Map<number, number> {
  const found = new Map<number, number>();
  const pieces: number[] = [];
  for (const [at, word] of words.entries()) {
    const next = words[at + 1];
    const stem = stemOf(word);
    found.set(hash(`w${word.text}`), 1);
    if (stem !== word.text) found.set(hash(`s${stem}`), 1);
    if (next !== undefined) found.set(hash(`p${stem} ${stemOf(next)}`), 1);
    const later = words.slice(at + 1, at + 1 + maxApart).flatMap((it) => [...it.classes]);
    for (const name of word.classes) {
      const begun = mix(`n${name} `);
      for (const other of later) found.set(indexOf(mix(other, begun)), pairShare);
    }
    for (const name of namesOf(word)) found.set(hash(`c${name}`), 1);
    pieces.push(...piecesOf(word.text));
  }
  found.set(hash(`f${words.at(0)?.text}`), 1);
  found.set(hash(`l${words.at(-1)?.text}`), 1);
  const share = pieceShare / Math.sqrt(pieces.length);
  for (const piece of pieces) found.set(piece, (found.get(piece) ?? 0) + share);
  return found;
}

const stemLength = 5;
/** How far apart the words of a pair of classes may stand. */
const maxApart = 9;
/** How much a pair of classes counts, and all pieces of letters together. */
const pairShare = 0.5;
const pieceShare = 5;

function stemOf({ text }: Word): string {
  return text.slice(0, stemLength);
}

function namesOf({ classes }: Word): Iterable<string> {
  return classes.size > 0 ? classes : ["none"];
}

function piecesOf(text: string): number[] {
  const whole = ` ${text} `;
  const pieces: number[] = [];
  for (let length = 3; length <= 5; length++) {
    for (let at = 0; at + length <= whole.length; at++) {
      pieces.push(hash(`t${whole.slice(at, at + length)}`));
    }
  }
  return pieces;
}

/** The index of a weight, any but the last. */
function hash(text: string): number {
  return indexOf(mix(text));
}

/** FNV-1a over UTF-16, begun or not. */
function mix(text: string, begun = 2_166_136_261): number {
  let value = begun;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16_777_619);
  return value;
}

function indexOf(mixed: number): number {
  return (mixed >>> 0) % (weightCount - 1);
}
