/**
 * Which waiting job a backend takes, where there are several backends: the first in the queue's order that it can run, and that none
 * of the others would start sooner. A job whose template another backend has just run is left to that one for a while, because a
 * change of model takes 10 to 60 seconds; meanwhile jobs behind it may pass it. Owns that no job is left for longer than that is
 * worth, and where the jobs of a backend go that is not configured any more.
 */
import { getLogger } from "@logtape/logtape";
import { type Job, type JobQueue } from "../jobs/mod.ts";

const log = getLogger(["bot", "worker"]);

/** One backend, as far as it matters here. */
export interface Candidate {
  readonly name: string;
  readonly reachable: boolean;
  /** The jobs that it has. */
  held(): readonly unknown[];
}

export interface AssignmentDeps {
  /** All of them. */
  readonly backends: () => readonly Candidate[];
  /** Whether the backend has what the template needs; true where that is not known. */
  readonly canRun: (backend: string, template: string) => boolean;
  /** Expected time of a run in milliseconds; undefined where nothing was learned. */
  readonly expectMs: (job: Job) => number | undefined;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

export interface Assignment {
  /** The job of these that the backend is to take now; undefined where none is for it, or none yet. */
  pick(backend: string, waiting: readonly Job[]): Job | undefined;
}

/** A job waits at most two runs for a backend that has its model loaded: so long, or until so many a backend have passed it … */
const maxRuns = 2;
/** … and no longer than the change of model might take. */
const changeMs = 20_000;

/** So many jobs are looked at: what is further back is not going to be taken before its turn. */
const maxSeen = 100;

/** A job that was left to others. */
interface Left {
  /** Since when it has been left although it was the first. */
  since: number | undefined;
  /** How many jobs behind it were taken. */
  passed: number;
}

export function createAssignment({ backends, canRun, expectMs, now }: AssignmentDeps): Assignment {
  /** The template that a backend was last given: its model is loaded, or about to be. */
  const loaded = new Map<string, string>();
  const left = new Map<string, Left>();

  /** Those that could take the job. */
  function able({ template }: Job): readonly Candidate[] {
    return backends().filter(({ name, reachable }) => reachable && canRun(name, template));
  }

  /** The first model has to be loaded anyway. */
  function isCold(backend: string, { template }: Job): boolean {
    return (loaded.get(backend) ?? template) !== template;
  }

  /** True where the job is worth waiting for a backend that has its model; one that has nothing else to do waits less. */
  function isLeft(backend: string, job: Job, isIdle = true): boolean {
    if (!isCold(backend, job)) return false;
    const others = able(job);
    if (!others.some(({ name }) => loaded.get(name) === job.template)) return false;
    const { since = now(), passed = 0 } = left.get(job.id) ?? {};
    const runsMs = isIdle ? maxRuns * (expectMs(job) ?? 0) : Infinity;
    return passed < maxRuns * others.length && now() - since < Math.min(runsMs, changeMs);
  }

  /** True where another backend has fewer jobs, and would take it. */
  function startsSooner(backend: string, job: Job): boolean {
    const others = able(job);
    const own = others.find(({ name }) => name === backend)?.held().length ?? 0;
    return own > 0 &&
      others.some((other) => other.held().length < own && !isLeft(other.name, job));
  }

  /** Notes which jobs the taken one has passed, and since when the first one waits. */
  function note(passed: readonly Job[], isTaken: boolean): void {
    for (const [place, { id }] of passed.entries()) {
      const known = left.get(id) ?? { since: undefined, passed: 0 };
      left.set(id, {
        since: known.since ?? (place === 0 ? now() : undefined),
        passed: known.passed + Number(isTaken),
      });
    }
  }

  return {
    pick(backend, waiting) {
      const mine = waiting.values().filter(({ template }) => canRun(backend, template))
        .take(maxSeen).toArray();
      const isIdle = mine.every((job) => isCold(backend, job));
      const at = mine.findIndex((job) =>
        !isLeft(backend, job, isIdle) && !startsSooner(backend, job)
      );
      const job = mine[at];
      // Cancelled ones, and those that others have taken.
      if (left.size > 2 * waiting.length) {
        const ids = new Set(waiting.map(({ id }) => id));
        for (const id of left.keys()) if (!ids.has(id)) left.delete(id);
      }
      note(mine.slice(0, at < 0 ? 1 : at), job !== undefined);
      if (!job) return undefined;
      loaded.set(backend, job.template);
      left.delete(job.id);
      return job;
    },
  };
}

/**
 * For before the workers run: no worker would resume a job of a backend that is not configured any more. Puts each back to its old
 * place in the queue; one that is rendered already is left to the first of `backends` to
 * be delivered. `backends` holds the configured names, one at least.
 */
export async function adoptOrphans(
  queue: Pick<JobQueue, "live" | "update">,
  backends: readonly string[],
): Promise<void> {
  for (const job of queue.live().filter((job) => isOrphan(job, backends))) {
    log.info("Job {jobId} was in {backend}, which is no longer configured", {
      jobId: job.id,
      backend: job.backend,
    });
    await queue.update(
      job.id,
      job.state === "delivering" ? { backend: backends[0] } : { state: "queued" },
    );
  }
}

function isOrphan({ state, backend }: Job, backends: readonly string[]): boolean {
  return state !== "queued" && (backend === undefined || !backends.includes(backend));
}
