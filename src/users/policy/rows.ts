/**
 * Words in a row, found among tokens: idioms and the owner's phrases, each word disguised or not. Does not know what they are for.
 */
import { createLexicon } from "./lexicon.ts";

/** A row that was found: which, and the tokens it covers, `end` not included. */
export interface FoundRow {
  readonly row: number;
  readonly start: number;
  readonly end: number;
}

export interface Rows {
  /** Every row that stands among the tokens, in their order. */
  find(tokens: readonly string[]): readonly FoundRow[];
}

/** Makes a finder of rows of normalised words or stems, none of them empty. */
export function createRows(rows: readonly (readonly string[])[]): Rows {
  if (rows.length === 0) return { find: () => [] };
  const lexicon = createLexicon(Object.fromEntries(rows.flat().map((word) => [word, word])));
  const byFirst = Map.groupBy(rows.entries(), ([, words]) => words[0]!);
  return {
    find(tokens) {
      const classes = tokens.map((token) => lexicon.classesOf(token));
      return classes.flatMap((firsts, start) =>
        [...firsts].flatMap((first) => byFirst.get(first) ?? [])
          .filter(([, words]) => words.every((word, i) => classes[start + i]?.has(word)))
          .map(([row, words]) => ({ row, start, end: start + words.length }))
      );
    },
  };
}
