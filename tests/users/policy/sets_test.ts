/** How well the built-in policy judges sentences that were written apart from its rules: those of sets.ts. */
import assert from "node:assert/strict";
import { median } from "../../../lab/load/statistics.ts";
import { createPolicy } from "../../../src/users/policy/policy.ts";
import { type Group, sentences, type Sort } from "./sets.ts";

const policy = createPolicy({ enabled: true, refuse: [], allow: [] });

/** Most that may be judged wrongly: a little more than is today. */
const limits: Record<Group, Record<Sort, number>> = {
  "tuned": { harmless: 0.02, bad: 0.025 },
  "held out": { harmless: 0.045, bad: 0.045 },
  "roundabout, held out": { harmless: 0.05, bad: 0.55 },
  "unseen": { harmless: 0.04, bad: 0.05 },
};

for (const group of ["tuned", "held out", "roundabout, held out", "unseen"] as const) {
  for (const sort of ["harmless", "bad"] as const) {
    Deno.test(`check() judges ${sort} sentences rightly, ${group}`, () => {
      const perLanguage = (["en", "ru"] as const).map((language) => {
        const all = sentences(sort, language, group);
        const wrong = all.filter((it) => policy.check(it).allowed !== (sort === "harmless"));
        console.log(
          `${language}, ${sort}, ${group}: ${wrong.length} of ${all.length} wrong (${
            (100 * wrong.length / all.length).toFixed(1)
          } %)`,
        );
        return { wrong, count: all.length };
      });
      const wrong = perLanguage.flatMap((it) => it.wrong);
      const count = perLanguage.reduce((sum, it) => sum + it.count, 0);
      assert.ok(count >= 110, `${count} sentences`);
      // Those that are not to be looked at are not shown either.
      const shown = group === "tuned" ? wrong.join("\n") : `${wrong.length} of ${count} wrong`;
      assert.ok(wrong.length / count <= limits[group][sort], shown);
    });
  }
}

Deno.test("check() takes less than a millisecond for a usual sentence", () => {
  const all = (["harmless", "bad"] as const)
    .flatMap((sort) => [...sentences(sort, "en", "tuned"), ...sentences(sort, "ru", "tuned")]);
  for (const it of all) policy.check(it);
  const times = all.map((it) => {
    const start = performance.now();
    policy.check(it);
    return performance.now() - start;
  });
  // The middle one, not the mean: a machine may stand still meanwhile.
  const usual = median(times);
  console.log(`${usual.toFixed(3)} ms a sentence`);
  assert.ok(usual < 1, `${usual} ms`);
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
