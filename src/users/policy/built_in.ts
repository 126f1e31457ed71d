/**
 * The built-in policy: word lists and rules combined. Owns the order in which a text is read: plain words, then misspellings and
 * disguises. Does not know what words mean together: that is rules.ts's.
 */
import { createLexicon, createRows, type Lexicon } from "./lexicon.ts";
import type { Word } from "./reach.ts";
import { brokenRule, type BuiltInRule } from "./rules.ts";
import type { Broken, Sentence, Token } from "./tokenizer.ts";
import { misspellings } from "./typos.ts";
import { unwantedRule } from "./unwanted.ts";
import {
  contextClasses,
  contextLists,
  phrases,
  type WordClass,
  wordLists,
  wordsInMore,
  wordsInTwo,
} from "./words/mod.ts";

/** Which rule a normalised text breaks; undefined for none. */
export type FindRule = (text: string, sentence: Sentence) => string | undefined;

/** The built-in rules for words that say what is wanted, and for a negative prompt. */
export function createBuiltInRules(): { readonly wanted: FindRule; readonly unwanted: FindRule } {
  const lexicon = createLexicon(wordLists, ["innocent"]);
  const typos = typosByWord();
  const context = createLexicon(contextLists, contextClasses);
  const likely: Readonly<
    Record<Broken["by"], Pick<Lexicon<keyof typeof wordLists>, "classesAcross">>
  > = {
    marks: lexicon,
    space: createLexicon({ bare: wordsInTwo }),
    spaces: createLexicon({ bare: wordsInTwo + wordsInMore }),
  };
  const classesOf = (word: string) => {
    const known = lexicon.classesOf(word);
    const classes = known.size > 0 ? known : typos.get(word) ?? known;
    return classes.union<WordClass>(context.classesOf(word));
  };
  const idioms = [...phrases.undressing, ...phrases.sexual];
  const idiomRows = createRows(idioms.map((row) => row.split(" ")));
  const wordsOf = (tokens: readonly Token[]): Word[] =>
    tokens.map(({ text, gap }) => ({
      text,
      classes: classesOf(text),
      begins: gap === "point" ? "clause" : gap === "tight" || gap === "space" ? undefined : gap,
    }));
  const ruleIn = (tokens: readonly Token[]): BuiltInRule | undefined => {
    const rule = brokenRule(wordsOf(tokens));
    if (rule !== undefined) return rule;
    const idiom = idiomRows.find(tokens.map(({ text }) => text)).at(0);
    return idiom && (idiom.row < phrases.undressing.length ? "undressing" : "sexual");
  };
  const wanted: FindRule = (_text, { tokens, written, spelled, broken }) => {
    // A single letter at the end of a spelled word may be a word of the next one's: "в", "a".
    const rule = ruleIn(tokens) ?? (spelled.length > 0 ? ruleIn(written) : undefined);
    if (rule !== undefined) return rule;
    for (const letters of spelled) {
      const hidden = refusedAlone(lexicon.classesWithin(letters));
      if (hidden !== undefined) return hidden;
    }
    for (const { parts, from, by } of broken) {
      const hidden = refusedAlone(likely[by].classesAcross(parts, from));
      if (hidden !== undefined) return hidden;
    }
    return undefined;
  };
  return { wanted, unwanted: (_text, { tokens }) => unwantedRule(wordsOf(tokens)) };
}

/** The classes of words that are known misspelled too, by their misspellings. */
function typosByWord(): ReadonlyMap<string, ReadonlySet<WordClass>> {
  const known = new Set(
    [...Object.values(wordLists), ...Object.values(contextLists)].flatMap((it) => it.split(/\s+/)),
  );
  const typos = new Map<string, ReadonlySet<WordClass>>();
  for (const name of ["taken", "garment", "takeOff", "bare"] as const) {
    const alone: ReadonlySet<WordClass> = new Set([name]);
    for (const word of misspellings(wordLists[name], known)) {
      typos.set(word, typos.get(word)?.union(alone) ?? alone);
    }
  }
  return typos;
}

/** The rule that a word breaks by itself, without a look at its neighbours. */
function refusedAlone(classes: ReadonlySet<WordClass>): BuiltInRule | undefined {
  if (classes.has("bare")) return "nudity";
  return classes.has("sexual") || classes.has("sex") ? "sexual" : undefined;
}
