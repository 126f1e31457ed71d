/**
 * What the bench measures: figures, each with its limit, and the rows of the table. Knows nothing of
 * what is measured.
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
  /** Of the figures `kills` and `workers`: how often the bot is killed, over how many jobs, and what chance starts from. */
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

/** `kept` where the value is at most the limit; NaN is not. */
export function atMost(value: number, limit: number): Verdict {
  return value <= limit ? "kept" : "missed";
}

/** `kept` where the value is at least the limit; NaN is not. */
export function atLeast(value: number, limit: number): Verdict {
  return value >= limit ? "kept" : "missed";
}
