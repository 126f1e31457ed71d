/** Which seeds the chaos harness runs with, from its command line. */

/** Most seeds of one run: each is a whole run of every row. */
const maxSeeds = 1_000;

/**
 * The seeds that `--seed N` or `--seeds A..B` (both ends) or `--seeds A,B,C` name; one that `draw` gives where neither is
 * there. Undefined where that is no list of whole numbers from 0 on.
 */
export function seedsFrom(
  { seed, seeds }: { readonly seed?: string | undefined; readonly seeds?: string | undefined },
  draw: () => number,
): readonly number[] | undefined {
  const written = seeds ?? seed;
  if (written === undefined) return [draw()];
  const range = /^(\d+)\.\.(\d+)$/.exec(seeds ?? "");
  const list = range
    ? between(Number(range[1]), Number(range[2]))
    : (seeds === undefined ? [written] : written.split(",")).map((each) =>
      /^\d+$/.test(each.trim()) ? Number(each) : NaN
    );
  return list.length > 0 && list.every(Number.isSafeInteger) ? list : undefined;
}

/** A new one each time, small enough to be typed. */
export function drawSeed(): number {
  return Math.floor(Math.random() * 1_000_000);
}

function between(first: number, last: number): readonly number[] {
  const count = last - first + 1;
  return Array.from({ length: count > maxSeeds ? 0 : Math.max(0, count) }, (_, at) => first + at);
}
