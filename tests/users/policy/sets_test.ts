/**
 * How well the built-in policy judges sentences that were written before its rules: one half was looked at while they were made, the
 * other never. `*_after.txt` were written between two rounds of that work and belong to the half that was looked at.
 */
import assert from "node:assert/strict";
import { createPolicy } from "../../../src/users/policy/policy.ts";

const policy = createPolicy({ enabled: true, refuse: [], allow: [] });

type Half = "tuned" | "held out";
type Sort = "harmless" | "bad";

/** Which half a sentence written before the rules belongs to: a bit of its FNV-1a hash. */
function halfOf(sentence: string): Half {
  let hash = 2_166_136_261;
  for (const byte of new TextEncoder().encode(sentence)) {
    hash = Math.imul(hash ^ byte, 16_777_619) >>> 0;
  }
  return (hash >>> 8) % 2 === 0 ? "tuned" : "held out";
}

function read(name: string): string[] {
  return Deno.readTextFileSync(new URL(`./sets/${name}.txt`, import.meta.url))
    .trim().split("\n");
}

function sentences(sort: Sort, language: "en" | "ru", half: Half): string[] {
  const before = read(`${sort}_${language}`).filter((it) => halfOf(it) === half);
  return half === "tuned" ? [...before, ...read(`${sort}_${language}_after`)] : before;
}

/** Most that may be judged wrongly: a little more than is today. */
const limits: Record<Sort, number> = { harmless: 0.04, bad: 0.06 };

for (const half of ["tuned", "held out"] as const) {
  for (const sort of ["harmless", "bad"] as const) {
    Deno.test(`check() judges ${sort} sentences rightly, the half ${half}`, () => {
      for (const language of ["en", "ru"] as const) {
        const all = sentences(sort, language, half);
        assert.ok(all.length >= 150, `${all.length} sentences`);
        const wrong = all.filter((it) => policy.check(it).allowed !== (sort === "harmless"));
        const share = wrong.length / all.length;
        console.log(
          `${language}, ${sort}, ${half}: ${wrong.length} of ${all.length} wrong (${
            (100 * share).toFixed(1)
          } %)`,
        );
        assert.ok(share <= limits[sort], `${(100 * share).toFixed(1)} %\n${wrong.join("\n")}`);
      }
    });
  }
}

Deno.test("check() takes less than a millisecond for a usual sentence", () => {
  const all = (["harmless", "bad"] as const)
    .flatMap((sort) => [...sentences(sort, "en", "tuned"), ...sentences(sort, "ru", "tuned")]);
  for (const it of all) policy.check(it);
  const start = performance.now();
  for (const it of all) policy.check(it);
  const each = (performance.now() - start) / all.length;
  console.log(`${each.toFixed(3)} ms a sentence`);
  assert.ok(each < 1, `${each} ms`);
});

Deno.test("check() excuses nothing where a minor is named", () => {
  for (
    const words of [
      "undress the child and put on a coat",
      "blur the naked child",
      "раздень ребёнка и одень в шубу",
    ]
  ) assert.equal(policy.check(words).allowed, false, words);
});
