import fc from "fast-check";
import assert from "node:assert/strict";
import { type InlineProblem, parseInline } from "../../src/templates/inline_params.ts";
import { clampParam, maxSeed, type ParamSpecs } from "../../src/templates/params.ts";

const specs: ParamSpecs = {
  steps: { kind: "int", default: 8, min: 1, max: 50, step: 1 },
  cfg: { kind: "float", default: 1, min: 0.1, max: 20, step: 0.5 },
  strength: { kind: "float", default: 0.5, min: 0, max: 1, step: 0.1 },
  seed: { kind: "seed", default: 0, max: maxSeed },
  sampler: { kind: "choice", default: "linear/euler", options: ["linear/euler", "linear/heun_2s"] },
  scheduler: { kind: "choice", default: "simple", options: ["simple", "beta57"] },
  negative_prompt: { kind: "text", default: "", maxLength: 200 },
};

function wordsOf(text: string, values: Readonly<Record<string, unknown>>): string {
  const parsed = parseInline(text, specs);
  assert.deepEqual([parsed.values, parsed.problems], [values, []], text);
  return parsed.promptText;
}

function problemsOf(text: string): readonly InlineProblem[] {
  return parseInline(text, specs).problems;
}

Deno.test("parseInline() takes parameters out of a sentence in any order", () => {
  const values = { steps: 12, seed: 42, cfg: 2, negative_prompt: "blurry" };
  assert.equal(
    wordsOf('make it night steps=12 seed=42 cfg=2 neg="blurry"', values),
    "make it night",
  );
  assert.equal(
    wordsOf('cfg=2 make neg="blurry" it seed=42 night steps=12', values),
    "make it night",
  );
  assert.equal(wordsOf("Steps=12\nmake it  night", { steps: 12 }), "make it night");
  assert.equal(wordsOf("steps=12", { steps: 12 }), "");
});

Deno.test("parseInline() reads values in every kind of quotation marks", () => {
  for (const quoted of ['"a b, c"', "'a b, c'", "«a b, c»", "“a b, c”", "„a b, c“", '“a b, c"']) {
    assert.equal(wordsOf(`x neg=${quoted} y`, { negative_prompt: "a b, c" }), "x y", quoted);
  }
  assert.equal(wordsOf("neg='don't blur' x", { negative_prompt: "don't blur" }), "x");
  assert.equal(wordsOf('neg="" x', { negative_prompt: "" }), "x");
  assert.equal(wordsOf('steps="12", x', { steps: 12 }), "x");
});

Deno.test("parseInline() knows aliases in both languages", () => {
  assert.equal(
    wordsOf("ночь шаги=12 Зерно=7 сила=0,3 сэмплер=euler негатив=туман планировщик=beta57", {
      steps: 12,
      seed: 7,
      strength: 0.3,
      sampler: "linear/euler",
      negative_prompt: "туман",
      scheduler: "beta57",
    }),
    "ночь",
  );
  assert.equal(wordsOf("a sampler_name=heun_2s", { sampler: "linear/heun_2s" }), "a");
  assert.equal(wordsOf("a negative-prompt=fog", { negative_prompt: "fog" }), "a");
  assert.equal(wordsOf("a negative=fog сид=random", { negative_prompt: "fog", seed: 0 }), "a");
});

Deno.test("parseInline() gives a template's own parameter before an alias of that name", () => {
  const own: ParamSpecs = { ...specs, neg: specs["steps"]! };
  assert.deepEqual(parseInline("x neg=3", own).values, { neg: 3 });
});

Deno.test("parseInline() lets the last of several values count, in value and in problem", () => {
  assert.equal(wordsOf("steps=99 x steps=12", { steps: 12 }), "x");
  assert.equal(wordsOf("neg=a негатив=b x", { negative_prompt: "b" }), "x");
  assert.deepEqual(problemsOf("steps=12 steps=99 x"), [
    { kind: "invalid", name: "steps", raw: "99", problem: { kind: "above_max", max: 50 } },
  ]);
});

Deno.test("parseInline() leaves quoted stretches of the sentence alone", () => {
  for (
    const text of [
      'write "a=b" on the sign',
      'write "steps=5  and more" on it',
      "«сила=0.5» на плакате",
      'a sign:"x=5 y=6"',
      "add ‘it's a=b’ below",
    ]
  ) assert.equal(wordsOf(text, {}), text);
  assert.equal(wordsOf('write "a=b  c" cfg=2 there', { cfg: 2 }), 'write "a=b  c" there');
});

Deno.test("parseInline() does not take an apostrophe or an inch for a quotation mark", () => {
  assert.equal(
    wordsOf("don't steps=12 change the dogs' eyes", { steps: 12 }),
    "don't change the dogs' eyes",
  );
  assert.equal(wordsOf('a 5" frame steps=12 and 6" more', { steps: 12 }), 'a 5" frame and 6" more');
  assert.equal(wordsOf('an "open steps=12 end', { steps: 12 }), 'an "open end');
});

Deno.test("parseInline() does not take URLs, spaced or bare equals signs for parameters", () => {
  for (
    const text of [
      "like https://x.org/?a=b&steps=12 please",
      "steps = 12",
      "steps= 12",
      "steps =12",
      "= =",
      "2+2=4",
      "слово=дело",
      "steps=",
    ]
  ) assert.equal(wordsOf(text, {}), text);
});

Deno.test("parseInline() drops punctuation that ends a parameter", () => {
  assert.equal(
    wordsOf("make it night, steps=12, seed=42; cfg=2.", { steps: 12, seed: 42, cfg: 2 }),
    "make it night",
  );
  assert.equal(wordsOf('neg="a", go on', { negative_prompt: "a" }), "go on");
});

Deno.test("parseInline() takes a list without quotation marks whole where its end is plain, and else asks", () => {
  const whole: readonly (readonly [string, string, string])[] = [
    ["make it night neg=blurry, ugly", "make it night", "blurry, ugly"],
    ["neg=blurry, ugly, lowres, make", "", "blurry, ugly, lowres, make"],
    ["neg=blurry; ugly.  make it night", "make it night", "blurry; ugly"],
    ["negative=blurry, ugly\nmake it night", "make it night", "blurry, ugly"],
    ["ночь негатив=туман, дождь, снег", "ночь", "туман, дождь, снег"],
    ["make it night neg=blurry,ugly", "make it night", "blurry,ugly"],
    ["neg=blurry,\nmake it night", "make it night", "blurry"],
  ];
  for (const [text, words, negative_prompt] of whole) {
    assert.equal(wordsOf(text, { negative_prompt }), words, text);
  }
  assert.equal(
    wordsOf("night neg=blurry, ugly steps=12", { negative_prompt: "blurry, ugly", steps: 12 }),
    "night",
  );
  assert.equal(wordsOf("night neg=fog, steps=12", { negative_prompt: "fog", steps: 12 }), "night");
  for (
    const text of [
      "neg=blurry, ugly make it night",
      "make it night neg=blurry, and add a moon",
      "neg=blurry, extra fingers",
      "негатив=туман, дождь сделай ночь",
    ]
  ) assert.deepEqual(problemsOf(text), [{ kind: "unclear_end", name: "negative_prompt" }], text);
});

Deno.test("parseInline() names unknown parameters and the one that was probably meant", () => {
  assert.deepEqual(problemsOf("x step=12"), [{ kind: "unknown", name: "step", nearest: "steps" }]);
  assert.deepEqual(problemsOf("x shceduler=beta57"), [
    { kind: "unknown", name: "shceduler", nearest: "scheduler" },
  ]);
  assert.deepEqual(problemsOf("x colour=red"), [{ kind: "unknown", name: "colour" }]);
  assert.deepEqual(parseInline("x шаги=3", {}).problems, [{ kind: "unknown", name: "шаги" }]);
  for (const name of ["constructor", "__proto__", "toString"]) {
    assert.deepEqual(problemsOf(`x ${name}=1`), [{ kind: "unknown", name }]);
  }
});

Deno.test("parseInline() names invalid values and quotes that nothing closes", () => {
  assert.deepEqual(problemsOf("x steps=many cfg=2"), [{
    kind: "invalid",
    name: "steps",
    raw: "many",
    problem: { kind: "not_a_number", raw: "many" },
  }]);
  assert.deepEqual(problemsOf('x neg="blurry photo'), [
    { kind: "unclosed_quote", name: "negative_prompt" },
  ]);
});

Deno.test("parseInline() never throws, and every value that it gives is in its limits", () => {
  const piece = fc.constantFrom(
    "steps=",
    "neg=",
    '"',
    "'",
    "«",
    "”",
    "=",
    " ",
    "12",
    "a",
    "cfg=2",
    "😀",
    "\ud83d",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const { promptText, values } = parseInline(text, specs);
      assert.equal(promptText, promptText.trim());
      for (const [name, value] of Object.entries(values)) {
        assert.ok(Object.hasOwn(specs, name));
        assert.equal(clampParam(specs[name]!, value), value);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("parseInline() gives a text without an equals sign back trimmed", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }).filter((text) => !text.includes("=")), (text) => {
      assert.deepEqual(parseInline(text, specs), {
        promptText: text.trim(),
        values: {},
        problems: [],
      });
    }),
  );
});

Deno.test("parseInline() reads back any set of valid parameters among any words", () => {
  const words = fc.array(
    fc.constantFrom("make", "it", "night", "don't", "(really)", "ночь", '"a=b"'),
  );
  const plainText = fc.stringMatching(/^[a-z, =!а-я]{0,20}$/).map((text) => text.trim());
  const values = fc.record({
    steps: fc.integer({ min: 1, max: 50 }),
    cfg: fc.integer({ min: 1, max: 200 }).map((n) => n / 10),
    seed: fc.maxSafeNat(),
    sampler: fc.constantFrom("linear/euler", "linear/heun_2s"),
    negative_prompt: plainText,
  }, { requiredKeys: [] });
  fc.assert(fc.property(words, values, fc.infiniteStream(fc.nat()), (words, values, places) => {
    const mixed: string[] = [...words];
    for (const [name, value] of Object.entries(values)) {
      const written = `${name}=${typeof value === "string" ? `"${value}"` : value}`;
      mixed.splice(places.next().value % (mixed.length + 1), 0, written);
    }
    const parsed = parseInline(mixed.join(" "), specs);
    assert.deepEqual(parsed, { promptText: words.join(" "), values: { ...values }, problems: [] });
  }));
});
