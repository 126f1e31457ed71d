/**
 * Every sentence that a user reads in the chat, in English and Russian, with plurals.
 * Owns the texts and their types: a language that lacks a sentence does not compile. Does not know when a sentence is said.
 */
export type { Text } from "./en.ts";
export { paramLabel, shownLimits, shownValue } from "./params.ts";
export { cut, languageFor, textIn } from "./text.ts";
