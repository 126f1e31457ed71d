/**
 * The owner's policy: which words no job is made of. By default it refuses to undress or to sexualise people in photos, in Russian
 * and English, whatever the disguise; the owner adds and takes away. Knows no chat and keeps no state: whoever asks sees to it
 * that a refusal leaves an audit line, and neither a job nor a file.
 *
 * Where a sentence can be read in two ways, everyday edits come first ("remove the jacket", "голые деревья"); what can be read in
 * one way only is refused. A list of words is no judge of intent: it stops the plain request, not every way around it.
 */
import { createBuiltInRules, type FindRule } from "./built_in.ts";
import { readings } from "./lexicon.ts";
import { type PolicyPattern, toRegex } from "./pattern.ts";
import { createRows } from "./rows.ts";
import { normalise, parseSentence, type Sentence } from "./tokenizer.ts";

/** `policy:` of config.yaml. */
export interface PolicyConfig {
  /** False turns all of it off, the owner's own entries too. */
  readonly enabled: boolean;
  /** Refused besides what is built in. */
  readonly refuse: readonly PolicyPattern[];
  /** Words that match are not looked at any further; wins over everything that is refused. */
  readonly allow: readonly PolicyPattern[];
}

/** `rule`: one of the built-in ones, or the owner's entry as it is written. For the audit line, not for the person. */
export type PolicyVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly rule: string };

export interface Policy {
  /** Judges a person's words. Pure; never throws; its time grows with their length (the owner's regexes aside). */
  check(words: string): PolicyVerdict;
  /** The same for a negative prompt: words for what the picture is not to show, where "clothes" asks for none. */
  checkUnwanted(words: string): PolicyVerdict;
}

/** The policy of a configuration. */
export function createPolicy({ enabled, refuse, allow }: PolicyConfig): Policy {
  if (!enabled) {
    return { check: () => ({ allowed: true }), checkUnwanted: () => ({ allowed: true }) };
  }
  const clear = createClearing(allow);
  const own = createOwnRule(refuse);
  const builtIn = createBuiltInRules();
  const judgeBy = (...rules: readonly FindRule[]) => (words: string): PolicyVerdict => {
    const { text, sentence } = clear(normalise(words));
    for (const findRule of rules) {
      const rule = findRule(text, sentence);
      if (rule !== undefined) return { allowed: false, rule };
    }
    return { allowed: true };
  };
  return {
    check: judgeBy(own, builtIn.wanted),
    checkUnwanted: judgeBy(own, builtIn.unwanted),
  };
}

/** Takes out of a text what the owner allows. */
function createClearing(
  allow: readonly PolicyPattern[],
): (text: string) => { readonly text: string; readonly sentence: Sentence } {
  const regexes = regexesOf(allow).map(({ source }) => toRegex(source, "g"));
  const rows = createRows(rowsOf(allow).map(({ words }) => words));
  return (written) => {
    const text = regexes.reduce((left, regex) => left.replace(regex, " . "), written);
    const sentence = parseSentence(text);
    const found = rows.find(sentence.tokens.map((token) => token.text));
    if (found.length === 0) return { text, sentence };
    const pieces = sentence.tokens.map(({ start, end }) => ({ start, end }));
    const cut = found.map(({ start, end }) => ({
      start: pieces[start]!.start,
      end: pieces[end - 1]!.end,
    }));
    const left = without(text, cut);
    return { text: left, sentence: parseSentence(left) };
  };
}

/** The text with the stretches replaced by the end of a clause. They come in the order of their starts and may overlap. */
function without(
  text: string,
  stretches: readonly { readonly start: number; readonly end: number }[],
): string {
  let left = "";
  let at = 0;
  for (const { start, end } of stretches) {
    if (start > at) left += text.slice(at, start);
    if (end > at) left += " . ";
    at = Math.max(at, end);
  }
  return left + text.slice(at);
}

function createOwnRule(refuse: readonly PolicyPattern[]): FindRule {
  const regexes = regexesOf(refuse).map(({ text, source }) => ({ text, regex: toRegex(source) }));
  const patterns = rowsOf(refuse);
  const rows = createRows(patterns.map(({ words }) => words));
  return (text, { tokens, spelled, broken }) => {
    if (regexes.length > 0) {
      const texts = [text, ...spelled].flatMap((it) => [it, ...readings(it)]);
      const found = regexes.find(({ regex }) => texts.some((it) => regex.test(it)));
      if (found !== undefined) return found.text;
    }
    if (patterns.length === 0) return undefined;
    const joined = broken.flatMap(({ parts, by }) => by === "marks" ? [parts.join("")] : []);
    const places = [
      tokens.map((token) => token.text),
      ...[...spelled, ...joined].map((it) => [it]),
    ];
    const found = places.flatMap((it) => rows.find(it)).at(0);
    return found && patterns[found.row]?.text;
  };
}

function regexesOf(patterns: readonly PolicyPattern[]) {
  return patterns.flatMap((it) => it.kind === "regex" ? [it] : []);
}

function rowsOf(patterns: readonly PolicyPattern[]) {
  return patterns.flatMap((it) => it.kind === "words" ? [it] : []);
}
