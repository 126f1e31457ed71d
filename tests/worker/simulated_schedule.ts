/**
 * Several GPUs and a queue in virtual time: jobs arrive, are claimed as the assignment says, run, and come back from a GPU that goes
 * away. Owns the clock and what of each claim is kept; it judges nothing.
 */
import { type Job, newJob } from "../../src/jobs/job.ts";
import { type QueueOrder, WaitingLine } from "../../src/jobs/queue_order.ts";
import { type Assignment, createAssignment } from "../../src/worker/assignment.ts";
import { requestOf } from "../jobs/job_fixture.ts";

/** How soon a GPU that was given nothing asks again. */
export const askMs = 200;

/** One that can take jobs; times in milliseconds. */
export interface Gpu {
  readonly name: string;
  /** The templates that it can run. */
  readonly templates: string;
  /** Most jobs in it at a time. */
  readonly depth: number;
  /** When it goes away, and for how long; its jobs wait again. */
  readonly away?: { readonly at: number; readonly ms: number } | undefined;
}

/** What is asked for. */
export interface Wanted {
  readonly user: number;
  readonly template: string;
  readonly at: number;
  readonly runMs: number;
  /** What the bot takes that for. */
  readonly expectMs: number | undefined;
}

export interface Schedule {
  readonly gpus: readonly Gpu[];
  readonly jobs: readonly Wanted[];
  readonly changeMs: number;
  readonly order: QueueOrder;
}

/** A moment at which something was, or was not, taken. */
export interface Moment {
  readonly at: number;
  readonly gpu: string;
  /** What the GPU took; undefined for nothing. */
  readonly taken: Job | undefined;
  /** All that waited, in the queue's order, before it was taken. */
  readonly waiting: readonly Job[];
  /** The names of the GPUs that were there. */
  readonly present: readonly string[];
  /** How many jobs the GPU had. */
  readonly held: number;
}

export interface Outcome {
  readonly moments: readonly Moment[];
  /** In the order in which they began; `changes` where another model had to be loaded. */
  readonly runs: readonly { readonly job: Job; readonly at: number; readonly changes: boolean }[];
}

/** Each job goes to the first that asks. */
export const blindly: Assignment = { pick: (_gpu, waiting) => waiting[0] };

/** Plays it until all jobs have ended, by the assignment of the bot or the chosen one. Throws where they do not end. */
export function play(schedule: Schedule, chosen?: Assignment): Outcome {
  let now = 0;
  const wantedOf = (id: string) => schedule.jobs[Number(id)]!;
  const arriving = schedule.jobs.map(({ at }, i) => ({ at, id: String(i) }))
    .sort((a, b) => a.at - b.at);
  const line = new WaitingLine(() => schedule.order);
  const gpus = schedule.gpus.map((gpu) => ({
    ...gpu,
    model: undefined as string | undefined,
    places: [] as { job: Job; endsAt: number }[],
    asksAt: 0,
    isAway: false,
  }));
  const assignment = chosen ?? createAssignment({
    backends: () =>
      gpus.map(({ name, isAway, places }) => ({ name, reachable: !isAway, held: () => places })),
    canRun: (name, template) => gpus.find((gpu) => gpu.name === name)!.templates.includes(template),
    expectMs: ({ id }) => wantedOf(id).expectMs,
    now: () => now,
  });
  const moments: Moment[] = [];
  const runs: { job: Job; at: number; changes: boolean }[] = [];
  let arrived = 0;
  let claims = 0;
  let ended = 0;

  function begin(gpu: typeof gpus[number]): void {
    const [first] = gpu.places;
    if (!first) return;
    const { template, runMs } = wantedOf(first.job.id);
    const changes = gpu.model !== undefined && gpu.model !== template;
    runs.push({ job: first.job, at: now, changes });
    first.endsAt = now + runMs + (changes ? schedule.changeMs : 0);
    gpu.model = template;
  }

  for (let turn = 0; ended < schedule.jobs.length; turn++) {
    if (turn > 100_000) throw new Error(`${schedule.jobs.length - ended} jobs wait for ever`);
    while (arriving[0] && arriving[0].at <= now) {
      const { id } = arriving.shift()!;
      const { user, template } = wantedOf(id);
      line.change(undefined, newJob({ ...requestOf(user, id), template }, ++arrived, now));
    }
    for (const gpu of gpus) {
      while (gpu.places[0] && gpu.places[0].endsAt <= now) {
        gpu.places.shift();
        ended++;
        gpu.asksAt = now;
        begin(gpu);
      }
      const { at = Infinity, ms = 0 } = gpu.away ?? {};
      const isAway = now >= at && now < at + ms;
      if (isAway && !gpu.isAway) {
        for (const { job } of gpu.places.splice(0)) line.change(job, { ...job, state: "queued" });
      }
      gpu.isAway = isAway;
    }
    // Another one asks first each time.
    for (const gpu of [...gpus.slice(turn % gpus.length), ...gpus.slice(0, turn % gpus.length)]) {
      while (!gpu.isAway && gpu.places.length < gpu.depth && gpu.asksAt <= now && line.length > 0) {
        const waiting = [...line.inOrder()];
        const taken = assignment.pick(gpu.name, waiting);
        const present = gpus.filter(({ isAway }) => !isAway).map(({ name }) => name);
        const held = gpu.places.length;
        moments.push({ at: now, gpu: gpu.name, taken, waiting, present, held });
        if (!taken) {
          gpu.asksAt = now + askMs;
          continue;
        }
        const claim = taken.claim ?? ++claims;
        const job: Job = { ...taken, state: "submitted", claim, submittedAt: now };
        line.change(taken, job);
        gpu.places.push({ job, endsAt: Infinity });
        if (held === 0) begin(gpu);
      }
    }
    now = Math.min(
      arriving[0]?.at ?? Infinity,
      ...gpus.flatMap(({ places, asksAt, away }) => [
        places[0]?.endsAt ?? Infinity,
        ...[asksAt, away?.at ?? 0, away ? away.at + away.ms : 0].filter((at) => at > now),
      ]),
    );
  }
  return { moments, runs };
}
