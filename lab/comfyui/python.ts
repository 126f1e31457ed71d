/**
 * Python's spelling where ComfyUI lets it out: whole numbers of any size in JSON, `repr`, `str`, conversions and their errors.
 * Knows nothing of ComfyUI.
 */

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** What stands for a number that JSON has no word for, while JSON's own functions have it in hand. */
const UNSPEAKABLE: ReadonlyMap<string, number> = new Map([
  ["\0NaN\0", NaN],
  ["\0Infinity\0", Infinity],
  ["\0-Infinity\0", -Infinity],
]);

/**
 * `json.loads`: `JSON.parse`, but a whole number that a double cannot hold becomes a bigint (a seed of 2**64 - 1 is one to Python),
 * and a bare `NaN`, `Infinity` or `-Infinity` is a number.
 */
export function parseExact(text: string): unknown {
  const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;
  const spoken = /NaN|Infinity/.test(text)
    ? text.replaceAll(
      /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g,
      (found) => found.startsWith('"') ? found : `"\\u0000${found}\\u0000"`,
    )
    : text;
  return parse(spoken, (_key, value, { source }) => {
    if (typeof value === "string") return UNSPEAKABLE.get(value) ?? value;
    const isLarge = typeof value === "number" && Number.isInteger(value) &&
      !Number.isSafeInteger(value);
    return isLarge && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}

/** `json.dumps` for what `parseExact` gives: numbers that JSON has no word for go out bare, as Python writes them. */
export function stringifyExact(value: unknown): string {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  return JSON.stringify(value, (_key, item) => {
    if (typeof item === "bigint") return rawJSON(String(item));
    return typeof item === "number" && !Number.isFinite(item) ? `\0${item}\0` : item;
  }).replaceAll(/"\\u0000(NaN|-?Infinity)\\u0000"/g, "$1");
}

/** `json.dumps` with its default `ensure_ascii`: safe in a PNG's Latin-1 text. */
export function stringifyAscii(value: unknown): string {
  return stringifyExact(value).replaceAll(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** `repr(value)`. */
export function repr(value: unknown): string {
  if (typeof value === "string") {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    const inner = value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll(
      quote,
      `\\${quote}`,
    );
    return quote + inner + quote;
  }
  if (value === null || value === undefined) return "None";
  if (value instanceof Error) return value.message;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (typeof value === "object") {
    return `{${
      Object.entries(value).map(([key, item]) => `${repr(key)}: ${repr(item)}`).join(", ")
    }}`;
  }
  return String(value);
}

/** `str(value)`. */
export function str(value: unknown): string {
  return typeof value === "string" ? value : repr(value);
}

/** `str` of a float: `99.0`, `0.01`. */
export function floatStr(value: number | bigint): string {
  const number = Number(value);
  return Number.isInteger(number) && Math.abs(number) < 1e16 ? number.toFixed(1) : String(number);
}

/** An exception as Python would raise it; `type` is its full name. */
export class PythonError extends Error {
  override readonly name = "PythonError";

  constructor(readonly type: string, message: string) {
    super(message);
  }
}

/** `int(value)`; throws a PythonError. */
export function toInt(value: unknown): number | bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return Math.trunc(value);
  if (typeof value === "string") {
    const text = value.trim();
    if (!/^[+-]?\d+$/.test(text)) {
      throw new PythonError(
        "ValueError",
        `invalid literal for int() with base 10: ${repr(value)}`,
      );
    }
    return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
  }
  throw new PythonError(
    "TypeError",
    `int() argument must be a string, a bytes-like object or a real number, not '${
      typeName(value)
    }'`,
  );
}

/** `float(value)`; throws a PythonError. */
export function toFloat(value: unknown): number {
  if (typeof value === "bigint" || typeof value === "boolean" || typeof value === "number") {
    return Number(value);
  }
  if (typeof value === "string") {
    const number = Number(value.trim());
    if (value.trim() === "" || Number.isNaN(number)) {
      throw new PythonError("ValueError", `could not convert string to float: ${repr(value)}`);
    }
    return number;
  }
  throw new PythonError(
    "TypeError",
    `float() argument must be a string or a real number, not '${typeName(value)}'`,
  );
}

/** `bool(value)`. */
export function toBool(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (Array.isArray(value)) return "list";
  return "dict";
}
