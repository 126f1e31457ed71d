/**
 * The Supervisor port: what started the process and restarts it when it hangs, and the loop that notifies it. Owns when it is
 * notified: only while every watched part is alive, so that a program that hangs is restarted. systemd/ is such a supervisor.
 */
import { getLogger } from "@logtape/logtape";
import { setTimeout as pause } from "node:timers/promises";

const log = getLogger(["bot", "supervisor"]);

export interface Supervisor {
  /** Longest time without `watchdog()` after which the process is killed and started anew; undefined without a watchdog. */
  readonly watchdogMs: number | undefined;
  /** The start is over: the program does its work. */
  ready(): void;
  /** The program is stopping. */
  stopping(): void;
  /** A sign of life. */
  watchdog(): void;
  /** The state of the program, in a line for the owner. */
  status(text: string): void;
}

/** How often the supervisor is notified, unless it wants it more often. */
const informMs = 5_000;

/**
 * Gives signs of life while no part is silent, and the status whenever it changed, until the signal aborts. Does not reject.
 */
export async function runWatchdog(
  supervisor: Supervisor,
  { liveness, status }: { readonly liveness: Liveness; readonly status: () => string },
  signal: AbortSignal,
): Promise<void> {
  // Half the time, as sd_watchdog_enabled(3) advises: one may come late.
  const everyMs = Math.min(informMs, (supervisor.watchdogMs ?? Infinity) / 2);
  let toldStatus: string | undefined;
  let toldSilent = "";
  while (!signal.aborted) {
    const silent = liveness.silent();
    if (silent.length === 0) supervisor.watchdog();
    const names = silent.map(({ part }) => part).join(", ");
    if (names !== toldSilent) {
      if (names === "") log.info("Every part shows signs of life again");
      else {
        log.error(
          "No sign of life from {parts} for {seconds} s: no keep-alive is sent to systemd's watchdog",
          {
            parts: names,
            seconds: Math.round(Math.max(...silent.map(({ silentMs }) => silentMs)) / 1000),
          },
        );
      }
      toldSilent = names;
    }
    const now = status();
    if (now !== toldStatus) supervisor.status(toldStatus = now);
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
}

/** One loop that gives signs of life; disposing ends its being watched. */
export interface Heartbeat extends Disposable {
  beat(): void;
}

/** A part that was not heard for longer than it may be silent. */
export interface SilentPart {
  readonly part: string;
  readonly silentMs: number;
}

export interface Liveness {
  /** Watches a part from now on: it must beat at least once in `maxSilenceMs`, the first time counted from here. */
  watch(part: string, maxSilenceMs: number): Heartbeat;
  /** The parts that are silent for too long; none where all is well. */
  silent(): readonly SilentPart[];
}

/** `now`: milliseconds of a monotonic clock, such as `performance.now`. */
export function createLiveness(now: () => number): Liveness {
  const watched = new Set<{ part: string; maxSilenceMs: number; heardAt: number }>();
  return {
    watch(part, maxSilenceMs) {
      const entry = { part, maxSilenceMs, heardAt: now() };
      watched.add(entry);
      return {
        beat() {
          entry.heardAt = now();
        },
        [Symbol.dispose]: () => void watched.delete(entry),
      };
    },
    silent: () =>
      [...watched].flatMap(({ part, maxSilenceMs, heardAt }) => {
        const silentMs = now() - heardAt;
        return silentMs > maxSilenceMs ? [{ part, silentMs }] : [];
      }),
  };
}
