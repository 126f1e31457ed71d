/**
 * Learns the weights of src/users/policy/likeness.ts from the sentences of sets/ that may be looked at, and writes weights.ts:
 * `deno task train:policy`. The same sentences give the same weights. Adagrad over a logistic loss, each step on one sentence.
 */
import { featuresOf, likenessOf, weightCount } from "../../../src/users/policy/likeness.ts";
import { createPolicy } from "../../../src/users/policy/policy.ts";
import { createReader, divideSentences } from "../../../src/users/policy/reader.ts";
import { normalise, parseSentence } from "../../../src/users/policy/tokenizer.ts";
import { allowedEnglish, refusedEnglish } from "./sentences_en.ts";
import { allowedRussian, refusedRussian } from "./sentences_ru.ts";
import { ordinary, sentences } from "./sets.ts";

const rounds = 20;
const stepSize = 0.03;
/** How much a sentence counts that the rules refuse anyway: likeness is for the others. */
const ruledShare = 0.3;
/** The same of those that the tests of check() list one by one. */
const firmShare = 3;
/** How strongly weights are drawn to zero. */
const decay = 1e-3;

const { read } = createReader();
const wordsOf = (text: string) => read(parseSentence(normalise(text)).tokens);

interface Example {
  readonly features: readonly (readonly [index: number, value: number])[];
  readonly isBad: boolean;
  readonly share: number;
}

const policy = createPolicy({ enabled: true, refuse: [], allow: [] });
function isRuled(text: string): boolean {
  const verdict = policy.check(text);
  return !verdict.allowed && verdict.rule !== "likeness";
}

const firm = new Set([allowedEnglish, allowedRussian, refusedEnglish, refusedRussian].flat());
function shareOf(text: string): number {
  return isRuled(text) ? ruledShare : firm.has(text) ? firmShare : 1;
}

const examples = (["harmless", "bad"] as const).flatMap((sort) => {
  const isBad = sort === "bad";
  const lists = isBad
    ? [refusedEnglish, refusedRussian]
    : [allowedEnglish, allowedRussian, ordinary("en"), ordinary("ru")];
  return [...lists.flat(), ...sentences(sort, "en", "tuned"), ...sentences(sort, "ru", "tuned")]
    .flatMap((text) =>
      divideSentences(wordsOf(text)).slice(0, 1).map((words): Example => ({
        features: [...featuresOf(words)],
        isBad,
        share: shareOf(text),
      }))
    );
});

const weights = new Float64Array(weightCount);
const squares = new Float64Array(weightCount).fill(1e-6);

function step(index: number, gradient: number): void {
  squares[index]! += gradient * gradient;
  weights[index]! -= stepSize * gradient / Math.sqrt(squares[index]!);
}

let state = 1;
/** The same order each time. */
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

const always = weightCount - 1;
for (let round = 0; round < rounds; round++) {
  for (let i = examples.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [examples[i], examples[j]] = [examples[j]!, examples[i]!];
  }
  for (const { features, isBad, share } of examples) {
    let sum = weights[always]!;
    for (const [index, value] of features) sum += weights[index]! * value;
    const error = share * (1 / (1 + Math.exp(-sum)) - (isBad ? 1 : 0));
    for (const [index, value] of features) step(index, error * value + decay * weights[index]!);
    step(always, error);
  }
}

const largest = weights.reduce((most, it) => Math.max(most, Math.abs(it)), 0);
const scale = Number((largest / 127).toPrecision(6));
const bytes = Uint8Array.from(Int8Array.from(weights, (it) => Math.round(it / scale)));
const lines = btoa(Array.from(bytes, (it) => String.fromCharCode(it)).join("")).match(/.{1,600}/g)!;
await Deno.writeTextFile(
  new URL("../../../src/users/policy/weights.ts", import.meta.url),
  `/** The weights of likeness.ts, written by \`deno task train:policy\`. Data alone. */

/** What one step of a weight stands for. */
const scale = ${scale};

/** A signed byte each, in base64. */
const steps = \`
${lines.join("\n")}
\`;

/** The weights, as many as likeness.ts has indices. */
export function readWeights(): Float32Array {
  const bytes = Uint8Array.from(atob(steps.replaceAll("\\n", "")), (it) => it.charCodeAt(0));
  return Float32Array.from(new Int8Array(bytes.buffer), (it) => it * scale);
}
`,
);
console.log(`${examples.length} sentences, ${weights.filter((it) => it !== 0).length} weights`);
const exact = Float32Array.from(weights);
console.log(`"undress her": ${likenessOf(wordsOf("undress her"), exact).toFixed(2)}`);
