/** The chaos harness, its short run: each kind of trouble once, from the same seed each time. */
import assert from "node:assert/strict";
import { type Finding, tableOf } from "../chaos/finding.ts";
import { rows } from "../chaos/rows.ts";

const seed = 1;

for (const row of rows) {
  Deno.test(`chaos: ${row.name} holds`, async () => {
    const told: string[] = [];
    const findings = await row.run({ seed, isShort: true, tell: (line) => void told.push(line) });
    const fell = findings.filter(({ verdict }) => verdict === "fell");
    assert.equal(fell.length, 0, `${tableOf(fell)}\n${told.join("\n")}`);
    assert.ok(findings.some(({ verdict }) => verdict !== "info") || isUntried(findings));
  });
}

/** True where this machine lacks what makes the trouble, and the row says so. */
function isUntried(findings: readonly Finding[]): boolean {
  return findings.every(({ measured }) => measured.startsWith("not tried"));
}
