/**
 * Who started the process and watches over it, as a port, and the loop that keeps them informed. Owns when a sign of life is
 * given: only while every watched part is alive, so that a program that hangs is restarted. systemd/ is such a supervisor.
 */
import { setTimeout as pause } from "node:timers/promises";
import { getLogger } from "@logtape/logtape";
import type { Liveness } from "./liveness.ts";

const log = getLogger(["bot", "supervisor"]);

export interface Supervisor {
  /** Longest time without `watchdog()` after which the process is killed and started anew; undefined where nobody looks. */
  readonly watchdogMs: number | undefined;
  /** The start is over: the program does its work. */
  ready(): void;
  /** The end has begun. */
  stopping(): void;
  /** A sign of life. */
  watchdog(): void;
  /** How things stand, in a line for the owner. */
  status(text: string): void;
}

/** How often the supervisor hears from us, unless it wants to hear more often. */
const informMs = 5_000;

/**
 * Gives signs of life while no part is silent, and the status whenever it changed, until the signal aborts. Does not reject.
 */
export async function keepInformed(
  supervisor: Supervisor,
  { liveness, status }: { readonly liveness: Liveness; readonly status: () => string },
  signal: AbortSignal,
): Promise<void> {
  // Half the time, as sd_watchdog_enabled(3) advises: one turn may come late.
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
        log.error("No sign of life from {parts} for {seconds} s: the watchdog is not fed", {
          parts: names,
          seconds: Math.round(Math.max(...silent.map(({ silentMs }) => silentMs)) / 1000),
        });
      }
      toldSilent = names;
    }
    const now = status();
    if (now !== toldStatus) supervisor.status(toldStatus = now);
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
}
