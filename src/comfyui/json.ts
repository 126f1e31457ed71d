/**
 * JSON as Python writes it. ComfyUI puts what its nodes say into its answers as it is, and Python has numbers that JSON has
 * not: a node that must always run returns a bare `NaN`, and then the whole answer is not valid JSON.
 */

/** The value of a JSON text, undefined where it is not JSON. Bare `NaN`, `Infinity` and `-Infinity` are read as null. */
export function parseJson(text: string): unknown {
  const value = parse(text);
  return value === undefined && /NaN|Infinity/.test(text) ? parse(withNulls(text)) : value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The text with null for each number that JSON does not have; strings are unchanged. No regular expression over whole strings:
 * a graph may have megabytes in one, which overflows V8's stack.
 */
function withNulls(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    const opens = indexOrEnd(text, at);
    parts.push(text.slice(at, opens).replaceAll(/-?\b(?:NaN|Infinity)\b/g, "null"));
    let closes = indexOrEnd(text, opens + 1);
    while (isEscaped(text, closes)) closes = indexOrEnd(text, closes + 1);
    parts.push(text.slice(opens, closes + 1));
    at = closes + 1;
  }
  return parts.join("");
}

/** Where the next quote is, or the text's length. */
function indexOrEnd(text: string, from: number): number {
  const index = text.indexOf('"', from);
  return index < 0 ? text.length : index;
}

/** True for a quote with an odd number of backslashes before it. */
function isEscaped(text: string, quote: number): boolean {
  if (quote === text.length) return false;
  let before = quote;
  while (text[before - 1] === "\\") before--;
  return (quote - before) % 2 === 1;
}
