/**
 * Every sentence in every language: there, complete, and in its own words.
 *
 * Drives besides: src/i18n/ru.ts, src/i18n/en_menus.ts, src/i18n/ru_menus.ts, src/i18n/plurals.ts.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import { type Text } from "../../src/i18n/en.ts";
import { cut, languageFor, textIn } from "../../src/i18n/text.ts";
import { FailReason } from "../../src/jobs/job.ts";
import { type Language, languages } from "../../src/lib/language.ts";
import type { InlineProblem } from "../../src/templates/inline_params.ts";
import type { ParamProblem } from "../../src/templates/params.ts";

const paramProblems: readonly ParamProblem[] = [
  { kind: "not_a_number", raw: "77" },
  { kind: "not_whole", raw: "77" },
  { kind: "below_min", min: 7 },
  { kind: "above_max", max: 7 },
  { kind: "not_an_option", raw: "77", nearest: [] },
  { kind: "not_an_option", raw: "77", nearest: ["71", "72"] },
  { kind: "too_long", maxLength: 7 },
];
const inlineProblems: readonly InlineProblem[] = [
  { kind: "unknown", name: "77" },
  { kind: "unknown", name: "77", nearest: "71" },
  { kind: "unclosed_quote", name: "77" },
  { kind: "unclear_end", name: "77" },
  ...paramProblems.map((problem) => ({ kind: "invalid", name: "7", raw: "77", problem } as const)),
];

/** An argument that has every field, each of them a number that looks like no word. */
function anyArgument(fields: Readonly<Record<string, unknown>>): object {
  return new Proxy(fields, {
    get: (known, name) => Reflect.has(known, name) ? Reflect.get(known, name) : 7,
  });
}

/** Two of them: with everything that may be absent, and without. */
const fullArgument = anyArgument({
  words: "77",
  step: { value: 1, max: 8 },
  leftMs: 7_000,
  waitMs: 7_000,
});
const bareArgument = anyArgument({
  words: "77",
  step: undefined,
  leftMs: undefined,
  waitMs: undefined,
  waiting: 0,
  limits: "",
  pages: 1,
  version: undefined,
  runMs: undefined,
  bytes: 0,
  chats: 1,
  missed: 0,
  there: 0,
});

/** What to call a function with, by its key, where `fullArgument` is not it. */
const argumentsByKey: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  duration: [[500], [90_000], [4_000_000]],
  failed: FailReason.options.map((reason) => [reason]),
  paramProblem: paramProblems.map((problem) => [{ name: "7", problem }]),
  inlineProblem: inlineProblems.map((problem) => [problem, ["1", "2"]]),
};

type Callable = (...args: readonly unknown[]) => unknown;

/** Every sentence under `value`, with its key. */
function* sentences(value: unknown, key: string): Generator<readonly [string, string]> {
  if (typeof value === "string") yield [key, value];
  else if (typeof value === "function") {
    const calls = argumentsByKey[key] ?? [[fullArgument], [bareArgument]];
    for (const [i, args] of calls.entries()) {
      yield* sentences((value as Callable)(...args), `${key}#${i}`);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      yield* sentences(member, key === "" ? name : `${key}.${name}`);
    }
  } else assert.fail(`${key} is ${String(value)}`);
}

const sentencesIn = (language: Language) => [...sentences(textIn(language), "")];

/** Those that are in one language: where a language is chosen, each has its own name. */
const plainSentencesIn = (language: Language) =>
  sentencesIn(language).filter(([key]) => key !== "commands.language");

for (const language of languages) {
  Deno.test(`textIn() has a sentence for every key when the language is ${language}`, () => {
    const all = sentencesIn(language);
    assert.ok(all.length > 100, `${all.length}`);
    for (const [key, sentence] of all) {
      // What a user has written may be empty; a sentence of ours never is.
      if (key.startsWith("result#")) continue;
      assert.notEqual(sentence.trim(), "", key);
      assert.doesNotMatch(sentence, /undefined|null|NaN|\[object/, key);
      assert.equal(sentence, sentence.trim(), key);
    }
  });
}

Deno.test("textIn() has the same keys in every language", () => {
  const keys = (language: Language) => sentencesIn(language).map(([key]) => key);
  for (const language of languages) assert.deepEqual(keys(language), keys("en"));
});

/** What stays in Latin letters: names of things, commands, parameters and pictures as the model is told of them. */
const latinNames =
  /\/[a-z]+|\b(Telegram|ComfyUI|JPEG|PNG|WebP|HEIC|AVIF|iPhone|CFG|Eta|Denoise|LoRA|steps=\d+|seed=\d+|cfg=\d+|neg=|n=\d+|env|Picture \d|id)/g;

Deno.test("textIn() says nothing in English when the language is Russian", () => {
  for (const [key, sentence] of plainSentencesIn("ru")) {
    assert.doesNotMatch(sentence.replaceAll(latinNames, ""), /[a-z]/i, `${key}: ${sentence}`);
  }
});

Deno.test("textIn() says nothing in Russian when the language is English", () => {
  for (const [key, sentence] of plainSentencesIn("en")) {
    assert.doesNotMatch(sentence, /[а-яё]/i, key);
  }
});

Deno.test("textIn() writes what differs between the languages in both", () => {
  const russian = new Map(sentencesIn("ru"));
  for (const [key, sentence] of sentencesIn("en")) {
    if (!/[a-z]{4}/i.test(sentence.replaceAll(latinNames, ""))) continue;
    assert.match(russian.get(key) ?? "", /[а-яё]/i, key);
  }
});

/** What stands for 1, 2, 5, 11 and 21. */
function forms(say: (n: number) => string): string[] {
  return [1, 2, 5, 11, 21, 22, 112].map((n) => {
    const said = say(n);
    assert.ok(said.includes(String(n)), said);
    return said.slice(said.indexOf(String(n)) + String(n).length).trim().match(
      /^[а-яёa-z]+( жд[а-яё]+)?/i,
    )![0];
  });
}

Deno.test("textIn() counts in Russian as Russians do when the number is 1, 2, 5, 11, 21", () => {
  const { cancel, status, queue, result, image, wordsTooLong, paramProblem } = textIn("ru");
  const jobs = ["задача", "задачи", "задач", "задач", "задача", "задачи", "задач"];
  assert.deepEqual(forms((n) => cancel.done({ jobs: n })), jobs);
  assert.deepEqual(forms((n) => status.head({ jobs: n })), jobs);
  assert.deepEqual(forms((n) => status.total({ waiting: n })), jobs);
  const [waits, wait, many] = ["задача ждёт", "задачи ждут", "задач ждут"];
  assert.deepEqual(
    forms((n) => queue.full({ max: n })),
    [waits, wait, many, many, waits, wait, many],
  );
  assert.deepEqual(
    forms((n) => result({ words: "", seed: undefined, steps: n, ms: 1 }).tail),
    ["шаг", "шага", "шагов", "шагов", "шаг", "шага", "шагов"],
  );
  const [one, some] = ["картинки", "картинок"];
  assert.deepEqual(
    forms((n) => image.tooManyPictures({ max: n })),
    [one, some, some, some, one, some, some],
  );
  assert.deepEqual(
    forms((n) => image.tooManyPixels({ width: 0, height: 0, maxMegapixels: n })),
    ["мегапикселя", "мегапикселей", "мегапикселей", "мегапикселей", "мегапикселя"].concat(
      ["мегапикселей", "мегапикселей"],
    ),
  );
  assert.deepEqual(
    forms((n) => wordsTooLong({ max: n })),
    ["знак", "знака", "знаков", "знаков", "знак", "знака", "знаков"],
  );
  assert.deepEqual(
    forms((n) => paramProblem({ name: "", problem: { kind: "too_long", maxLength: n } })),
    ["знака", "знаков", "знаков", "знаков", "знака", "знаков", "знаков"],
  );
});

Deno.test("textIn() writes fractions in Russian with a comma", () => {
  const { image, paramProblem, settings } = textIn("ru");
  const problem = (kind: "below_min" | "above_max") =>
    paramProblem({ name: "", problem: { kind, min: 0.5, max: 0.5 } });
  for (
    const sentence of [
      problem("below_min"),
      problem("above_max"),
      image.tooLarge({ mb: 0.5, maxMb: 0.5 }),
      settings.limits({ min: 0.5, max: 0.5 }),
    ]
  ) {
    assert.match(sentence, /0,5/);
    assert.doesNotMatch(sentence, /0\.5/);
  }
});

Deno.test("textIn() counts in English when the number is one, and when it is more", () => {
  const { cancel } = textIn("en");
  assert.deepEqual(
    forms((n) => cancel.done({ jobs: n })),
    ["job", "jobs", "jobs", "jobs", "jobs", "jobs", "jobs"],
  );
});

Deno.test("duration() gives the largest two units, never nothing", () => {
  const cases: [number, string, string][] = [
    [-5, "1 s", "1 с"],
    [0, "1 s", "1 с"],
    [8_400, "8 s", "8 с"],
    [59_499, "59 s", "59 с"],
    [59_500, "1 min", "1 мин"],
    [80_000, "1 min 20 s", "1 мин 20 с"],
    [599_000, "9 min 59 s", "9 мин 59 с"],
    [634_000, "10 min", "10 мин"],
    [3_599_600, "1 h 0 min", "1 ч 0 мин"],
    [7_500_000, "2 h 5 min", "2 ч 5 мин"],
    [100 * 3_600_000, "100 h 0 min", "100 ч 0 мин"],
  ];
  for (const [ms, en, ru] of cases) {
    assert.deepEqual([textIn("en").duration(ms), textIn("ru").duration(ms)], [en, ru], `${ms}`);
  }
});

Deno.test("queue.progress() leaves out what is not known", () => {
  const progress = (fields: Partial<Parameters<Text["queue"]["progress"]>[0]>) =>
    textIn("en").queue.progress({
      bar: "▓░",
      percent: 50,
      step: undefined,
      leftMs: undefined,
      ...fields,
    });
  assert.equal(progress({}), "🎨 ▓░ 50 %");
  assert.equal(progress({ leftMs: 9_000 }), "🎨 ▓░ 50 %\nabout 9 s left");
  assert.equal(progress({ step: { value: 4, max: 8 } }), "🎨 ▓░ 50 %\nStep 4 of 8");
  assert.equal(
    progress({ step: { value: 4, max: 8 }, leftMs: 9_000 }),
    "🎨 ▓░ 50 %\nStep 4 of 8 · about 9 s left",
  );
});

Deno.test("languageFor() gives Russian for its neighbours and English for all others", () => {
  for (const code of ["ru", "RU", "ru-RU", "be", "uk-UA", "kk"]) {
    assert.equal(languageFor(code), "ru", code);
  }
  for (const code of ["en", "en-US", "de", "rue", "run", "", undefined]) {
    assert.equal(languageFor(code), "en", code);
  }
});

Deno.test("cut() leaves a text alone when it fits", () => {
  assert.equal(cut("снег", 4), "снег");
  assert.equal(cut("", 1), "");
});

Deno.test("cut() ends on a whole character when the text is too long", () => {
  assert.equal(cut("make it night", 8), "make it…");
  assert.equal(cut("make it night", 9), "make it…", "no space before the ellipsis");
  assert.equal(cut("aaa🐈bbb", 5), "aaa…", "a surrogate pair");
  assert.equal(cut("aa👩‍👩‍👧‍👦b", 12), "aa…", "a family is one character");
  assert.equal(cut("aae\u0301bbb", 4), "aa…", "an accent belongs to its letter");
  assert.equal(cut("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 5), "…");
});

Deno.test("cut() never exceeds its limit and gives a beginning of the text, whatever comes", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 });
  fc.assert(fc.property(text, fc.integer({ min: 1, max: 60 }), (whole, max) => {
    const shown = cut(whole, max);
    assert.ok(shown.length <= max, `${shown.length} of ${max}`);
    assert.ok(shown.isWellFormed());
    if (whole.length <= max) return assert.equal(shown, whole);
    assert.ok(shown.endsWith("…") && whole.startsWith(shown.slice(0, -1)));
  }));
});
