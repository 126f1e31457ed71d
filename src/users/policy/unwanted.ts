/**
 * Negative prompts, which list what a picture must not show: "nude" is fine there, "clothes, dress, bra" undresses. Owns where one
 * stands in a text ("neg: …", "--no …") and its rules: each item is checked by itself. Knows nothing of ordinary prompts.
 */
import { is, type Words } from "./reach.ts";
import type { BuiltInRule } from "./rules.ts";
import { type WordClass } from "./words/mod.ts";

/** "negative prompt: …", "neg="…"", "--no …", to the closing quote or the end of the line. */
const negativePrompt =
  /(?:(?<![\p{L}\p{N}])(?:neg(?:ative)?s?|нег|негатив\p{L}*|not wanted|unwanted|avoid|exclude|исключи\p{L}*|не (?:хочу|надо|нужно))(?:[\s_-]*(?:prompts?|промпт\p{L}*|запрос\p{L}*))?\s*[:=]|(?<!\S)--no(?=\s))\s*(?:"([^"]*)"|«([^»]*)»|([^\n]*))/gu;

/** A normalised text without the negative prompts within it, and those. */
export function divideNegative(
  text: string,
): { readonly wanted: string; readonly unwanted: string } {
  const unwanted: string[] = [];
  const wanted = text.replace(negativePrompt, (_all, ...found: (string | undefined)[]) => {
    unwanted.push(found.slice(0, 3).find((it) => it !== undefined) ?? "");
    return " . ";
  });
  return { wanted, unwanted: unwanted.join("\n") };
}

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
