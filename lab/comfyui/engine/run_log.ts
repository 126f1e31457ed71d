/**
 * What was executed, when and with which outcome; and from that, how long nothing ran. Knows nothing of nodes or frames.
 */
import type { Graph } from "../graph.ts";

/** How an execution ended; `running` while it has not, `lost` where the server was killed under it. */
export type RunOutcome = "running" | "success" | "error" | "interrupted" | "lost";

/** One execution. Times are milliseconds since 1970. */
export interface RunRecord {
  readonly promptId: string;
  readonly clientId: string | undefined;
  /** The graph as it was posted. */
  readonly graph: Graph;
  readonly startedAt: number;
  /** undefined while it runs. */
  readonly endedAt: number | undefined;
  readonly outcome: RunOutcome;
  /** True where every node came from the cache. */
  readonly cached: boolean;
  /** True where the run before used other model files. */
  readonly changesModel: boolean;
}

/** Time in which nothing ran. */
export interface Idle {
  readonly spanMs: number;
  readonly idleMs: number;
  /** `idleMs / spanMs`, 0…1. */
  readonly share: number;
}

const MAX_RUNS = 10_000;

/** The executions so far. */
export class RunLog {
  #runs: RunRecord[] = [];

  get runs(): readonly RunRecord[] {
    return this.#runs;
  }

  /** A run began; the answer replaces its record. */
  start(record: RunRecord): (change: Partial<RunRecord>) => void {
    let current = record;
    this.#runs.push(record);
    if (this.#runs.length > MAX_RUNS) this.#runs = this.#runs.slice(-MAX_RUNS / 2);
    return (change) => {
      const at = this.#runs.lastIndexOf(current);
      current = { ...current, ...change };
      if (at >= 0) this.#runs[at] = current;
    };
  }
}

/** See SimulatedComfyUI.idle. Runs never overlap, so the busy time is their sum. */
export function idleOf(runs: readonly RunRecord[], now: number, from?: number, to?: number): Idle {
  const start = from ?? runs[0]?.startedAt ?? 0;
  const end = to ?? runs.reduce((latest, run) => Math.max(latest, run.endedAt ?? now), start);
  const spanMs = Math.max(0, end - start);
  const busyMs = runs.reduce(
    (sum, run) =>
      sum + Math.max(0, Math.min(run.endedAt ?? now, end) - Math.max(run.startedAt, start)),
    0,
  );
  const idleMs = Math.max(0, spanMs - busyMs);
  return { spanMs, idleMs, share: spanMs === 0 ? 0 : idleMs / spanMs };
}
