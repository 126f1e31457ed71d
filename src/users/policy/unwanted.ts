/**
 * The rules for negative prompts, which list what a picture must not show: "nude" is fine there, "clothes, dress, bra" undresses. Each
 * item is checked by itself. Knows nothing of ordinary prompts.
 */
import { is, type Words } from "./reach.ts";
import type { BuiltInRule } from "./rules.ts";
import { type WordClass } from "./words/mod.ts";

/** The rule that a negative prompt breaks. An item about flawed clothes ("torn dress"), or that asks for some ("no clothes"), breaks none. */
export function unwantedRule(words: Words): BuiltInRule | undefined {
  const isChaste = words.some((_, at) => is(words, at, "bare", "sexual", "intimate", "sex"));
  for (const item of itemsOf(words)) {
    const has = (...classes: readonly WordClass[]) =>
      item.some((_, at) => is(item, at, ...classes));
    if (
      has(
        "flaw",
        "without",
        "no",
        "not",
        "sheer",
        "gone",
        "bare",
        "sexual",
        "revealing",
        "takeOff",
        "thing",
      )
    ) {
      continue;
    }
    if (has("censorship")) return "sexual";
    const isOfUnderwear = has("under", "swim");
    if ((has("garment") || has("dressedOnly")) && !(isOfUnderwear && isChaste)) return "undressing";
  }
  return undefined;
}

function itemsOf(words: Words): Words[] {
  const items: Words[number][][] = [[]];
  for (const [at, word] of words.entries()) {
    if (word.begins !== undefined || is(words, at, "and")) items.push([]);
    items.at(-1)!.push(word);
  }
  return items;
}
