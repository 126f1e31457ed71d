/**
 * A user's text as tokens: normalised, with what stands between them, and with the words put together again that were spelled
 * out ("n u d e") or broken up ("на-гая", "na ked"). Knows no word's meaning.
 */

/** Before a token: a mark within a word, spaces, the end of a clause or of a sentence, or either of these without a space. */
export type Gap = "tight" | "space" | "clause" | "sentence" | "point";

export interface Token {
  readonly text: string;
  /** Before it. */
  readonly gap: Gap;
  /** Where it stands in the text, `end` not included. */
  readonly start: number;
  readonly end: number;
}

export interface Sentence {
  readonly tokens: readonly Token[];
  /** The same without anything put together. */
  readonly written: readonly Token[];
  /** Letters that stood alone in a row, joined: "make a n u d e" gives "anude". */
  readonly spelled: readonly string[];
  /** Stretches that may be one word in parts. */
  readonly broken: readonly Broken[];
}

/** Parts that a word may be made of; it begins with the first. */
export interface Broken {
  readonly parts: readonly string[];
  /** The first part that it may end in, from 0. */
  readonly from: number;
  /** What divides them: marks ("на-гая"), where any word is likely, or a space or more ("na ked"), where most are chance. */
  readonly by: "marks" | "space" | "spaces";
}

/** Signs that stand for letters, and an asterisk between letters, belong to a word. */
const word = /[\p{L}\p{N}@$€]+(?:\*+[\p{L}\p{N}@$€]+)*/gu;
const apostrophe = /['’‘`´ʼ]/;
/** Words of one letter: they do not belong to what stands next to them. */
const wordsOfOneLetter = new Set("абвжикосуяai");
const maxParts = 6;

/** Pictures of clothes and the like, said in words. */
const emoji: readonly (readonly [signs: RegExp, word: string])[] = [
  [/[👗👘🥻]/gu, "dress"],
  [/[👙🩱]/gu, "bikini"],
  [/[👕👚🎽]/gu, "shirt"],
  [/[👖🩳]/gu, "pants"],
  [/🩲/gu, "underwear"],
  [/🔞/gu, "nsfw"],
  [/[❌🚫⛔✖❎]/gu, "нет"],
];

/** Clothes whose names are written with a letter by itself. */
const lettered = /(?<!\p{L})([tg])[\s‐‑–-]+(shirts?|strings?)(?!\p{L})/gu;
const onePiece = /(?<!\p{L})one[‐‑–-]piece(?!\p{L})/gu;

/**
 * Compatible forms made one (as in NFKC), lower case, no accents (ё is е, й stays), nothing that cannot be seen, no apostrophes
 * within words, clothes in emoji as words.
 */
export function normalise(words: string): string {
  return emoji.reduce((text, [signs, word]) => text.replace(signs, ` ${word} `), words)
    .replace(/[\p{Cf}\u115f\u1160\u3164\uffa0]/gu, "")
    .normalize("NFKD").toLowerCase()
    .replace(/и\u0306/g, "й").replace(/\p{M}+/gu, "")
    .replace(/(?<=\p{L})['’‘`´ʼ](?=\p{L})(?!re\b)/gu, "")
    .replace(lettered, "$1$2").replace(onePiece, "onepiece");
}

/** Takes a normalised text apart. Time grows with its length alone. */
export function parseSentence(text: string): Sentence {
  const written: Written[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(word)) {
    const gap = gapOf(text.slice(end, index));
    const width = index - end;
    end = index + found.length;
    written.push({ text: found, gap, width, start: index, end });
  }
  const { tokens, spelled } = joinSpelled(written);
  return { tokens, written, spelled, broken: findBroken(tokens) };
}

interface Written extends Token {
  /** Of what stands before it, in characters. */
  readonly width: number;
}

function gapOf(between: string): Gap {
  if (between === " ") return "space";
  const isSpaced = /\s/.test(between);
  if (/[.,;:!?…()[\]\n]|\s[-–—]+\s|—/.test(between)) {
    if (!isSpaced) return "point";
    return /(?<!\.)\.{1,2}(?!\.)|[;!?\n]/.test(between) ? "sentence" : "clause";
  }
  return isSpaced || apostrophe.test(between) ? "space" : "tight";
}

/** Something ends here, and what comes next is no part of the same word. */
function isEnd(gap: Gap): boolean {
  return gap === "clause" || gap === "sentence";
}

/** Three single letters and more in a row are one word, or several where some gaps are wider than the others. */
function joinSpelled(written: readonly Written[]): { tokens: Token[]; spelled: string[] } {
  const tokens: Token[] = [];
  const spelled: string[] = [];
  for (let at = 0; at < written.length;) {
    let end = at;
    while (end < written.length && isSingle(written[end]!)) end++;
    const run = written.slice(at, end);
    if (run.filter((it) => /\p{L}/u.test(it.text)).length < 2 || run.length < 3) {
      end = Math.max(end, at + 1);
      tokens.push(...written.slice(at, end));
    } else {
      const narrowest = run.slice(1).reduce((least, it) => Math.min(least, it.width), Infinity);
      const parts: Token[] = [];
      for (const [i, letter] of run.entries()) {
        const part = i > 0 && letter.width <= narrowest ? parts.pop() : undefined;
        parts.push(part ? { ...part, text: part.text + letter.text, end: letter.end } : letter);
      }
      tokens.push(...parts);
      spelled.push(run.map((it) => it.text).join(""));
    }
    at = end;
  }
  return { tokens, spelled };
}

function isSingle({ text }: Token): boolean {
  return text.length <= 2 && [...text].length === 1;
}

/** By a space: parts of any length that are no words of one letter. By more: parts that have three letters at most. */
function findBroken(tokens: readonly Token[]): Broken[] {
  const broken: Broken[] = [];
  for (let at = 0; at + 1 < tokens.length; at++) {
    const tight = partsFrom(tokens, at, ({ gap }) => gap === "tight");
    if (tight.length > 1) broken.push({ parts: tight, from: 1, by: "marks" });
    const [first, next] = [tokens[at]!, tokens[at + 1]!];
    if (isEnd(next.gap)) continue;
    const isPair = ![first, next].some(({ text }) => wordsOfOneLetter.has(text));
    if (isPair) broken.push({ parts: [first.text, next.text], from: 1, by: "space" });
    if (first.text.length > 3) continue;
    const short = partsFrom(tokens, at, ({ gap, text }) => !isEnd(gap) && text.length <= 3);
    if (short.length > 2) broken.push({ parts: short, from: 2, by: "spaces" });
  }
  return broken;
}

function partsFrom(
  tokens: readonly Token[],
  start: number,
  belongs: (token: Token) => boolean,
): string[] {
  let end = start + 1;
  while (end < tokens.length && end < start + maxParts && belongs(tokens[end]!)) end++;
  return tokens.slice(start, end).map(({ text }) => text);
}
