/**
 * Sequences of words that are refused, written as patterns over words and classes: "@garment ~ has ~ go $". Owns the notation and the
 * search. Which sequences there are is data (words/sequences.ts); what excuses them is the rules' to say.
 *
 * An element is a choice divided by `|`: of words, of stems (`melt*`), of classes (`@garment`); `(…)` may be missing. `~` passes over up
 * to five words that say nothing (pronouns, fillers, auxiliaries, "to") and `...` over up to eight words of any kind; `^` is the beginning
 * of a clause, `$` the end of one, in a choice too. Only `...` goes on into the next clause. A line that begins with `#` is a comment.
 */
import { is, type Word, type Words } from "./reach.ts";
import { isWordClass, type WordClass } from "./words/mod.ts";

interface Choice {
  readonly kind: "choice";
  readonly words: ReadonlySet<string>;
  readonly stems: readonly string[];
  readonly classes: readonly WordClass[];
  readonly orEnd: boolean;
  readonly orNothing: boolean;
}

type Element = Choice | { readonly kind: "fillers" | "anything" | "begin" | "end" };

/** Most words that `~` and `...` pass over. */
const maxPassed = { fillers: 5, anything: 8 } as const;

/** Tells whether one of the sequences begins at a word. */
export type FindSequence = (words: Words, at: number) => boolean;

/** Compiles sequences, one a line; throws on one that is not well-formed. The search tries those alone that may begin with the word. */
export function createSequences(written: string): FindSequence {
  const byWord = new Map<string, Element[][]>();
  const byClass = new Map<WordClass, Element[][]>();
  const byStem = new Map<string, Element[][]>();
  for (const line of linesOf(written)) {
    const elements = line.split(/\s+/).map(parseElement);
    for (const first of firstChoices(line, elements)) {
      for (const word of first.words) push(byWord, word, elements);
      for (const stem of first.stems) push(byStem, stem, elements);
      for (const name of first.classes) push(byClass, name, elements);
    }
  }
  const stems = [...byStem];
  const begunBy = ({ text, classes }: Word) => [
    ...byWord.get(text) ?? [],
    ...[...classes].flatMap((name) => byClass.get(name) ?? []),
    ...stems.flatMap(([stem, sequences]) => text.startsWith(stem) ? sequences : []),
  ];
  return (words, at) =>
    begunBy(words[at]!).some((elements) => follows({ elements, words, start: at }, 0, at));
}

/** The sequences of a text without its comments. */
export function linesOf(written: string): string[] {
  return written.split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** What a sequence may begin with: its first choice, and what follows one that may be missing. */
function firstChoices(line: string, elements: readonly Element[]): Choice[] {
  const firsts: Choice[] = [];
  for (const element of elements) {
    if (element.kind === "begin" || element.kind === "fillers" && firsts.length > 0) continue;
    if (element.kind !== "choice") {
      throw new Error(`Cannot compile "${line}": it begins with a gap`);
    }
    firsts.push(element);
    if (!element.orNothing) return firsts;
  }
  throw new Error(`Cannot compile "${line}": no word must be there`);
}

function push<K>(map: Map<K, Element[][]>, key: K, elements: Element[]): void {
  map.set(key, [...map.get(key) ?? [], elements]);
}

function parseElement(text: string): Element {
  switch (text) {
    case "^":
      return { kind: "begin" };
    case "$":
      return { kind: "end" };
    case "~":
      return { kind: "fillers" };
    case "...":
      return { kind: "anything" };
  }
  const orNothing = /^\(.*\)$/.test(text);
  const choices = (orNothing ? text.slice(1, -1) : text).split("|");
  const classes = choices.filter((it) => it.startsWith("@")).map((it) => it.slice(1));
  const unknown = classes.find((it) => !isWordClass(it));
  if (unknown !== undefined) throw new Error(`Cannot compile "${text}": no class ${unknown}`);
  return {
    kind: "choice",
    words: new Set(choices.filter((it) => !/^@|\*$|^\$$/.test(it))),
    stems: choices.filter((it) => it.endsWith("*")).map((it) => it.slice(0, -1)),
    classes: classes.filter(isWordClass),
    orEnd: choices.includes("$"),
    orNothing,
  };
}

interface Search {
  readonly elements: readonly Element[];
  readonly words: Words;
  readonly start: number;
}

/** The elements from `next` on are what the words from `at` on say. */
function follows(search: Search, next: number, at: number): boolean {
  const { elements, words, start } = search;
  const element = elements[next];
  if (element === undefined) return true;
  const isAtBorder = at >= words.length || at === 0 || words[at]!.begins !== undefined;
  switch (element.kind) {
    case "begin":
      return isAtBorder && follows(search, next + 1, at);
    case "end":
      return isAtBorder && at > start && follows(search, next + 1, at);
    case "choice": {
      if (element.orNothing && follows(search, next + 1, at)) return true;
      if (element.orEnd && isAtBorder && at > start && follows(search, next + 1, at)) return true;
      const goesOn = !isAtBorder || at === start || elements[next - 1]?.kind === "anything";
      return goesOn && chooses(element, words, at) && follows(search, next + 1, at + 1);
    }
    case "fillers":
    case "anything":
      for (let i = at; i <= at + maxPassed[element.kind]; i++) {
        if (follows(search, next + 1, i)) return true;
        if (i >= words.length) return false;
        if (element.kind === "fillers" && !isFiller(words, i, start)) return false;
      }
      return false;
  }
}

function chooses({ words: choices, stems, classes }: Choice, words: Words, at: number): boolean {
  const text = words[at]?.text;
  return text !== undefined &&
    (choices.has(text) || is(words, at, ...classes) || stems.some((it) => text.startsWith(it)));
}

function isFiller(words: Words, at: number, start: number): boolean {
  return (at === start || words[at]!.begins === undefined) &&
    is(words, at, "filler", "person", "photo", "be", "aux", "into", "on", "trait");
}
