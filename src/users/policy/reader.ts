/**
 * Tokens as the rules see them: with the classes of each, plain, disguised, misspelled, in Latin letters, or taken apart where it is
 * several words in one. Owns the order in which a word is read; does not know what words mean together.
 */
import { createLexicon, type Lexicon } from "./lexicon.ts";
import type { Word, Words } from "./reach.ts";
import { createTakeApart, createTypos, transliterations } from "./spelling/mod.ts";
import { type Token } from "./tokenizer.ts";
import {
  contextClasses,
  contextLists,
  type WordClass,
  wordLists,
  wordsInMore,
  wordsInTwo,
} from "./words/mod.ts";

/** Reads the tokens of a sentence. */
export type Reader = (tokens: readonly Token[]) => Word[];

/** Makes a reader; `lexicon` is that of the words the rules are about, for those who look for hidden ones. */
export function createReader(): {
  readonly read: Reader;
  readonly lexicon: Lexicon<keyof typeof wordLists>;
} {
  const lexicon = createLexicon(wordLists, ["innocent"]);
  const context = createLexicon(contextLists, contextClasses);
  const findTypo = createTypos<ReadonlySet<WordClass>>([
    [wordLists.taken, new Set(["taken", "garment"])],
    [wordLists.garment, new Set(["garment"])],
    [wordLists.takeOff, new Set(["takeOff"])],
    [`${wordLists.bare} ${wordsInTwo} ${wordsInMore}`, new Set(["bare"])],
  ]);
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
  const classesOf = (word: string): ReadonlySet<WordClass> => {
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
  const read: Reader = (tokens) =>
    tokens.flatMap((token) => {
      const begins = beginOf(token);
      const word: Word = { text: token.text, classes: classesOf(token.text), begins };
      const parts = word.classes.size > 0 ? undefined : takeApart(token.text);
      return parts === undefined ? [word] : parts.map((part, i): Word => ({
        text: part,
        classes: classesOf(part),
        begins: i === 0 ? begins : undefined,
      }));
    });
  return { read, lexicon };
}

function beginOf({ gap }: Token): Word["begins"] {
  if (gap === "point") return "clause";
  return gap === "tight" || gap === "space" ? undefined : gap;
}

/** The sentences of a text. */
export function divideSentences(words: Words): Words[] {
  const parts: Word[][] = [[]];
  for (const word of words) {
    if (word.begins === "sentence") parts.push([]);
    parts.at(-1)!.push(word);
  }
  return parts;
}
