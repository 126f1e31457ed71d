/**
 * Sentences that were written apart from the policy's rules, in the files of sets/:
 *
 * - `harmless_en.txt` and the like, `*_second.txt`, `*_third.txt`: written before a round of work on the rules. One half of each may be
 *   looked at, the other never.
 * - `*_roundabout.txt`: likewise, but bad ones that name neither clothes coming off nor a body where they can help it, and harmless ones in
 *   the same words.
 * - `*_after.txt`: written between rounds, may be looked at.
 * - `ordinary_*.txt`: sentences about something else, such as this project's documents have.
 * - `*_unseen.txt`, `*_last.txt`: written when the rules were done, and never looked at.
 */

export type Group = "tuned" | "held out" | "unseen" | "roundabout, held out";
export type Sort = "harmless" | "bad";
export type Language = "en" | "ru";

/** The sentences of a group. Only "tuned" ones may be looked at, or learnt from. */
export function sentences(sort: Sort, language: Language, group: Group): string[] {
  const name = `${sort}_${language}`;
  const plain = ["", "_second", "_third"].flatMap((it) => read(name + it));
  const roundabout = read(`${name}_roundabout`);
  switch (group) {
    case "tuned":
      return [...[...plain, ...roundabout].filter(isTuned), ...read(`${name}_after`)];
    case "held out":
      return plain.filter((it) => !isTuned(it));
    case "roundabout, held out":
      return roundabout.filter((it) => !isTuned(it));
    case "unseen":
      return [...read(`${name}_unseen`), ...read(`${name}_last`)];
  }
}

/** Harmless sentences about something else. */
export function ordinary(language: Language): string[] {
  return read(`ordinary_${language}`);
}

/** The half that a sentence written before a round belongs to, by a bit of its FNV-1a hash, is the one that may be looked at. */
function isTuned(sentence: string): boolean {
  let hash = 2_166_136_261;
  for (const byte of new TextEncoder().encode(sentence)) {
    hash = Math.imul(hash ^ byte, 16_777_619) >>> 0;
  }
  return (hash >>> 8) % 2 === 0;
}

function read(name: string): string[] {
  return Deno.readTextFileSync(new URL(`./sets/${name}.txt`, import.meta.url))
    .trim().split("\n");
}
