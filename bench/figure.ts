/**
 * What the bench measures: figures, each with its limit, and the rows of the table. Owns the arithmetic of samples and
 * chance; knows nothing of what is measured.
 */

/** `info`: there is no limit, the number is there to be read beside the others. */
export type Verdict = "kept" | "missed" | "info";

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly limit: string;
  readonly ours: string;
  readonly verdict: Verdict;
  /** The same numbers for machines; units are in the names. */
  readonly values: Readonly<Record<string, number>>;
  /** True where a miss means a broken promise and not a slow machine: the bench exits with 1 then. */
  readonly isPromise?: boolean;
}

/** What may be asked of a run of the bench. */
export interface BenchOptions {
  /** Of the figure `kills`: how often the bot is killed, over how many jobs, and what chance starts from. */
  readonly kills: number;
  readonly jobs: number;
  readonly seed: number;
  /** Says on stderr how far it is. */
  readonly tell: (line: string) => void;
}

/** One figure, by the name that `--only` takes. */
export interface Figure {
  readonly name: string;
  measure(options: BenchOptions): Promise<readonly Row[]>;
}

/** The sample that a share (0–1) of all samples does not exceed: nearest rank. NaN where there are none. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/** The middle sample. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** `kept` where the value is at most the limit; NaN is not. */
export function atMost(value: number, limit: number): Verdict {
  return value <= limit ? "kept" : "missed";
}

/** Chance that comes again with the same seed, 0 up to, not including, 1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
