/**
 * The built-in policy: rules, idioms, disguises and likeness combined. Owns the order in which a text is judged. Does not know what words
 * mean together: that is rules.ts's.
 */
import { createLexicon, createRows, type Lexicon } from "./lexicon.ts";
import { canJudge, likenessOf } from "./likeness.ts";
import { createReader, divideSentences } from "./reader.ts";
import { brokenRule, type BuiltInRule, createBuiltInSequences } from "./rules.ts";
import { type Broken, parseSentence, type Sentence, type Token } from "./tokenizer.ts";
import { divideNegative, unwantedRule } from "./unwanted.ts";
import { readWeights } from "./weights.ts";
import { phrases, type WordClass, wordLists, wordsInMore, wordsInTwo } from "./words/mod.ts";

/** A sentence that is more like the refused ones than this is refused. Found by cross-validation: the least that refuses at most 4 % of the plain harmless ones. */
const maxLikeness = 0.6;

/** Which rule a normalised text breaks; undefined for none. */
export type FindRule = (text: string, sentence: Sentence) => string | undefined;

/** The built-in rules for words that say what is wanted, and for a negative prompt. */
export function createBuiltInRules(): { readonly wanted: FindRule; readonly unwanted: FindRule } {
  const { read, lexicon } = createReader();
  const weights = readWeights();
  const sequences = createBuiltInSequences();
  const likely: Readonly<
    Record<Broken["by"], Pick<Lexicon<keyof typeof wordLists>, "classesAcross">>
  > = {
    marks: lexicon,
    space: createLexicon({ bare: wordsInTwo }),
    spaces: createLexicon({ bare: wordsInTwo + wordsInMore }),
  };
  const idioms = [...phrases.undressing, ...phrases.sexual];
  const idiomRows = createRows(idioms.map((row) => row.split(" ")));
  const ruleIn = (tokens: readonly Token[], words = read(tokens)): BuiltInRule | undefined => {
    const rule = brokenRule(words, sequences);
    if (rule !== undefined) return rule;
    const idiom = idiomRows.find(tokens.map(({ text }) => text)).at(0);
    return idiom && (idiom.row < phrases.undressing.length ? "undressing" : "sexual");
  };
  const unwanted: FindRule = (_text, { tokens }) => unwantedRule(read(tokens));
  const plain: FindRule = (_text, { tokens, written, spelled, broken }) => {
    // A single letter at the end of a spelled word may be a word of the next one's: "в", "a".
    const words = read(tokens);
    const rule = ruleIn(tokens, words) ?? (spelled.length > 0 ? ruleIn(written) : undefined);
    if (rule !== undefined) return rule;
    for (const letters of spelled) {
      const hidden = refusedAlone(lexicon.classesWithin(letters));
      if (hidden !== undefined) return hidden;
    }
    for (const { parts, from, by } of broken) {
      const hidden = refusedAlone(likely[by].classesAcross(parts, from));
      if (hidden !== undefined) return hidden;
    }
    const isAlike = divideSentences(words).some((it) =>
      canJudge(it) && likenessOf(it, weights) > maxLikeness
    );
    return isAlike ? "likeness" : undefined;
  };
  const wanted: FindRule = (text, sentence) => {
    const divided = divideNegative(text);
    if (divided.unwanted === "") return plain(text, sentence);
    const list = parseSentence(divided.unwanted);
    // Who calls a picture of a person a negative prompt gets no more than with plain words.
    const names = read(list.tokens).some(({ classes }) => classes.has("person"));
    return plain(divided.wanted, parseSentence(divided.wanted)) ??
      unwanted(divided.unwanted, list) ?? (names ? plain(divided.unwanted, list) : undefined);
  };
  return { wanted, unwanted };
}

/** The rule that a word breaks by itself, without a look at its neighbours. */
function refusedAlone(classes: ReadonlySet<WordClass>): BuiltInRule | undefined {
  if (classes.has("bare")) return "nudity";
  return classes.has("sexual") || classes.has("sex") ? "sexual" : undefined;
}
