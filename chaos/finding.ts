/** What the chaos harness finds: rows of trouble, and for each what was promised and what was seen. Types and verdicts. */

/** `info`: nothing was promised, or this host cannot make the trouble; the number is there to be read. */
export type Verdict = "held" | "fell" | "info";

/** One line of the table. */
export interface Finding {
  readonly what: string;
  readonly limit: string;
  readonly measured: string;
  readonly verdict: Verdict;
  /** What was measured as a number, where more is worse: of runs with several seeds the worst is shown. */
  readonly badness?: number;
}

export interface ChaosOptions {
  /** Where chance starts from: which calls fail, when who is killed, what is sent. Threads and sockets keep their own time. */
  readonly seed: number;
  /** Less of everything, for every change of the code: seconds in place of minutes. */
  readonly isShort: boolean;
  /** Says how far it is. */
  readonly tell: (line: string) => void;
}

/** One kind of trouble, by the name that `--only` takes. */
export interface ChaosRow {
  readonly name: string;
  run(options: ChaosOptions): Promise<readonly Finding[]>;
}

/** A promise and whether it was kept. */
export function promised(
  isKept: boolean,
  what: string,
  { limit, measured }: { readonly limit: string; readonly measured: string },
): Finding {
  return { what, limit, measured, verdict: isKept ? "held" : "fell" };
}

/** The promise that something does not happen at all; `examples` are shown where it does. */
export function none(what: string, count: number, examples: readonly string[] = []): Finding {
  const shown = count === 0 ? "" : examples.slice(0, 3).map((each) => ` · ${each}`).join("");
  const finding = promised(count === 0, what, { limit: "0", measured: `${count}${shown}` });
  return { ...finding, badness: count };
}

/** The promise that a number stays at or under another; NaN does not. */
export function atMost(
  what: string,
  { value, limit, unit, of = "" }: {
    readonly value: number;
    readonly limit: number;
    readonly unit: string;
    /** What the number was taken of, to stand after it. */
    readonly of?: string;
  },
): Finding {
  const say = (number: number) =>
    `${Number.isInteger(number) ? number : number.toFixed(2)} ${unit}`.trim();
  const finding = promised(value <= limit, what, {
    limit: `≤ ${say(limit)}`,
    measured: say(value) + (of === "" ? "" : ` (${of})`),
  });
  return { ...finding, badness: value };
}

/** Nothing was promised. */
export function noted(what: string, measured: string): Finding {
  return { what, limit: "—", measured, verdict: "info" };
}

/** What one run of a row found. */
export interface SeededFindings {
  readonly seed: number;
  readonly findings: readonly Finding[];
}

/**
 * What runs of one row with several seeds found, each finding once: the worst, with the seed that had it and, where promises
 * fell, with how many. What was not promised is shown of the first run.
 */
export function worstOf(runs: readonly SeededFindings[]): readonly Finding[] {
  const all = runs.flatMap(({ seed, findings }) => findings.map((finding) => ({ seed, finding })));
  return [...Map.groupBy(all, ({ finding }) => finding.what).values()].map((same) => {
    const worst = same.reduce((a, b) => isWorse(b.finding, a.finding) ? b : a);
    const fell = same.filter(({ finding }) => finding.verdict === "fell").map(({ seed }) => seed);
    const seeds = fell.length > 0
      ? `seed ${worst.seed}; fell on ${fell.join(", ")}`
      : `seed ${worst.seed}, the worst of ${same.length}`;
    if (runs.length === 1 || worst.finding.verdict === "info") return worst.finding;
    return { ...worst.finding, measured: `${worst.finding.measured} (${seeds})` };
  });
}

function isWorse(one: Finding, other: Finding): boolean {
  if (one.verdict !== other.verdict) return one.verdict === "fell";
  return (one.badness ?? 0) > (other.badness ?? 0);
}

/** The findings as a table in Markdown. */
export function tableOf(findings: readonly Finding[]): string {
  const marks: Readonly<Record<Verdict, string>> = { held: "held", fell: "**fell**", info: "" };
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " ");
  return [
    "| trouble | limit | measured | verdict |",
    "| --- | --- | --- | --- |",
    ...findings.map(({ what, limit, measured, verdict }) =>
      `| ${cell(what)} | ${cell(limit)} | ${cell(measured)} | ${marks[verdict]} |`
    ),
  ].join("\n");
}
