/**
 * Parameters inside a sentence: `make it night steps=12 neg="blurry"`. Owns the syntax and the aliases of
 * parameters. params.ts owns which values are valid.
 *
 *   parameter = name "=" value, at the start of a word, no spaces around "="
 *   name      = a parameter's name or alias, in any letter case; any other Latin identifier is a problem, not silence
 *   value     = a quoted stretch ("…" '…' «…» “…” „…“), or the rest of the word; of a text also a list of words with
 *               commas between them (`neg=blurry, ugly`), where the text, the line, the sentence or another parameter ends it
 *
 * Quoted stretches of the sentence itself are left alone (`write "a=b" on the sign`), and so is every word that does not
 * begin with a name and "=": a URL with a query, for one.
 */
import { probableName } from "../lib/mod.ts";
import {
  type ParamProblem,
  type ParamSpecs,
  type ParamValue,
  type ParamValues,
  parseParam,
} from "./params.ts";

/** Why a parameter in the sentence cannot be used. */
export type InlineProblem =
  /** No parameter of this template has that name. `nearest`: the one that was probably meant. */
  | { readonly kind: "unknown"; readonly name: string; readonly nearest?: string }
  /** A value begins with a quotation mark that nothing closes. */
  | { readonly kind: "unclosed_quote"; readonly name: string }
  /** A list of words without quotation marks, and nothing tells where it ends and the sentence goes on. */
  | { readonly kind: "unclear_end"; readonly name: string }
  | {
    readonly kind: "invalid";
    readonly name: string;
    readonly raw: string;
    readonly problem: ParamProblem;
  };

/** A parsed sentence. Where there are problems, no job should be made of it. */
export interface InlineText {
  /** The words that remain, whitespace collapsed; the trimmed text as it was where it holds no parameter. */
  readonly promptText: string;
  readonly values: ParamValues;
  readonly problems: readonly InlineProblem[];
}

/** What users call the parameters, besides their own names; a template's own parameter of that name comes first. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["neg", "negative_prompt"],
  ["negative", "negative_prompt"],
  ["негатив", "negative_prompt"],
  ["sampler_name", "sampler"],
  ["сэмплер", "sampler"],
  ["семплер", "sampler"],
  ["планировщик", "scheduler"],
  ["шаги", "steps"],
  ["сид", "seed"],
  ["зерно", "seed"],
  ["сила", "strength"],
]);

/** Which marks close a quoted stretch, by the one that opens it. Phones mix straight and curly ones. */
const closingQuotes: ReadonlyMap<string, string> = new Map([
  ['"', '"”'],
  ["“", '”"'],
  ["„", '“”"'],
  ["«", "»"],
  ["'", "'’"],
  ["‘", "’'"],
]);

type Assignment = { readonly raw: string } | "unclosed_quote" | "unclear_end";

/** Splits a sentence into its text and its parameters; of a parameter that is set twice the last value counts. Never throws. */
export function parseInline(text: string, specs: ParamSpecs): InlineText {
  const words: string[] = [];
  const assignments = new Map<string, Assignment>();
  const unknown = new Set<string>();
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const written = nameAt(text, at);
    const name = written && resolveName(written, specs);
    if (written === undefined || !isParameter(written, specs)) {
      const end = wordEnd(text, at);
      words.push(text.slice(at, end));
      at = end;
      continue;
    }
    const start = at + written.length + 1;
    const isText = name !== undefined && specs[name]!.kind === "text";
    const { assignment, end } = (isText ? listAt(text, start, specs) : undefined) ??
      valueAt(text, start);
    if (name === undefined) unknown.add(written);
    else assignments.set(name, assignment);
    at = end;
  }
  if (assignments.size + unknown.size === 0) {
    return { promptText: text.trim(), values: {}, problems: [] };
  }
  const promptText = words.join(" ").replace(/[\s,;]+$/, "");
  return { promptText, ...evaluate(assignments, unknown, specs) };
}

function evaluate(
  assignments: ReadonlyMap<string, Assignment>,
  unknown: ReadonlySet<string>,
  specs: ParamSpecs,
): Pick<InlineText, "values" | "problems"> {
  const values: Record<string, ParamValue> = {};
  const problems: InlineProblem[] = [];
  for (const [name, assignment] of assignments) {
    if (typeof assignment === "string") {
      problems.push({ kind: assignment, name });
      continue;
    }
    const parsed = parseParam(specs[name]!, assignment.raw);
    if (parsed.ok) values[name] = parsed.value;
    else problems.push({ kind: "invalid", name, raw: assignment.raw, problem: parsed.problem });
  }
  for (const name of unknown) {
    const probable = probableName(name, Object.keys(specs));
    problems.push({ kind: "unknown", name, ...(probable !== undefined && { nearest: probable }) });
  }
  return { values, problems };
}

/** The name of a parameter that begins here, if `name=` and something other than space stand here. */
function nameAt(text: string, at: number): string | undefined {
  const pattern = /([\p{L}_][\p{L}\p{N}_-]*)=(?=\S)/uy;
  pattern.lastIndex = at;
  return pattern.exec(text)?.[1];
}

/** The template's parameter that goes by this name. */
function resolveName(written: string, specs: ParamSpecs): string | undefined {
  const name = written.toLowerCase().replaceAll("-", "_");
  return [name, aliases.get(name)].find((it) => it !== undefined && Object.hasOwn(specs, it));
}

function isParameter(written: string, specs: ParamSpecs): boolean {
  return resolveName(written, specs) !== undefined || isReservedName(written);
}

/** Names that are never written by accident: an answer is better than a parameter that silently became words. */
function isReservedName(written: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(written) || aliases.has(written.toLowerCase());
}

function valueAt(text: string, at: number): { assignment: Assignment; end: number } {
  const quotedEnd = quoteEnd(text, at);
  if (quotedEnd !== undefined) {
    const punctuation = /[,;.!?)]*/y;
    punctuation.lastIndex = quotedEnd;
    const end = quotedEnd + (punctuation.exec(text)?.[0].length ?? 0);
    return { assignment: { raw: text.slice(at + 1, quotedEnd - 1) }, end };
  }
  const end = wordEnd(text, at);
  if (closingQuotes.has(text[at]!)) return { assignment: "unclosed_quote", end };
  return { assignment: { raw: unpunctuated(text.slice(at, end)) }, end };
}

/** A text without quotation marks that goes on behind a comma; undefined where it is one word. */
function listAt(
  text: string,
  start: number,
  specs: ParamSpecs,
): { assignment: Assignment; end: number } | undefined {
  if (closingQuotes.has(text[start]!)) return undefined;
  const isEnd = (at: number) => {
    const next = skipSpace(text, at);
    const written = nameAt(text, next);
    return next === text.length || text.slice(at, next).includes("\n") ||
      (written !== undefined && isParameter(written, specs));
  };
  let end = wordEnd(text, start);
  let items = 1;
  for (; /[,;]/.test(text[end - 1]!) && !isEnd(end); items++) {
    end = wordEnd(text, skipSpace(text, end));
  }
  if (items === 1) return undefined;
  const isClear = isEnd(end) || /[.!?]/.test(text[end - 1]!);
  const raw = unpunctuated(text.slice(start, end));
  return { assignment: isClear ? { raw } : "unclear_end", end };
}

function unpunctuated(value: string): string {
  return value.replace(/(?<=.)[,;.!?)]+$/, "");
}

/** Where the word that begins here ends; a quoted stretch is a part of its word, spaces and all. */
function wordEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && !isSpace(text[at])) {
    const opens = at === start || !isLetter(text[at - 1]);
    at = (opens ? quoteEnd(text, at) : undefined) ?? at + 1;
  }
  return at;
}

/**
 * Where the quoted stretch that begins here ends, its closing mark included. A mark between two letters closes nothing:
 * `'don't'` is one stretch.
 */
function quoteEnd(text: string, start: number): number | undefined {
  const closing = closingQuotes.get(text[start] ?? "");
  if (closing === undefined) return undefined;
  for (let at = start + 1; at < text.length; at++) {
    if (closing.includes(text[at]!) && !isLetter(text[at + 1])) return at + 1;
  }
  return undefined;
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text[at])) at++;
  return at;
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && /\s/.test(char);
}

function isLetter(char: string | undefined): boolean {
  return char !== undefined && /[\p{L}\p{N}]/u.test(char);
}
