/** One check of a ComfyUI and what came of it. Owns how one that throws or takes too long is told, and the table. */
import { limitSignal } from "../src/lib/abort.ts";
import { messageOf } from "../src/lib/errors.ts";

/** What came of a check. */
export interface Outcome {
  readonly check: string;
  /** `skipped`: this ComfyUI gives no occasion for it. */
  readonly result: "held" | "did not hold" | "skipped";
  /** What was seen, in a line. */
  readonly seen: string;
  readonly ms: number;
}

/** Thrown by a check that this ComfyUI gives no occasion for; the message says why. */
export class Skip extends Error {}

/** Throws unless `holds`: the check did not hold, and `otherwise` is what was seen. */
export function ensure(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

/**
 * Makes a check: `act` gives what was seen, or throws. It hears by its signal that its time is over. Rejects only with the reason
 * of `signal`, which ends all checks.
 */
export async function check(
  name: string,
  act: (signal: AbortSignal) => Promise<string>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Outcome> {
  const startedAt = performance.now();
  const ended = (result: Outcome["result"], seen: string): Outcome => ({
    check: name,
    result,
    seen: seen.replaceAll(/\s+/g, " "),
    ms: Math.round(performance.now() - startedAt),
  });
  using limited = limitSignal(signal, timeoutMs);
  try {
    return ended("held", await act(limited.signal));
  } catch (error) {
    signal.throwIfAborted();
    if (limited.signal.aborted) return ended("did not hold", `not within ${timeoutMs / 1000} s`);
    return ended(error instanceof Skip ? "skipped" : "did not hold", messageOf(error));
  }
}

/** The outcomes in Markdown. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const marks = { held: "held", "did not hold": "**did not hold**", skipped: "skipped" };
  return [
    "| check | result | seen | time |",
    "| --- | --- | --- | --- |",
    ...outcomes.map(({ check, result, seen, ms }) =>
      `| ${check} | ${marks[result]} | ${seen.replaceAll("|", "\\|")} | ${
        (ms / 1000).toFixed(1)
      } s |`
    ),
  ].join("\n");
}
