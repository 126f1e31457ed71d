/**
 * "Did you mean": which known words are most like the one that was written. Owns the measure of likeness;
 * does not know what the words stand for.
 */

/** Longer input is compared by its beginning: likeness of a novel to a sampler's name is of no use. */
const maxComparedLength = 64;

/**
 * Up to `limit` candidates, the most alike first: those that hold the word (or are held by it), then by edit distance.
 * Letter case does not count; of `linear/euler` the part after the last slash may match on its own.
 */
export function nearest(word: string, candidates: readonly string[], limit = 5): string[] {
  const wanted = word.toLowerCase().slice(0, maxComparedLength);
  return candidates
    .map((candidate) => ({ candidate, ...likeness(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => Number(b.holds) - Number(a.holds) || a.distance - b.distance)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** The one name that a misspelt word most likely stands for, if any is near enough: a third of its letters may be wrong. */
export function probableName(word: string, names: readonly string[]): string | undefined {
  const wanted = word.toLowerCase().slice(0, maxComparedLength);
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  const [best] = nearest(word, names, 1);
  if (best === undefined) return undefined;
  const abbreviates = wanted.length >= 3 && best.toLowerCase().startsWith(wanted);
  return abbreviates || editDistance(wanted, best.toLowerCase()) <= allowed ? best : undefined;
}

function likeness(wanted: string, candidate: string): { holds: boolean; distance: number } {
  const tail = candidate.slice(candidate.lastIndexOf("/") + 1);
  return {
    holds: wanted.length >= 3 &&
      (candidate.includes(wanted) || (tail.length >= 3 && wanted.includes(tail))),
    distance: Math.min(editDistance(wanted, candidate), editDistance(wanted, tail)),
  };
}

/** Levenshtein's distance: how many letters must be put in, taken out or replaced. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = row[j]! + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
