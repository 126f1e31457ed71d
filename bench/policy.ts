/** Figure: how long the policy takes for a usual sentence, and for its first. */
import { createPolicy } from "../src/users/policy/policy.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "./figure.ts";

const rounds = 5;
const maxMs = 1;

export const policy: Figure = {
  name: "policy",
  async measure({ tell }: BenchOptions): Promise<readonly Row[]> {
    const sentences =
      (await Promise.all(["harmless_en", "harmless_ru", "bad_en", "bad_ru"].map(read)))
        .flat();
    tell(`policy: ${sentences.length} sentences, ${rounds} times`);
    const policy = createPolicy({ enabled: true, refuse: [], allow: [] });
    const firstMs = timeOf(() => policy.check(sentences[0]!));
    for (const it of sentences) policy.check(it);
    const allMs = timeOf(() => {
      for (let round = 0; round < rounds; round++) sentences.forEach((it) => policy.check(it));
    });
    const eachMs = allMs / rounds / sentences.length;
    return [{
      what: `the policy judges a sentence, mean of ${sentences.length}`,
      limit: `≤ ${maxMs} ms`,
      ours: `${eachMs.toFixed(3)} ms (the first: ${firstMs.toFixed(0)} ms)`,
      verdict: atMost(eachMs, maxMs),
      values: { eachMs, firstMs },
    }];
  },
};

async function read(name: string): Promise<string[]> {
  const url = new URL(`../tests/users/policy/sets/${name}.txt`, import.meta.url);
  return (await Deno.readTextFile(url)).trim().split("\n");
}

function timeOf(act: () => void): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}
