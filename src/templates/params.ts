/**
 * A workflow parameter's kinds: int, float, choice, seed, text. Owns their limits, parsing, stepping and formatting.
 * Knows neither templates nor Telegram.
 */
import { nearest } from "../lib/mod.ts";

/** What a manifest says of a number. The limits are inclusive. */
export interface NumberSpec {
  readonly kind: "int" | "float";
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** One press of − or +. */
  readonly step: number;
}

/** What a manifest says of one parameter. */
export type ParamSpec =
  | NumberSpec
  /** 0 means random: drawn when the job is made. Up to which one is taken says seedLimit(max). */
  | { readonly kind: "seed"; readonly default: number; readonly max: number }
  | {
    readonly kind: "choice";
    readonly default: string;
    /** What may be chosen; empty while ComfyUI's own list is not known yet, and then anything is taken. */
    readonly options: readonly string[];
  }
  | { readonly kind: "text"; readonly default: string; readonly maxLength: number };

/**
 * A parameter's value: a number for int, float and seed, a string for choice and text; for a seed beyond 2^53 − 1, which no
 * number holds, its digits.
 */
export type ParamValue = number | string;

/** Values by parameter name. */
export type ParamValues = Readonly<Record<string, ParamValue>>;

/** Specs by parameter name, in the manifest's order (the menu's order). */
export type ParamSpecs = Readonly<Record<string, ParamSpec>>;

/** Why something written is no value of its parameter. */
export type ParamProblem =
  | { readonly kind: "not_a_number"; readonly raw: string }
  /** A fraction where only whole numbers go. */
  | { readonly kind: "not_whole"; readonly raw: string }
  | { readonly kind: "below_min"; readonly min: number }
  /** `max`: digits where no number holds it. */
  | { readonly kind: "above_max"; readonly max: number | string }
  /** `nearest`: up to 5 options, the most alike first. */
  | { readonly kind: "not_an_option"; readonly raw: string; readonly nearest: readonly string[] }
  | { readonly kind: "too_long"; readonly maxLength: number };

export type ParsedParam =
  | { readonly ok: true; readonly value: ParamValue }
  | { readonly ok: false; readonly problem: ParamProblem };

/** The seed that stands for "draw one". */
export const randomSeed = 0;

/** The limit of ComfyUI's seeds, 2^64 − 1, as near as a number comes to it. */
export const maxSeed = 2 ** 64;

/** The largest seed that a limit stands for. One beyond 2^53 − 1 is the next power of two, as a number comes to it. */
export function seedLimit(max: number): bigint {
  return Number.isSafeInteger(max) ? BigInt(max) : BigInt(max) - 1n;
}

/** Largest drawn seed: short enough to copy by hand. */
const maxDrawnSeed = 4_294_967_295;

const randomWords: ReadonlySet<string> = new Set(["random", "случайный", "случайно", "-1"]);

/**
 * What a user wrote, as a value of the parameter. Numbers may have a decimal comma (`2,5`); a seed may be `random`,
 * `случайный`, -1 or 0; an option matches in any letter case, and by the part after its slash (`euler` → `linear/euler`).
 */
export function parseParam(spec: ParamSpec, raw: string): ParsedParam {
  const written = raw.trim();
  switch (spec.kind) {
    case "int":
    case "float":
      return parseNumber(written, spec);
    case "seed":
      return randomWords.has(written.toLowerCase())
        ? valid(randomSeed)
        : parseSeed(written, seedLimit(spec.max));
    case "choice":
      return parseChoice(written, spec.options);
    case "text":
      return written.length <= spec.maxLength
        ? valid(written)
        : invalid({ kind: "too_long", maxLength: spec.maxLength });
    default:
      return unknownKind(spec);
  }
}

/**
 * A stored value as today's template takes it: numbers are moved into the limits, an option is looked up again, a text
 * is cut; what makes no sense at all becomes the default.
 */
export function clampParam(spec: ParamSpec, stored: unknown): ParamValue {
  switch (spec.kind) {
    case "int":
    case "float": {
      const number = storedNumber(stored);
      return number === undefined
        ? spec.default
        : within(spec, spec.kind === "int" ? Math.round(number) : number);
    }
    case "seed":
    case "choice": {
      const written = spec.kind === "seed" && Number.isSafeInteger(stored)
        ? String(stored)
        : stored;
      const parsed = typeof written === "string" ? parseParam(spec, written) : undefined;
      return parsed?.ok ? parsed.value : spec.default;
    }
    case "text":
      return typeof stored === "string" ? cut(stored.trim(), spec.maxLength) : spec.default;
    default:
      return unknownKind(spec);
  }
}

/**
 * The next multiple of `step` above (1) or below (−1) the value, inside the limits. From 1.3 in steps of 0.5 that is 1.5
 * or 1, and from a limit that is no multiple (0.1) the way leads back onto them (0.5).
 */
export function stepParam(spec: NumberSpec, value: number, direction: 1 | -1): number {
  const steps = value / spec.step;
  const tolerance = 1e-6; // 0.3 / 0.1 is 2.9999999999999996
  const next = direction === 1
    ? Math.floor(steps + tolerance) + 1
    : Math.ceil(steps - tolerance) - 1;
  return within(spec, Number((next * spec.step).toFixed(decimalsOf(spec.step))));
}

/** A value as users read it and `parseParam` reads it back: `8`, `1.0`, `linear/euler`, `random`. */
export function formatParam(spec: ParamSpec, value: ParamValue): string {
  if (typeof value === "string") return value;
  switch (spec.kind) {
    case "float": {
      const shortest = String(value);
      if (shortest.includes("e")) return shortest;
      return value.toFixed(Math.max(decimalsOf(value), decimalsOf(spec.step)));
    }
    case "seed":
      return value === randomSeed ? "random" : String(value);
    default:
      return String(value);
  }
}

/** A seed for a job whose settings say "random": 1 … 4294967295. `random` gives numbers from 0 up to, not including, 1. */
export function drawSeed(random: () => number): number {
  return 1 + Math.floor(random() * maxDrawnSeed);
}

/** The values, with a drawn seed for each parameter of the kind `seed` that is "random" (0), there or by default. */
export function drawSeeds(
  specs: Readonly<Record<string, ParamSpec>>,
  values: ParamValues,
  random: () => number,
): ParamValues {
  const drawn = Object.entries(specs)
    .filter(([name, spec]) => spec.kind === "seed" && (values[name] ?? spec.default) === randomSeed)
    .map(([name]) => [name, drawSeed(random)] as const);
  return { ...values, ...Object.fromEntries(drawn) };
}

/** A job's parameters: what the message gave, else what the user has chosen, else the template's default; seeds are drawn. */
export function paramsFor(
  specs: ParamSpecs,
  chosen: ParamValues,
  explicitParams: ParamValues,
  random: () => number,
): ParamValues {
  const values = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      clampParam(spec, explicitParams[name] ?? chosen[name] ?? spec.default),
    ]),
  );
  return drawSeeds(specs, values, random);
}

/**
 * The parameters of a job that goes to another template. What was given or chosen stays, also where the other one has no such
 * parameter; a default of the one says nothing about the other. Without `from` every value counts as chosen.
 */
export function movedParams(
  values: ParamValues,
  { from, to, given }: {
    readonly from: ParamSpecs | undefined;
    readonly to: ParamSpecs;
    readonly given: readonly string[];
  },
  random: () => number,
): ParamValues {
  const chosen = Object.fromEntries(
    Object.entries(values).filter(([name, value]) =>
      given.includes(name) || value !== from?.[name]?.default
    ),
  );
  return { ...chosen, ...paramsFor(to, chosen, {}, random) };
}

function parseNumber(
  written: string,
  limits: Pick<NumberSpec, "kind" | "min" | "max">,
): ParsedParam {
  const match = /^([+\-−]?)(\d+)(?:[.,](\d+))?(?:e([+-]?\d+))?$/i.exec(written);
  if (!match) return invalid({ kind: "not_a_number", raw: written });
  const [, sign, whole, fraction = "0", exponent] = match;
  const size = Number(`${whole}.${fraction}e${exponent ?? 0}`);
  // "1,000" is not whole either: a thousand or a one?
  const isWhole = exponent ? Number.isInteger(size) : !/[1-9]|00/.test(fraction);
  if (limits.kind === "int" && !isWhole) return invalid({ kind: "not_whole", raw: written });
  const value = sign === "" || sign === "+" || size === 0 ? size : -size;
  if (value < limits.min) return invalid({ kind: "below_min", min: limits.min });
  if (value > limits.max) return invalid({ kind: "above_max", max: limits.max });
  return valid(value);
}

/** A seed to its last digit. */
function parseSeed(written: string, limit: bigint): ParsedParam {
  const parsed = parseNumber(written, { kind: "int", min: 0, max: Infinity });
  if (!parsed.ok) return parsed;
  const digits = /^\+?(\d+)(?:[.,]0)?$/.exec(written)?.[1];
  const seed = BigInt(digits ?? parsed.value);
  return seed > limit ? invalid({ kind: "above_max", max: seedOf(limit) }) : valid(seedOf(seed));
}

function seedOf(seed: bigint): number | string {
  return seed > BigInt(Number.MAX_SAFE_INTEGER) ? String(seed) : Number(seed);
}

function parseChoice(written: string, options: readonly string[]): ParsedParam {
  const option = options.length === 0 && written !== "" ? written : findOption(written, options);
  return option !== undefined
    ? valid(option)
    : invalid({ kind: "not_an_option", raw: written, nearest: nearest(written, options) });
}

/**
 * RES4LYF's samplers have a folder (`linear/euler`), ComfyUI's own have none (`euler`): a name without one finds its option
 * in a folder, `linear/` first, and a name with one finds the option without.
 */
function findOption(written: string, options: readonly string[]): string | undefined {
  const wanted = written.toLowerCase();
  const find = (test: (option: string) => boolean) =>
    options.find((option) => test(option.toLowerCase()));
  const exact = options.find((option) => option === written) ?? find((option) => option === wanted);
  if (exact !== undefined || wanted === "") return exact;
  if (wanted.includes("/")) return find((option) => option === tailOf(wanted));
  const inFolders = options.filter((option) => tailOf(option.toLowerCase()) === wanted);
  return inFolders.length === 1 ? inFolders[0] : find((option) => option === `linear/${wanted}`);
}

function tailOf(option: string): string {
  return option.slice(option.lastIndexOf("/") + 1);
}

function storedNumber(stored: unknown): number | undefined {
  if (typeof stored === "number") return Number.isNaN(stored) ? undefined : stored;
  if (typeof stored !== "string") return undefined;
  const parsed = parseNumber(stored.trim(), { kind: "float", min: -Infinity, max: Infinity });
  return parsed.ok ? Number(parsed.value) : undefined;
}

function within(limits: Pick<NumberSpec, "min" | "max">, value: number): number {
  return Math.min(limits.max, Math.max(limits.min, value));
}

function decimalsOf(value: number): number {
  return String(value).split(".")[1]?.length ?? 0;
}

/** The beginning of a text, never half of a surrogate pair. */
function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, "");
}

function valid(value: ParamValue): ParsedParam {
  return { ok: true, value };
}

function invalid(problem: ParamProblem): ParsedParam {
  return { ok: false, problem };
}

function unknownKind(spec: never): never {
  throw new TypeError(`Cannot handle a parameter of the kind ${JSON.stringify(spec)}`);
}
