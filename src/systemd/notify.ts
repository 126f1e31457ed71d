/**
 * systemd's notification protocol: the unit has `Type=notify` and hears when the bot is up, that it lives, and how it stands.
 * Owns the wire's words; when they are said is monitoring/watchdog.ts's.
 */
import { getLogger } from "@logtape/logtape";
import { messageOf } from "../lib/errors.ts";
import type { Supervisor } from "../monitoring/watchdog.ts";
import { sendDatagram } from "./datagram.ts";

const log = getLogger(["bot", "systemd"]);

/** What systemd gives a service; sd_notify(3), sd_watchdog_enabled(3). */
export interface NotifyEnv {
  /** Where to send to: a path, or an abstract name after `@`. Not set where nobody wants to hear. */
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
  /** For which process the watchdog is meant, where it says so. */
  readonly WATCHDOG_PID?: string | undefined;
}

export interface NotifierOptions {
  /** This process. */
  readonly pid: number;
  /** How a message gets to the socket; false where it does not. */
  readonly send?: (address: string, text: string) => boolean;
}

/** Makes the way to systemd. Without NOTIFY_SOCKET nothing is sent; what cannot be sent is logged once and no error. */
export function createNotifier(
  env: NotifyEnv,
  { pid, send = sendDatagram }: NotifierOptions,
): Supervisor {
  const address = env.NOTIFY_SOCKET;
  let failed = false;

  function tell(text: string): void {
    if (!address || failed) return;
    try {
      if (send(address, text)) return;
      // A full buffer empties itself, but a start that systemd does not hear of is a failed one.
      if (!text.startsWith("READY=1")) return;
      log.warn("Cannot tell systemd that the bot is up: nobody takes it at NOTIFY_SOCKET");
    } catch (error) {
      failed = true;
      log.warn("Cannot talk to systemd: {error}", { error: messageOf(error) });
    }
  }

  return {
    watchdogMs: address ? watchdogMsOf(env, pid) : undefined,
    ready: () => tell("READY=1"),
    stopping: () => tell("STOPPING=1"),
    watchdog: () => tell("WATCHDOG=1"),
    // A line feed would begin another variable.
    status: (text) => tell(`STATUS=${text.replaceAll(/\s+/g, " ")}`),
  };
}

function watchdogMsOf({ WATCHDOG_USEC, WATCHDOG_PID }: NotifyEnv, pid: number): number | undefined {
  if (WATCHDOG_PID && WATCHDOG_PID !== String(pid)) return undefined;
  const ms = Number(WATCHDOG_USEC) / 1000;
  return ms > 0 ? ms : undefined;
}
