/** The chaos harness: its seeds, its table, and that its rows are tried. */
import assert from "node:assert/strict";
import { none, noted, worstOf } from "../../chaos/finding.ts";
import { rows } from "../../chaos/rows.ts";
import { seedsFrom } from "../../chaos/seeds.ts";
import { rowsOf } from "./row_runs.ts";

Deno.test("every row is tried by one test file", async () => {
  const tried = Object.values(rowsOf).flat();
  assert.deepEqual(tried.toSorted(), rows.map(({ name }) => name).toSorted());
  for (const file of Object.keys(rowsOf)) {
    const text = await Deno.readTextFile(new URL(`${file}_test.ts`, import.meta.url));
    assert.ok(text.includes(`testRows("${file}")`), file);
  }
});

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
