/**
 * The policy: which requests are refused. By default it refuses to undress or sexualise people in photos, in Russian and English,
 * disguised words included; the owner adds and removes patterns. Owns the verdict on a text and on a whole request. Knows no chat and
 * keeps no state: callers write the audit line and drop job and files.
 *
 * An ambiguous sentence is read as an everyday edit ("remove the jacket", "голые деревья"); an unambiguous one is refused. A word list
 * does not judge intent: it stops the plain request, not every way around it.
 */
import { type ParamSpecs, type ParamValues } from "../../templates/mod.ts";
import { createBuiltInRules, type FindRule } from "./built_in.ts";
import { createRows, readings } from "./lexicon.ts";
import { type PolicyPattern, toRegex } from "./pattern.ts";
import { normalise, parseSentence, type Sentence } from "./tokenizer.ts";

/** `policy:` of config.yaml. */
export interface PolicyConfig {
  /** False disables the policy, the owner's own entries too. */
  readonly enabled: boolean;
  /** Refused in addition to the built-in rules. */
  readonly refuse: readonly PolicyPattern[];
  /** Text that matches is not checked any further; overrides every refusal. */
  readonly allow: readonly PolicyPattern[];
}

/** `rule`: a built-in rule, or the owner's entry as written. For the audit line, not for the user. */
export type PolicyVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly rule: string };

export interface Policy {
  /** Checks a user's text. Pure; never throws; time is linear in its length (except for the owner's regexes). */
  check(words: string): PolicyVerdict;
  /** The same for a negative prompt, which lists what a picture must not show: there "clothes" undresses. */
  checkUnwanted(words: string): PolicyVerdict;
}

/** The policy of a configuration. */
export function createPolicy({ enabled, refuse, allow }: PolicyConfig): Policy {
  if (!enabled) {
    return { check: () => ({ allowed: true }), checkUnwanted: () => ({ allowed: true }) };
  }
  const clear = createClearing(allow);
  const own = createOwnRule(refuse);
  // Made with the first text that is judged: it takes a moment that the start does not have.
  let made: ReturnType<typeof createBuiltInRules> | undefined;
  const builtIn = (which: "wanted" | "unwanted"): FindRule => (text, sentence) =>
    (made ??= createBuiltInRules())[which](text, sentence);
  const judgeBy = (...rules: readonly FindRule[]) => (words: string): PolicyVerdict => {
    const { text, sentence } = clear(normalise(words));
    for (const findRule of rules) {
      const rule = findRule(text, sentence);
      if (rule !== undefined) return { allowed: false, rule };
    }
    return { allowed: true };
  };
  return {
    check: judgeBy(own, builtIn("wanted")),
    checkUnwanted: judgeBy(own, builtIn("unwanted")),
  };
}

/** Removes from a text what the owner allows. */
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

/** The parts of a request that the policy checks. */
export interface Wish {
  readonly promptText: string;
  readonly params: ParamValues;
}

/** `param`: the parameter whose value is refused; absent for the user's text. */
export type WishVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly rule: string; readonly param?: string };

/**
 * Checks the user's text and every text parameter: for an edit from the chat, a repeated job, a preset or the command line. A value that
 * is the template's default is not checked. `specs` are those of the template; an unknown parameter is checked too.
 */
export function judgeWish(policy: Policy, specs: ParamSpecs, wish: Wish): WishVerdict {
  const verdict = policy.check(wish.promptText);
  if (!verdict.allowed) return verdict;
  for (const [param, value] of Object.entries(wish.params)) {
    const spec = specs[param];
    if (typeof value !== "string" || spec !== undefined && spec.kind !== "text") continue;
    if (value === spec?.default) continue;
    const judged = judgeText(policy, param, value);
    if (!judged.allowed) return { ...judged, param };
  }
  return { allowed: true };
}

/** Checks the value of a text parameter, negative prompts as such. */
export function judgeText(policy: Policy, param: string, value: string) {
  return /negative/i.test(param) ? policy.checkUnwanted(value) : policy.check(value);
}

/** The policy of the configuration in force; made once for each. */
export function policyInForce(config: () => PolicyConfig): () => Policy {
  let made: { readonly from: PolicyConfig; readonly policy: Policy } | undefined;
  return () => {
    const from = config();
    if (made?.from !== from) made = { from, policy: createPolicy(from) };
    return made.policy;
  };
}
