/**
 * The words that the built-in policy is about, by class. Data alone.
 * Does not know which of them together are refused.
 */
export { contextClasses, contextLists } from "./context.ts";
export { phrases } from "./phrases.ts";
export { sexualSequences } from "./sexual_sequences.ts";
export { excusableSequences, undressingSequences } from "./undressing_sequences.ts";
export { isWordClass, type WordClass, wordLists, wordsInMore, wordsInTwo } from "./word_lists.ts";
