/**
 * JSON whose numbers are written as they were read. A graph may hold a number that JavaScript cannot (a seed of 64 bits): such
 * a number is kept as its digits. Knows no graph.
 */

/** A number as its digits: `JSON.stringify` writes them as they are. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** JSON source text access (ECMAScript 2026), which TypeScript's library does not know yet. */
const json = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: Context) => unknown): unknown;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};
interface Context {
  /** Of a number, a string, true, false or null, as it stands in the text. */
  readonly source?: string;
}

/** As JSON.parse, which throws for what is none; a byte order mark before it is no part of it. */
export function parseExactly(text: string): unknown {
  return json.parse(text.replace(/^\uFEFF/, ""), (_key, value, { source }) => {
    if (typeof value !== "number" || source === undefined || isExact(value)) return value;
    return json.rawJSON(source);
  });
}

/** A number of these digits: `18446744073709551615`. Throws SyntaxError for what is no JSON number. */
export function rawNumber(digits: string): RawNumber {
  return json.rawJSON(digits);
}

/** True for a number that is kept as its digits. */
export function isRawNumber(value: unknown): value is RawNumber {
  return json.isRawJSON(value);
}

/** A fraction is what Python makes of it too; of whole numbers only the safe ones are, and what is infinite is none. */
function isExact(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}
