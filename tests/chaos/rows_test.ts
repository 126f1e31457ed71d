/**
 * The chaos harness, its short run: each kind of trouble once, from a seed that is new each time and printed. CHAOS_SEED takes
 * one of an earlier run.
 */
import assert from "node:assert/strict";
import { type Finding, none, noted, tableOf, worstOf } from "../../chaos/finding.ts";
import { rows } from "../../chaos/rows.ts";
import { drawSeed, seedsFrom } from "../../chaos/seeds.ts";

const seed = Number(Deno.env.get("CHAOS_SEED") ?? drawSeed());

for (const row of rows) {
  Deno.test(`chaos: ${row.name} holds, seed ${seed}`, async () => {
    const told: string[] = [];
    const findings = await row.run({ seed, isShort: true, tell: (line) => void told.push(line) });
    const fell = findings.filter(({ verdict }) => verdict === "fell");
    assert.equal(fell.length, 0, `${tableOf(fell)}\n${told.join("\n")}`);
    assert.ok(findings.some(({ verdict }) => verdict !== "info") || isUntried(findings));
  });
}

/** True where this host lacks what makes the trouble, and the row says so. */
function isUntried(findings: readonly Finding[]): boolean {
  return findings.every(({ measured }) => measured.startsWith("not tried"));
}

Deno.test("seedsFrom() reads one seed, a range, a list, and draws one when none is named", () => {
  const draw = () => 42;
  assert.deepEqual(seedsFrom({}, draw), [42]);
  assert.deepEqual(seedsFrom({ seed: "7" }, draw), [7]);
  assert.deepEqual(seedsFrom({ seeds: "1..4" }, draw), [1, 2, 3, 4]);
  assert.deepEqual(seedsFrom({ seeds: "3,7, 11" }, draw), [3, 7, 11]);
  for (const bad of ["", "x", "-1", "4..1", "1..", "1.5", "1..9999999", "1,,2"]) {
    assert.equal(seedsFrom({ seeds: bad }, draw), undefined, bad);
  }
  assert.equal(seedsFrom({ seed: "1..3" }, draw), undefined);
});

Deno.test("worstOf() shows of several runs the worst, and on which seeds a promise fell", () => {
  const run = (seed: number, count: number) => ({
    seed,
    findings: [none("lost", count), noted("time", `${seed} s`)],
  });
  assert.deepEqual(
    worstOf([run(1, 0), run(2, 3), run(3, 1)]).map((
      { what, measured, verdict },
    ) => [what, measured, verdict]),
    [["lost", "3 (seed 2; fell on 2, 3)", "fell"], ["time", "1 s", "info"]],
  );
  assert.deepEqual(worstOf([run(1, 0), run(2, 0)])[0]?.measured, "0 (seed 1, the worst of 2)");
  assert.deepEqual(worstOf([run(5, 0)])[0]?.measured, "0");
});
