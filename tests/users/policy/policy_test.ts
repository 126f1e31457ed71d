/**
 * What the policy refuses and what it lets through, sentence by sentence.
 *
 * Drives besides: src/users/policy/undressing.ts, src/users/policy/removal.ts, src/users/policy/tokenizer.ts,
 * src/users/policy/lexicon.ts, src/users/policy/everyday.ts,
 * src/users/policy/built_in.ts, src/users/policy/words/context.ts, src/users/policy/words/phrases.ts,
 * src/users/policy/words/nouns.ts, src/users/policy/reach.ts, src/users/policy/rules.ts,
 * src/users/policy/unwanted.ts, src/users/policy/reader.ts, src/users/policy/weights.ts.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import { parsePattern, type PolicyPattern } from "../../../src/users/policy/pattern.ts";
import { createPolicy, type Policy } from "../../../src/users/policy/policy.ts";
import { wordLists } from "../../../src/users/policy/words/word_lists.ts";
import { defaultPresets } from "../../../src/users/presets.ts";
import { refusedDisguises } from "./disguises.ts";
import { ordinary, sentences } from "./sets.ts";
import { allowedEnglish, refusedEnglish } from "./sentences_en.ts";
import { allowedRussian, refusedRussian } from "./sentences_ru.ts";

const allowed = [...allowedEnglish, ...allowedRussian];
const refused = [...refusedEnglish, ...refusedRussian, ...refusedDisguises];
const builtIn = policyOf({});

function policyOf(entries: { refuse?: string[]; allow?: string[] }): Policy {
  return createPolicy({
    enabled: true,
    refuse: (entries.refuse ?? []).map(patternOf),
    allow: (entries.allow ?? []).map(patternOf),
  });
}

function patternOf(text: string): PolicyPattern {
  const pattern = parsePattern(text);
  assert.ok(pattern !== undefined, `${text} is no pattern`);
  return pattern;
}

function ruleOf(policy: Policy, words: string): string | undefined {
  const verdict = policy.check(words);
  return verdict.allowed ? undefined : verdict.rule;
}

/** Those that are judged otherwise than they should be. */
function misjudged(sentences: readonly string[], shouldPass: boolean): string[] {
  return sentences.filter((it) => builtIn.check(it).allowed !== shouldPass);
}

Deno.test("check() refuses to undress or sexualise people in English and Russian", () => {
  assert.deepEqual(misjudged(refusedEnglish, false), []);
  assert.deepEqual(misjudged(refusedRussian, false), []);
});

Deno.test("check() refuses words in disguise: spaces, marks, look-alikes, digits, invisible letters", () => {
  assert.deepEqual(misjudged(refusedDisguises, false), []);
});

Deno.test("check() does not judge sentences that say nothing of what is done", () => {
  const empty = [
    "still two",
    "просто так",
    "как хочешь",
    "and the last of these",
    "тот же самый",
    "at club",
    "at work",
  ];
  const numbered = Array.from({ length: 400 }, (_, n) => [`job ${n}`, `steps ${n}`, `фото ${n}`])
    .flat();
  assert.deepEqual(misjudged([...empty, ...numbered], true), []);
});

Deno.test("check() allows everyday edits", () => {
  assert.deepEqual(misjudged(allowedEnglish, true), []);
  assert.deepEqual(misjudged(allowedRussian, true), []);
});

Deno.test("checkUnwanted() refuses a negative prompt that undresses, and takes one that keeps decent", () => {
  const refusedThere =
    `clothes, dress, bra|clothes|all clothing|bra|одежда, платье|вся одежда и бельё|clothed|c l o t h e s
    |cl0thes|red dress|blurry, her shirt|censored`.split("|").map((it) => it.trim());
  const takenThere =
    `nude, naked, nsfw|blurry, ugly, extra fingers|torn clothes, wrinkled shirt|no clothes|голая, обнажённая
    |nsfw, lingerie, bikini|шум, размытие|мятая одежда|hat, glasses|dress code sign|`.split("|")
      .map((it) => it.trim());
  assert.deepEqual(refusedThere.filter((it) => builtIn.checkUnwanted(it).allowed), []);
  assert.deepEqual(takenThere.filter((it) => !builtIn.checkUnwanted(it).allowed), []);
  const own = policyOf({ refuse: ["casino"], allow: ["red dress"] });
  assert.equal(own.checkUnwanted("casino").allowed, false);
  assert.equal(own.checkUnwanted("red dress").allowed, true);
});

Deno.test("check() allows the built-in presets", () => {
  const words = defaultPresets.flatMap(({ words }) => [words.en, words.ru]);
  assert.ok(words.length >= 20);
  assert.deepEqual(misjudged(words, true), []);
});

Deno.test("check() judges a negative prompt within a text as one", () => {
  const refusedThere = [
    "make it night neg: clothes, dress",
    'a portrait neg="bra, shirt"',
    "негатив: одежда, бельё",
    "a portrait --no clothes",
    "negative prompt: nude woman on a bed",
  ];
  const takenThere = [
    "make it night neg: nude, blurry",
    'a portrait neg="nsfw, torn shirt"',
    "негатив: голая, размыто",
    "a portrait --no text",
    "no, make the dress red",
  ];
  assert.deepEqual(misjudged(refusedThere, false), []);
  assert.deepEqual(misjudged(takenThere, true), []);
});

Deno.test("check() refuses what is only like refused sentences, and allows what is far from them", () => {
  const found = sentences("bad", "en", "tuned").map((it) => ruleOf(builtIn, it));
  assert.ok(found.filter((it) => it === "likeness").length > 5);
  const far = [...ordinary("en"), ...ordinary("ru")].filter((it) =>
    ruleOf(builtIn, it) !== undefined
  );
  assert.ok(far.length <= 5, far.join("\n"));
  const short = [
    "girl",
    "just",
    "make the sky look like a sunset",
    "add a cat",
    "in the style of a comic",
    "",
  ];
  for (const words of short) {
    assert.equal(ruleOf(builtIn, words), undefined, words);
  }
});

Deno.test("check() says which rule the words break", () => {
  const rules = ["a nude", "remove her dress", "make her sexy", "spread her legs", "n u d e"];
  assert.deepEqual(
    rules.map((words) => ruleOf(builtIn, words)),
    ["nudity", "undressing", "sexual", "sexual", "nudity"],
  );
});

Deno.test("check() judges every clause alone: two allowed ones are allowed, a refused one is never hidden", () => {
  const clauseEnd = fc.constantFrom(". ", "\n", "! ", "; ");
  fc.assert(
    fc.property(
      fc.constantFrom(...allowed),
      clauseEnd,
      fc.constantFrom(...allowed),
      (first, end, second) => builtIn.check(first + end + second).allowed,
    ),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...allowed),
      clauseEnd,
      fc.constantFrom(...refusedEnglish, ...refusedRussian),
      (first, end, second) => !builtIn.check(first + end + second + end + first).allowed,
    ),
    { numRuns: 1000 },
  );
});

Deno.test("check() does not take a word of one letter for the end of a spelled one alone", () => {
  assert.equal(ruleOf(builtIn, "A B C D E F\nв стрингах"), ruleOf(builtIn, "в стрингах"));
  assert.notEqual(ruleOf(builtIn, "в стрингах"), undefined);
});

Deno.test("check() takes no notice of what cannot be seen", () => {
  const invisible = fc.constantFrom("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad");
  const places = fc.array(fc.tuple(fc.nat(), invisible), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.constantFrom(...allowed, ...refused), places, (words, inserted) => {
      let text = words;
      for (const [place, char] of inserted) {
        const at = place % (text.length + 1);
        text = text.slice(0, at) + char + text.slice(at);
      }
      assert.deepEqual(builtIn.check(text), builtIn.check(words));
    }),
    { numRuns: 1000 },
  );
});

/** Letters that look alike, Latin and Russian. */
const pairs = "aа eе oо pр cс yу xх kк mм tт bв hн iі sѕ jј".split(" ");
/** Refused wherever they stand; a stem is a word that goes on. */
const refusedWords = `${wordLists.bare} ${wordLists.sexual}`.trim().split(/\s+/)
  .filter((word) => word.replace("*", "").length >= 4)
  .map((word) => word.replace("*", ""));

Deno.test("check() refuses a refused word whichever of its letters are swapped for look-alikes", () => {
  const swaps = fc.array(fc.boolean(), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...refusedWords), swaps, (word, isSwapped) => {
      const disguised = Array.from(word, (letter, i) => {
        const pair = isSwapped[i] ? pairs.find((it) => it.includes(letter)) : undefined;
        return pair?.replace(letter, "") ?? letter;
      }).join("");
      assert.equal(builtIn.check(`please ${disguised} 1`).allowed, false, disguised);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("check() refuses a refused word that is spelled out or whose letters are repeated", () => {
  const marks = fc.constantFrom(" ", ".", "-", "_", "*", ", ", "  ", "|", "/");
  fc.assert(
    fc.property(fc.constantFrom(...refusedWords), marks, fc.nat(19), (word, mark, place) => {
      const at = place % word.length;
      for (
        const disguised of [
          Array.from(word).join(mark),
          word.slice(0, at) + word.charAt(at).repeat(4) + word.slice(at),
        ]
      ) assert.equal(builtIn.check(`please, ${disguised}! 1`).allowed, false, disguised);
    }),
    { numRuns: 2000 },
  );
  assert.equal(builtIn.check(`n ${"u ".repeat(60)}d e`).allowed, false);
});

Deno.test("check() never throws and says the same of the same words", () => {
  const policy = policyOf({ refuse: ["casino*", "/a.c/"], allow: ["/x+/", "red dress"] });
  const scraps = fc.constantFrom(
    ..."na|ked|*|-| |.|а|го|лая|3|@|\u0301|\ud83d|ﷺ|remove |dress ".split("|"),
  );
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(scraps, { maxLength: 60 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (words) => assert.deepEqual(policy.check(words), policy.check(words))),
    { numRuns: 1000 },
  );
});

Deno.test("check() takes time in proportion to the length, whatever the words", () => {
  const length = 32_000;
  const policy = policyOf({ refuse: ["casino*", "big win"], allow: ["red dress"] });
  const units = [
    "a",
    "а ",
    "n ",
    "ab-",
    "a*",
    "a*b ",
    "*",
    "3@$ ",
    "а a ",
    "на го ",
    "remove the ",
    "without the big ",
    "strip the ",
    "деревья голые ",
    "red dress ",
    "see through ",
    "put her in the ",
    "платье с ",
    "dress is ",
    "\u0301",
    "h",
    "th e se ",
    "b.",
    "make it a ",
  ];
  for (const unit of units) {
    const words = unit.repeat(length / unit.length);
    const times = [1].map(() => {
      const start = performance.now();
      policy.check(words);
      return performance.now() - start;
    });
    // A tenth of this on an idle machine; what grows with the square of the length takes a minute.
    assert.ok(Math.min(...times) < 10_000, `${JSON.stringify(unit)}: ${Math.min(...times)} ms`);
  }
});

Deno.test("check() refuses the owner's words, stems, phrases and regexes, disguised too", () => {
  const policy = policyOf({
    refuse: ["Казино*", "big  win", "nazi", "/\\bёлк[аи]\\b/", "/[ck]rypt/"],
  });
  const rules = {
    "вывеска КАЗИНО": "Казино*",
    "кaзинoшный стол": "Казино*",
    "к а з и н о": "Казино*",
    "ка-зи-но": "Казино*",
    "a big, WIN": "big  win",
    "a b1g win": "big  win",
    "n4zi": "nazi",
    "две Ёлки": "/\\bёлк[аи]\\b/",
    "Cryptо coin": "/[ck]rypt/",
    "с r y p t": "/[ck]rypt/",
  };
  for (const [words, rule] of Object.entries(rules)) {
    assert.equal(ruleOf(policy, words), rule, words);
  }
  for (const words of ["big dog, one win", "nazis", "казна", "palka", "cr ypt"]) {
    assert.equal(ruleOf(policy, words), undefined, words);
  }
  assert.equal(ruleOf(policy, "make her naked"), "nudity");
});

Deno.test("check() leaves out what the owner allows, and judges the rest", () => {
  const policy = policyOf({
    allow: ["nude statue", "sexy santa", "/секс ?шоп\\p{L}*/", "casino royale night", "royale"],
    refuse: ["casino", "night"],
  });
  for (
    const words of [
      "clean the nude statue",
      "a Sexy Santa hat, a sexy santa",
      "вывеска секс-шопа".replace("-", " "),
      "the casino royale night poster",
    ]
  ) assert.equal(ruleOf(policy, words), undefined, words);
  assert.equal(ruleOf(policy, "the nude statue and a nude woman"), "nudity");
  assert.equal(ruleOf(policy, "nude woman, statue"), "nudity");
  assert.equal(ruleOf(policy, "секс"), "sexual");
  assert.equal(ruleOf(policy, "another casino"), "casino");
});

Deno.test("check() allows everything when the policy is off", () => {
  const off = createPolicy({ enabled: false, refuse: [patternOf("casino")], allow: [] });
  assert.deepEqual(off.check("casino, make her naked"), { allowed: true });
});

Deno.test("parsePattern() refuses what says nothing, is no regex, or may take for ever", () => {
  for (
    const text of [
      "",
      " ",
      "*",
      "...",
      "/(/",
      "/a/b/(",
      "/(a+)+/",
      "/(?:x|(y*)z){2,}/",
      "/([a-z]*)*$/",
    ]
  ) {
    assert.equal(parsePattern(text), undefined, text);
  }
  for (
    const text of [
      "/(ab)+c*/",
      "/[(+]+/",
      "/\\(a+\\)+/",
      "/a{2,}b{3}/",
      "/(?:a|b){2}/",
      "x*",
      "a / b",
    ]
  ) {
    assert.notEqual(parsePattern(text), undefined, text);
  }
});
