/** What a look at the queue's server finds, for `doctor`. Changes nothing but the tables, which a new database gets. */
import { ComfyUIConnectionError, unlessAborted, version } from "../lib/mod.ts";
import type { Engine } from "./engine.ts";
import { Announcement, protocol } from "./protocol.ts";

export interface QueueInspection {
  /** The server, without user and password. */
  readonly where: string;
  /** A line for each worker that is connected. */
  readonly workers: readonly string[];
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
}

/** An announcement is no older than this when it is read. */
const maxClockOffsetMs = 10_000;

type Inspected = Pick<Engine, "announced" | "problems" | "ready" | "where">;

/**
 * `now`: milliseconds since 1970. Rejects where the server refuses or is too old, and with ComfyUIConnectionError when the signal aborts
 * before it has answered.
 */
export async function inspectQueue(
  engine: Inspected,
  now: () => number,
  signal: AbortSignal,
): Promise<QueueInspection> {
  try {
    return await unlessAborted(inspect(engine, now), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ComfyUIConnectionError(`Cannot use the queue on ${engine.where}: no answer`);
  }
}

async function inspect(engine: Inspected, now: () => number): Promise<QueueInspection> {
  await engine.ready();
  const problems = [...await engine.problems()];
  const workers = (await engine.announced()).map((written) => {
    const { data: worker } = Announcement.safeParse(written);
    if (!worker) {
      problems.push(
        "a worker announces itself in another way (wanted the same version everywhere)",
      );
      return "one that cannot be read";
    }
    problems.push(...problemsOf(worker, now()));
    const bytes = worker.comfyui?.devices.reduce((sum, { vramTotal }) => sum + vramTotal, 0) ?? 0;
    return `${worker.name} (${worker.version}, ${Math.round(bytes / 1024 ** 3)} GB VRAM)`;
  });
  return { where: engine.where, workers, problems };
}

function problemsOf(worker: Announcement, now: number): readonly string[] {
  const offsetMs = worker.at - now;
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return [
    ...(worker.protocol === protocol ? [] : [
      `${worker.name} cannot be used: it is of version ${worker.version} (wanted ${version})`,
    ]),
    ...(worker.protocol !== protocol || worker.version === version ? [] : [
      `${worker.name} is of version ${worker.version} (wanted ${version})`,
    ]),
    ...(worker.comfyui ? [] : [`${worker.name}: its ComfyUI does not answer`]),
    ...(Math.abs(offsetMs) <= maxClockOffsetMs ? [] : [
      `the clock of ${worker.name} is ${seconds} s ${offsetMs > 0 ? "ahead" : "behind"} ` +
      "(wanted timedatectl set-ntp true on both hosts)",
    ]),
  ];
}
