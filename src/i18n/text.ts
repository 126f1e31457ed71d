/**
 * Every sentence that a user in the chat reads, by key and language. A language is one file like en.ts; the type
 * of the English one is what the others must have. No HTML, no Markdown: a user's words can stand in any of them.
 */

import { type Language } from "../lib/mod.ts";
import { en, type Text } from "./en.ts";
import { ru } from "./ru.ts";

const texts: Readonly<Record<Language, Text>> = { en, ru };

/** The sentences in `language`. */
export function textIn(language: Language): Text {
  return texts[language];
}

/** The language for Telegram's `language_code` (IETF tag): Russian for its neighbours too, English for all others. */
export function languageFor(code: string | undefined): Language {
  return /^(ru|be|uk|kk|ky|uz|tg)\b/i.test(code ?? "") ? "ru" : "en";
}

/** Cuts to at most `max` UTF-16 units, on a whole character, with an ellipsis where something is missing. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (kept.length + segment.length > max - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
