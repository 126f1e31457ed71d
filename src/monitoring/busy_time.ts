/** How long each backend has been running jobs of ours: what is left of the time, it was idle. */
import type { Job, JobState } from "../jobs/job.ts";

export interface BusyTime {
  /** Notes a change of a job's state; one that runs already is noted as such a change. */
  changed(job: Job, from: JobState | undefined): void;
  /** Milliseconds in which the backend ran something, until now. */
  busyMs(backend: string): number;
}

/** One backend: what it runs, since when it runs anything, and how long it did before. */
interface Tally {
  readonly running: Set<string>;
  since: number;
  beforeMs: number;
}

/** Starts at nothing. `now`: milliseconds since 1970. */
export function createBusyTime({ now }: { readonly now: () => number }): BusyTime {
  const tallies = new Map<string, Tally>();

  function tallyOf(backend: string): Tally {
    const known = tallies.get(backend);
    if (known) return known;
    const tally: Tally = { running: new Set(), since: 0, beforeMs: 0 };
    tallies.set(backend, tally);
    return tally;
  }

  return {
    changed(job, from) {
      if (job.backend === undefined) return;
      const tally = tallyOf(job.backend);
      if (job.state === "running") {
        if (tally.running.size === 0) tally.since = now();
        tally.running.add(job.id);
      } else if (from === "running" && tally.running.delete(job.id) && tally.running.size === 0) {
        tally.beforeMs += now() - tally.since;
      }
    },
    busyMs(backend) {
      const { running, since, beforeMs } = tallyOf(backend);
      return beforeMs + (running.size > 0 ? now() - since : 0);
    },
  };
}
