/**
 * The owner's entries in `policy.refuse` and `policy.allow`: words, stems and regular expressions. Owns their syntax; what they
 * are for is policy.ts's.
 */
import { normalise } from "./tokenizer.ts";

/** One entry. */
export type PolicyPattern =
  /** Words that stand in a row, normalised; `*` at the end of one makes a stem of it. */
  | { readonly kind: "words"; readonly text: string; readonly words: readonly string[] }
  /** For normalised texts: lower case, ё is е. */
  | { readonly kind: "regex"; readonly text: string; readonly source: string };

/** What the entries may be, to be read after "wanted". */
export const patternForms =
  'words, stems such as "cat*", or a valid /regex/ with no repetition within a repetition';

/** Parses an entry; undefined where it is none. */
export function parsePattern(text: string): PolicyPattern | undefined {
  if (/^\s*\//.test(text)) {
    const written = /^\s*\/(.+)\/\s*$/s.exec(text)?.[1];
    const source = written?.normalize("NFC").replaceAll("ё", "е").replaceAll("Ё", "Е");
    return source !== undefined && isRegex(source) && !repeatsRepetition(source)
      ? { kind: "regex", text, source }
      : undefined;
  }
  const words = normalise(text).match(/[\p{L}\p{N}@$]+\*?/gu) ?? [];
  return words.length > 0 ? { kind: "words", text, words } : undefined;
}

/** Case is ignored, and `\b` and `\w` know all letters; `g`: for every place. */
export function toRegex(source: string, flags: "" | "g" = ""): RegExp {
  let isInSet = false;
  const translated = source.replace(/\\.|[[\]]/gsu, (token) => {
    if (token === "[" || token === "]") isInSet = token === "[";
    if (token === "\\w") return isInSet ? letters : `[${letters}]`;
    if (token !== "\\b" || isInSet) return token;
    return `(?:(?<=[${letters}])(?![${letters}])|(?<![${letters}])(?=[${letters}]))`;
  });
  return new RegExp(translated, `iu${flags}`);
}

const letters = "\\p{L}\\p{N}_";

function isRegex(source: string): boolean {
  try {
    toRegex(source);
    return true;
  } catch {
    return false;
  }
}

/**
 * `(a+)+` and the like: time that doubles with every letter, and any user could trigger it. Other slow ones are
 * possible, and slow only by a power of the length.
 */
function repeatsRepetition(source: string): boolean {
  const tokens = source.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|\(|\)|[*+]|\{\d+,\d*\}/gsu);
  /** For each open group: does it hold a repetition. */
  const groups: boolean[] = [false];
  for (const { 0: token, index } of tokens) {
    if (token === "(") groups.push(false);
    else if (token === ")") {
      const inner = groups.pop() ?? false;
      const isRepeated = /^(?:[*+]|\{\d+,?\d*\})/.test(source.slice(index + 1));
      if (inner && isRepeated) return true;
      groups.push((groups.pop() ?? false) || inner);
    } else if (/^[*+{]/.test(token)) groups.push((groups.pop(), true));
  }
  return false;
}
