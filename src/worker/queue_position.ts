/**
 * The position of a waiting job, and how long it still waits. Counts what begins before it: our jobs in the queue and
 * in the backends, and the prompts of other clients there. Owns how long a backend's answer is waited for.
 */
import { type Estimator, expectWaitMs, type Job, type JobQueue } from "../jobs/mod.ts";
import { race } from "../lib/mod.ts";
import type { BackendHealth } from "./backend.ts";
import type { BackendMonitor } from "./backend_health.ts";
import type { HeldJob, Worker } from "./worker.ts";

/** A job's place among all that have not begun. */
export interface QueuePosition {
  /** 1 for the next to begin. */
  readonly position: number;
  /** Milliseconds until it begins; undefined where nothing like what is ahead has run yet. */
  readonly waitMs: number | undefined;
}

export interface QueuePositions {
  /** Undefined for a job that has begun or is at an end. Never rejects; takes a second at most. */
  of(job: Job): Promise<QueuePosition | undefined>;
  /** How many jobs and prompts of others have not begun. As above. */
  waiting(): Promise<number>;
}

export interface QueuePositionsDeps {
  readonly queue: Pick<JobQueue, "get" | "position" | "size" | "waiting">;
  readonly estimator: Pick<Estimator, "expectMs">;
  readonly look: BackendMonitor["look"];
  readonly workers: () => readonly Pick<Worker, "name" | "held" | "reachable">[];
}

/** One backend: what it has of ours, and what of others. */
interface Load {
  readonly name: string;
  /** In the order in which they run. */
  readonly held: readonly HeldJob[];
  /** Ids of prompts, ours too, in the order in which they run. */
  readonly pending: readonly string[];
  /** How many prompts of others run and wait. */
  readonly othersRunning: number;
  readonly othersPending: number;
}

/** So many jobs at the head stand for all that are ahead: a place far back must not cost more to estimate. */
const maxSample = 50;
/** A ComfyUI that loads a model does not answer for a while: then its last answer counts. */
const answerMs = 1_000;

export function createQueuePositions(
  { queue, estimator, look, workers }: QueuePositionsDeps,
): QueuePositions {
  let latest: ReadonlyMap<string, BackendHealth> = new Map();

  /** The backends that can be reached; all of them where none can. */
  async function loads(): Promise<readonly Load[]> {
    const answered = look().then((answers) => {
      latest = new Map(answers.flatMap((each) => each.ok ? [[each.name, each.health]] : []));
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, answerMs));
    await race([answered, late]);
    clearTimeout(timer);
    const all = workers().map((worker) => ({
      worker,
      load: loadOf(worker, latest.get(worker.name)),
    }));
    const reachable = all.filter(({ worker }) => worker.reachable);
    return (reachable.length > 0 ? reachable : all).map(({ load }) => load);
  }

  /** Others' prompts are taken to be like the given jobs of ours. */
  function waitMsIn(
    loads: readonly Load[],
    { ahead, sample }: { readonly ahead: number; readonly sample: readonly Job[] },
  ): number | undefined {
    return expectWaitMs({
      ahead,
      sample,
      busyMs: loads.map(({ held }) => sumOf(held.map(({ leftMs }) => leftMs))),
      others: loads.map(({ othersRunning, othersPending }) => othersRunning + othersPending),
      estimator,
    });
  }

  function inQueue(place: number, loads: readonly Load[]): QueuePosition {
    const waiting = loads.map(({ held, othersPending }) =>
      othersPending + held.filter(({ hasBegun }) => !hasBegun).length
    );
    const sample = queue.waiting(1, Math.min(place, maxSample));
    return {
      position: place + aheadOf(place, waiting),
      waitMs: waitMsIn(loads, { ahead: place - 1, sample }),
    };
  }

  function inBackend(job: Job, loads: readonly Load[]): QueuePosition | undefined {
    const load = loads.find(({ name }) => name === job.backend);
    if (!load) return undefined;
    const { held, pending } = load;
    const found = held.findIndex(({ id }) => id === job.id);
    // It was claimed this very moment.
    const at = found < 0 ? held.length : found;
    if (held[at]?.hasBegun) return undefined;
    const ours = new Set(held.map(({ promptId }) => promptId));
    const place = pending.indexOf(job.promptId ?? "");
    // It is not there yet: it will come last.
    const before = place < 0 ? pending : pending.slice(0, place);
    const othersPending = before.filter((id) => !ours.has(id)).length;
    const ahead = held.slice(0, at);
    return {
      position: 1 + othersPending + ahead.filter(({ hasBegun }) => !hasBegun).length,
      waitMs: waitMsIn([{ ...load, held: ahead, othersPending }], { ahead: 0, sample: [job] }),
    };
  }

  return {
    async of({ id, state }) {
      if (state !== "queued" && state !== "submitted") return undefined;
      const all = await loads();
      const job = await queue.get(id);
      const place = queue.position(id);
      if (place !== undefined) return inQueue(place, all);
      return job?.state === "submitted" ? inBackend(job, all) : undefined;
    },
    async waiting() {
      const all = await loads();
      return all.reduce(
        (sum, { held, othersPending }) =>
          sum + othersPending + held.filter(({ hasBegun }) => !hasBegun).length,
        queue.size,
      );
    },
  };
}

function loadOf(worker: Pick<Worker, "name" | "held">, health: BackendHealth | undefined): Load {
  const { running = [], pending = [] } = health ?? {};
  const { name } = worker;
  const held = worker.held();
  const ours = new Set(held.map(({ promptId }) => promptId));
  const others = (ids: readonly string[]) => ids.filter((id) => !ours.has(id)).length;
  return { name, held, pending, othersRunning: others(running), othersPending: others(pending) };
}

/**
 * How many of those that wait in the backends begin before the job at that place of the queue, where all take the same time and
 * each goes to the backend that has the least.
 */
function aheadOf(place: number, waiting: readonly number[]): number {
  const taken = [...waiting];
  const least = () => taken.indexOf(Math.min(...taken));
  for (let before = 1; before < place && taken.length > 1; before++) taken[least()]!++;
  const turn = taken.length > 1 ? Math.min(...taken) : Infinity;
  return waiting.reduce((sum, count) => sum + Math.min(count, turn), 0);
}

function sumOf(spans: readonly (number | undefined)[]): number | undefined {
  return spans.reduce(
    (sum, ms) => sum === undefined || ms === undefined ? undefined : sum + ms,
    0 as number | undefined,
  );
}
