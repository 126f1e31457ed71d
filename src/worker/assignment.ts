/**
 * Which waiting job a backend takes, where there are several backends: the first in the queue's order that it can run, unless
 * another one would start that sooner. A job whose template another backend has just run is left to that one for a while, because a
 * change of model takes 10 to 60 seconds; meanwhile jobs behind it may pass it. Owns that no job is left for longer than that is
 * worth, and where the jobs of a backend go that is not configured any more.
 *
 * A job misses its turn when a backend leaves it after as many behind it were taken as stand before it: in the queue's order, that
 * backend would run it now. A job is left no longer, by any backend, when
 *   - two others for each backend that can run it have passed it, or
 *   - it has missed its turn for two runs, or for as long as a change of model might take.
 * Nor does a backend that takes nothing leave a job for longer than that, although it is not its turn. This counts for that backend
 * alone, and ends when it changes its model: else it would make all that wait overdue everywhere, and each would be a change more.
 * What is not left is never passed: the backend takes it, or nothing while another one is to start it sooner.
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
  /** How many jobs behind it were taken. */
  readonly passed: number;
  /** Since when it has missed its turn. */
  readonly since: number | undefined;
}

export function createAssignment({ backends, canRun, expectMs, now }: AssignmentDeps): Assignment {
  /** The template that a backend was last given: its model is loaded, or about to be. */
  const loaded = new Map<string, string>();
  const left = new Map<string, Left>();
  /** The jobs that a backend left when it took nothing, and since when: by its name and their IDs. */
  const idle = new Map<string, ReadonlyMap<string, number>>();

  /** The first model has to be loaded anyway. */
  function isCold(backend: string, { template }: Job): boolean {
    return (loaded.get(backend) ?? template) !== template;
  }

  /** Notes that a backend has left these, which are the first that it can run. */
  function note(jobs: readonly Job[], tookOther: boolean): void {
    for (const [before, { id }] of jobs.entries()) {
      const { passed, since } = left.get(id) ?? { passed: 0 };
      left.set(id, {
        passed: passed + Number(tookOther),
        since: since ?? (passed >= before ? now() : undefined),
      });
    }
  }

  /** Notes that a backend takes none of these now. */
  function noteIdle(backend: string, jobs: readonly Job[]): void {
    const known = idle.get(backend);
    idle.set(backend, new Map(jobs.map(({ id }) => [id, known?.get(id) ?? now()])));
  }

  /** Forgets those that do not wait any more, now and then. */
  function tidy(waiting: readonly Job[]): void {
    if (left.size <= 2 * waiting.length) return;
    const ids = new Set(waiting.map(({ id }) => id));
    for (const id of left.keys()) if (!ids.has(id)) left.delete(id);
  }

  return {
    pick(backend, waiting) {
      tidy(waiting);
      const mine = waiting.values().filter(({ template }) => canRun(backend, template))
        .take(maxSeen).toArray();
      const templates = new Set(mine.map(({ template }) => template));
      const ableOf = new Map(Array.from(templates, (template) => [
        template,
        backends().filter(({ name, reachable }) => reachable && canRun(name, template)),
      ]));

      /** True where the job is worth waiting for a backend that has its model. */
      function isLeft(name: string, job: Job): boolean {
        if (!isCold(name, job)) return false;
        const able = ableOf.get(job.template)!;
        if (!able.some((other) => loaded.get(other.name) === job.template)) return false;
        const { since = now(), passed } = left.get(job.id) ?? { passed: 0 };
        const leftMs = now() - Math.min(since, idle.get(name)?.get(job.id) ?? since);
        const maxMs = Math.min(maxRuns * (expectMs(job) ?? 0), changeMs);
        return passed < maxRuns * able.length && leftMs < maxMs;
      }

      /** True where another backend has fewer jobs, and would take it. */
      function startsSooner(job: Job): boolean {
        const able = ableOf.get(job.template)!;
        const own = able.find(({ name }) => name === backend)?.held().length ?? 0;
        return able.some((other) => other.held().length < own && !isLeft(other.name, job));
      }

      const next = mine.find((job) => !isLeft(backend, job));
      if (!next) {
        note(mine, false);
        noteIdle(backend, mine);
        return undefined;
      }
      if (startsSooner(next)) return undefined;
      // Jobs for one template keep their order: one that came before it since then has not been left as long.
      const at = mine.findIndex(({ template }) => template === next.template);
      note(mine.slice(0, at), true);
      if (isCold(backend, next)) idle.delete(backend);
      loaded.set(backend, next.template);
      return mine[at];
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
