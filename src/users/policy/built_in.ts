/**
 * The built-in policy: word lists and rules combined. Owns the order in which a text is read: plain words, then misspellings and
 * disguises. Does not know what words mean together: that is rules.ts's.
 */
import { createLexicon, createRows, type Lexicon } from "./lexicon.ts";
import type { Word } from "./reach.ts";
import { brokenRule, type BuiltInRule } from "./rules.ts";
import { type Broken, parseSentence, type Sentence, type Token } from "./tokenizer.ts";
import { createTakeApart, createTypos, type FindTypo, transliterations } from "./spelling/mod.ts";
import { divideNegative, unwantedRule } from "./unwanted.ts";
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
  const findTypo = createFindTypo();
  const takeApart = createTakeApart(
    [wordLists.taken, wordLists.garment, wordLists.bare, wordsInTwo, wordsInMore],
    [
      wordLists.takeOff,
      wordLists.pull,
      wordLists.away,
      wordLists.person,
      wordLists.without,
      wordLists.filler,
      wordLists.change,
    ],
  );
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
    const besides = context.classesOf(word);
    if (known.size > 0 || besides.size > 0) return known.union<WordClass>(besides);
    const typo = findTypo(word);
    if (typo !== undefined) return typo;
    for (const reading of transliterations(word)) {
      const russian: ReadonlySet<WordClass> = lexicon.plainClassesOf(reading);
      if (russian.size > 0 && !russian.has("sexual")) return russian;
    }
    return known;
  };
  const idioms = [...phrases.undressing, ...phrases.sexual];
  const idiomRows = createRows(idioms.map((row) => row.split(" ")));
  const wordsOf = (tokens: readonly Token[]): Word[] =>
    tokens.flatMap(({ text, gap }) => {
      const begins = gap === "point"
        ? "clause"
        : gap === "tight" || gap === "space"
        ? undefined
        : gap;
      const word: Word = { text, classes: classesOf(text), begins };
      const parts = word.classes.size > 0 ? undefined : takeApart(text);
      return parts === undefined ? [word] : parts.map((part, i): Word => ({
        text: part,
        classes: classesOf(part),
        begins: i === 0 ? begins : undefined,
      }));
    });
  const ruleIn = (tokens: readonly Token[]): BuiltInRule | undefined => {
    const rule = brokenRule(wordsOf(tokens));
    if (rule !== undefined) return rule;
    const idiom = idiomRows.find(tokens.map(({ text }) => text)).at(0);
    return idiom && (idiom.row < phrases.undressing.length ? "undressing" : "sexual");
  };
  const unwanted: FindRule = (_text, { tokens }) => unwantedRule(wordsOf(tokens));
  const plain: FindRule = (_text, { tokens, written, spelled, broken }) => {
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
  const wanted: FindRule = (text, sentence) => {
    const divided = divideNegative(text);
    if (divided.unwanted === "") return plain(text, sentence);
    const list = parseSentence(divided.unwanted);
    // Who calls a picture of a person a negative prompt gets no more than with plain words.
    const names = wordsOf(list.tokens).some(({ classes }) => classes.has("person"));
    return plain(divided.wanted, parseSentence(divided.wanted)) ??
      unwanted(divided.unwanted, list) ?? (names ? plain(divided.unwanted, list) : undefined);
  };
  return { wanted, unwanted };
}

/** The classes of a misspelled word, of those that are known misspelled too. */
function createFindTypo(): FindTypo<ReadonlySet<WordClass>> {
  return createTypos<ReadonlySet<WordClass>>([
    [wordLists.taken, new Set(["taken", "garment"])],
    [wordLists.garment, new Set(["garment"])],
    [wordLists.takeOff, new Set(["takeOff"])],
    [`${wordLists.bare} ${wordsInTwo} ${wordsInMore}`, new Set(["bare"])],
  ]);
}

/** The rule that a word breaks by itself, without a look at its neighbours. */
function refusedAlone(classes: ReadonlySet<WordClass>): BuiltInRule | undefined {
  if (classes.has("bare")) return "nudity";
  return classes.has("sexual") || classes.has("sex") ? "sexual" : undefined;
}
