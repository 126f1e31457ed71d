/**
 * Which workers are there, as the bot knows it. Owns how long an announcement counts, and that an engine which does not answer has no
 * workers.
 */
import { getLogger } from "@logtape/logtape";
import { messageOf, runPeriodically } from "../lib/mod.ts";
import { answerOf, type Engine } from "./engine.ts";
import { aliveMs, Announcement, protocol } from "./protocol.ts";

const log = getLogger(["bot", "remote"]);

const lookMs = 1_000;
/** How long the engine is waited for. */
const answerMs = 3_000;

export interface Roster {
  /** What a worker says of itself; undefined where it is not there. */
  find(name: string): Announcement | undefined;
  all(): readonly Announcement[];
  /** Asks once. Never rejects. */
  look(signal: AbortSignal): Promise<void>;
  /** Goes on asking until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** `onSeen` is called after each answer. */
export function createRoster(
  { engine, now, onSeen = () => {} }: {
    readonly engine: Pick<Engine, "announced" | "trouble" | "where">;
    /** Milliseconds of a clock that is never set. */
    readonly now: () => number;
    readonly onSeen?: () => void;
  },
): Roster {
  let found: ReadonlyMap<string, Announcement> = new Map();
  let seenAt = -Infinity;
  /** Instances whose announcement cannot be used: each is logged once. */
  const refused = new Set<string>();

  function usable(written: unknown): readonly Announcement[] {
    const { data: announcement } = Announcement.safeParse(written);
    if (announcement?.protocol === protocol) return [announcement];
    const key = announcement?.instance ?? "";
    if (!refused.has(key)) {
      log.warn("A worker cannot be used: {worker} is of version {version}", {
        worker: announcement?.name ?? "one",
        version: announcement?.version ?? "unknown",
      });
    }
    refused.add(key);
    return [];
  }

  async function look(signal: AbortSignal): Promise<void> {
    try {
      const written = await answerOf(engine, () => engine.announced(), answerMs, signal);
      const all = written.flatMap(usable);
      found = new Map(all.map((each) => [each.name, each]));
      seenAt = now();
      onSeen();
    } catch (error) {
      if (signal.aborted) return;
      log.warn("Cannot ask {engine} which workers are there: {error}", {
        engine: engine.where,
        error: messageOf(error),
        outage: "the engine",
      });
    }
  }

  const isFresh = () => now() - seenAt < aliveMs;
  return {
    find: (name) => isFresh() ? found.get(name) : undefined,
    all: () => isFresh() ? [...found.values()] : [],
    look,
    run: (signal) =>
      runPeriodically(
        () => look(signal),
        { what: "find the workers", everyMs: lookMs },
        signal,
      ),
  };
}
