/**
 * How well the built-in policy judges sentences that were written apart from its rules, in the files of sets/:
 *
 * - `harmless_en.txt` and the like, and `*_second.txt`: written before a round of work on the rules. One half of each was looked at
 *   then, the other never.
 * - `*_after.txt`: written between rounds and looked at.
 * - `*_unseen.txt`: written when the rules were done, and never looked at.
 */
import assert from "node:assert/strict";
import { createPolicy } from "../../../src/users/policy/policy.ts";

const policy = createPolicy({ enabled: true, refuse: [], allow: [] });

type Group = "tuned" | "held out" | "unseen";
type Sort = "harmless" | "bad";
type Language = "en" | "ru";

/** Which half a sentence written before a round belongs to: a bit of its FNV-1a hash. */
function halfOf(sentence: string): Group {
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

function sentences(sort: Sort, language: Language, group: Group): string[] {
  const name = `${sort}_${language}`;
  if (group === "unseen") return read(`${name}_unseen`);
  const before = [...read(name), ...read(`${name}_second`)].filter((it) => halfOf(it) === group);
  return group === "tuned" ? [...before, ...read(`${name}_after`)] : before;
}

/** Most that may be judged wrongly. */
const limits: Record<Sort, number> = { harmless: 0.04, bad: 0.06 };

for (const group of ["tuned", "held out"] as const) {
  for (const sort of ["harmless", "bad"] as const) {
    Deno.test(`check() judges ${sort} sentences rightly, ${group}`, () => {
      for (const language of ["en", "ru"] as const) {
        const all = sentences(sort, language, group);
        assert.ok(all.length >= 100, `${all.length} sentences`);
        const wrong = all.filter((it) => policy.check(it).allowed !== (sort === "harmless"));
        const share = wrong.length / all.length;
        console.log(
          `${language}, ${sort}, ${group}: ${wrong.length} of ${all.length} wrong (${
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
