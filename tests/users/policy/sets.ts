/**
 * Sentences that were written apart from the policy's rules, in the files of sets/:
 *
 * - `harmless_en.txt` and the like, and `*_second.txt`: written before a round of work on the rules. One half of each may be looked at,
 *   the other never.
 * - `*_after.txt`: written between rounds, may be looked at.
 * - `ordinary_*.txt`: sentences about something else, such as this project's documents have.
 * - `*_unseen.txt`: written when the rules were done, and never looked at.
 */

export type Group = "tuned" | "held out" | "unseen";
export type Sort = "harmless" | "bad";
export type Language = "en" | "ru";

/** The sentences of a group. Only "tuned" ones may be looked at, or learnt from. */
export function sentences(sort: Sort, language: Language, group: Group): string[] {
  const name = `${sort}_${language}`;
  if (group === "unseen") return read(`${name}_unseen`);
  const before = [...read(name), ...read(`${name}_second`)].filter((it) => halfOf(it) === group);
  return group === "tuned" ? [...before, ...read(`${name}_after`)] : before;
}

/** Harmless sentences about something else. */
export function ordinary(language: Language): string[] {
  return read(`ordinary_${language}`);
}

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
