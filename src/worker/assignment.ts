/**
 * Which waiting job a backend takes, where there are several backends: the first in the queue's order that it can run. A job whose
 * template another backend has just run is left to that one for a while, because a change of model takes 10 to 60 seconds. Owns
 * that no job is left waiting for longer than that is worth, and where the jobs of a backend go that is not configured any more.
 */
import { getLogger } from "@logtape/logtape";
import { type Job, type JobQueue } from "../jobs/mod.ts";

const log = getLogger(["bot", "worker"]);

/** One backend, as far as it matters here. */
export interface Candidate {
  readonly name: string;
  readonly reachable: boolean;
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

/** A job waits at most two runs for a backend that has its model loaded … */
const maxRuns = 2;
/** … and no longer than the change of model might take. */
const changeMs = 20_000;

export function createAssignment({ backends, canRun, expectMs, now }: AssignmentDeps): Assignment {
  /** The template that a backend was last given: its model is loaded, or about to be. */
  const loaded = new Map<string, string>();
  /** Since when a job has been left to another backend. */
  const leftAt = new Map<string, number>();

  function isForAnother(backend: string, job: Job): boolean {
    const own = loaded.get(backend);
    if (own === undefined || own === job.template) return false; // the first model has to be loaded anyway
    const isWarm = backends().some(({ name, reachable }) =>
      name !== backend && reachable && loaded.get(name) === job.template &&
      canRun(name, job.template)
    );
    if (!isWarm) return false;
    const since = leftAt.get(job.id) ?? now();
    leftAt.set(job.id, since);
    return now() - since < Math.min(maxRuns * (expectMs(job) ?? 0), changeMs);
  }

  return {
    pick(backend, waiting) {
      const job = waiting.find((each) =>
        canRun(backend, each.template) && !isForAnother(backend, each)
      );
      if (!job) return undefined;
      loaded.set(backend, job.template);
      leftAt.delete(job.id);
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
