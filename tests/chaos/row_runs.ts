/**
 * The chaos harness, its short run: each kind of trouble once, from a seed that is new each time and printed. CHAOS_SEED takes
 * one of an earlier run. Owns which rows a test file has, so that files run beside each other.
 */
import assert from "node:assert/strict";
import { type Finding, tableOf } from "../../chaos/finding.ts";
import { rows } from "../../chaos/rows.ts";
import { drawSeed } from "../../chaos/seeds.ts";

/** The rows of each file here, `NAME_test.ts`. They take about as long as each other. */
export const rowsOf = {
  deaths: ["kills", "stranger", "damage", "endurance"],
  telegram: ["outage", "refusals", "updates", "crowd"],
  host: ["pictures", "secrets", "disk", "bucket"],
  stores: ["database", "batches", "workers", "queue"],
  waits: ["presses", "comfyui", "clock", "suspend", "backlog"],
} as const;

/** Makes a test of each of a file's rows. */
export function testRows(file: keyof typeof rowsOf): void {
  const seed = Number(Deno.env.get("CHAOS_SEED") ?? drawSeed());
  for (const name of rowsOf[file]) {
    const row = rows.find((each) => each.name === name);
    assert.ok(row, `there is a row ${name}`);
    Deno.test(`chaos: ${name} holds, seed ${seed}`, async () => {
      const told: string[] = [];
      const findings = await row.run({ seed, isShort: true, tell: (line) => void told.push(line) });
      const fell = findings.filter(({ verdict }) => verdict === "fell");
      assert.equal(fell.length, 0, `${tableOf(fell)}\n${told.join("\n")}`);
      assert.ok(findings.some(({ verdict }) => verdict !== "info") || isUntried(findings));
    });
  }
}

/** True where this host lacks what makes the trouble, and the row says so. */
function isUntried(findings: readonly Finding[]): boolean {
  return findings.every(({ measured }) => measured.startsWith("not tried"));
}
