/**
 * When the machines of backends are woken: a backend that does not answer while jobs wait for it is sent the packet, and again each
 * minute, ten times. Owns what is learned of how long that takes, and when it is given up.
 *
 *   answers ──a job waits, no answer──▶ waking ──answers──▶ answers, its time is learned
 *                                         │  ▲
 *                                10 packets  a newer job waits
 *                                         ▼  │
 *                                       given up
 */
import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import { type Job, type JobQueue } from "../jobs/mod.ts";
import { messageOf, unlessAborted } from "../lib/mod.ts";
import { type BackendAnswer } from "../worker/mod.ts";

const log = getLogger(["bot", "wake"]);

/** Milliseconds from the first packet to the first answer, by backend. Version 1. */
export const WakeTimes = z.object({ v: z.literal(1), ms: z.record(z.string(), z.number()) });
export type WakeTimes = Readonly<z.infer<typeof WakeTimes>>;

/** Where they are kept. */
export interface WakeTimesStore {
  load(): Promise<WakeTimes | undefined>;
  save(times: WakeTimes): Promise<void>;
}

export interface WakePolicyDeps {
  /** Sends a packet to the machine of each backend that can be woken. */
  readonly packets: ReadonlyMap<string, () => Promise<void>>;
  /** What each backend answers now; takes some seconds where one does not. */
  readonly ask: () => Promise<readonly BackendAnswer[]>;
  /** All backends, those too that cannot be woken. */
  readonly backends: () => readonly { readonly name: string; readonly reachable: boolean }[];
  readonly queue: Pick<JobQueue, "live" | "paused">;
  /** Whether the backend has what the template needs; true where that is not known. */
  readonly canRun: (backend: string, template: string) => boolean;
  /** Told when a machine was not woken by ten packets. */
  readonly onGivenUp: (backend: string) => void;
  readonly store: WakeTimesStore;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

/** A machine that is being woken. */
export interface Waking {
  /** Milliseconds until it is expected to answer, less than 0 where that is overdue. */
  readonly leftMs: number;
}

export interface WakePolicy {
  /** Does what is due; to be called every few seconds. Rejects where a packet could not be sent. */
  look(signal: AbortSignal): Promise<void>;
  /** The machine that the job waits for, where it waits for one that is being woken. */
  wakingFor(job: Pick<Job, "state" | "template" | "backend">): Waking | undefined;
  /** The backend's machine can be woken and was not given up: that it does not answer is no trouble. */
  isExpected(backend: string): boolean;
}

/** Between two packets, and two questions whether a backend answers that answered before. */
const packetMs = 60_000;
const maxPackets = 10;
/** What is told before anything was learned. */
const firstMs = 120_000;
/** A new measurement weighs this much. */
const weight = 0.3;

/** One machine. */
interface Machine {
  readonly name: string;
  readonly send: () => Promise<void>;
  /** When the first packet was sent, while it is being woken. */
  since: number | undefined;
  packets: number;
  sentAt: number;
  askedAt: number;
  /** The last job that it was given up with: a later one wakes it again. */
  givenUpWith: number | undefined;
}

/** Opens the policy with what was learned before. */
export async function openWakePolicy(deps: WakePolicyDeps): Promise<WakePolicy> {
  const { ask, queue, canRun, now } = deps;
  const learned = new Map(Object.entries((await deps.store.load())?.ms ?? {}));
  const machines: readonly Machine[] = [...deps.packets].map(([name, send]) => ({
    name,
    send,
    since: undefined,
    packets: 0,
    sentAt: -Infinity,
    askedAt: -Infinity,
    givenUpWith: undefined,
  }));

  /** A job waits in the queue that it could run, or went to it. */
  function isWanted({ name, givenUpWith = -1 }: Machine): boolean {
    return queue.live().some((job) =>
      job.seq > givenUpWith &&
      (job.state === "queued"
        ? !queue.paused && canRun(name, job.template)
        : job.state !== "delivering" && job.backend === name)
    );
  }

  async function wake(machine: Machine): Promise<void> {
    const { name } = machine;
    if (now() - machine.sentAt < packetMs) return;
    if (machine.packets === maxPackets) {
      log.warn("{backend} does not answer after {packets} packets; the next job wakes it again", {
        backend: name,
        packets: maxPackets,
      });
      rest(machine);
      machine.givenUpWith = Math.max(...queue.live().map(({ seq }) => seq));
      deps.onGivenUp(name);
      return;
    }
    log.info("Waking the machine of {backend}", { backend: name });
    machine.since ??= now();
    machine.packets++;
    machine.sentAt = now();
    await machine.send();
  }

  /** The next time it is wanted begins anew. */
  function rest(machine: Machine): void {
    machine.since = undefined;
    machine.askedAt = -Infinity;
    machine.packets = 0;
    machine.sentAt = -Infinity;
  }

  async function learn({ name }: Machine, ms: number): Promise<void> {
    const known = learned.get(name) ?? ms;
    learned.set(name, known + weight * (ms - known));
    await deps.store.save({ v: 1, ms: Object.fromEntries(learned) })
      .catch((error) =>
        log.warn("Cannot keep how long {backend} takes to wake: {error}", {
          backend: name,
          error: messageOf(error),
        })
      );
  }

  function isWaking(name: string | undefined): boolean {
    return machines.some((machine) => machine.name === name && machine.since !== undefined);
  }

  return {
    async look(signal) {
      const wanted = new Set(machines.filter(isWanted));
      // One that is being woken may have done the job by now.
      const due = machines.filter((machine) =>
        machine.since !== undefined || wanted.has(machine) && now() - machine.askedAt >= packetMs
      );
      for (const machine of machines) if (!wanted.has(machine)) machine.askedAt = -Infinity;
      if (due.length === 0) return;
      for (const machine of due) machine.askedAt = now();
      const answers = await unlessAborted(ask(), signal);
      await Promise.all(due.map(async (machine) => {
        if (!answers.find(({ name }) => name === machine.name)?.ok) {
          return wanted.has(machine) ? await wake(machine) : rest(machine);
        }
        machine.givenUpWith = undefined;
        if (machine.since === undefined) return;
        const ms = now() - machine.since;
        rest(machine);
        machine.askedAt = now();
        log.info("{backend} is awake", { backend: machine.name, ms });
        await learn(machine, ms);
      }));
    },
    wakingFor({ state, template, backend }) {
      const able = state === "queued"
        ? deps.backends().filter(({ name }) => canRun(name, template))
        : deps.backends().filter(({ name }) => name === backend);
      // Another one takes it, sooner or later.
      if (able.some(({ name, reachable }) => reachable && !isWaking(name))) return undefined;
      const leftMs = machines.flatMap(({ name, since }) =>
        since === undefined || able.every((each) => each.name !== name)
          ? []
          : [since + (learned.get(name) ?? firstMs) - now()]
      );
      return leftMs.length === 0 ? undefined : { leftMs: Math.min(...leftMs) };
    },
    isExpected: (backend) =>
      machines.some(({ name, givenUpWith }) => name === backend && givenUpWith === undefined),
  };
}
