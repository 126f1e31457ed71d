/**
 * Words that are not written as the rules know them: misspelled, written as one, Russian in Latin letters. Owns what a word may be
 * read as; does not know what it means. Look-alikes and words that are broken up are the lexicon's and the tokenizer's.
 */
export { createTakeApart } from "./run_together.ts";
export { transliterations } from "./transliteration.ts";
export { createTypos } from "./typos.ts";
