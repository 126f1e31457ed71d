/**
 * systemd's notification protocol, for `Type=notify`: READY, WATCHDOG, STATUS, STOPPING. Owns the messages and the socket. Does not
 * know when a message is due: that is monitoring/watchdog.ts's.
 */
import { getLogger } from "@logtape/logtape";
import { messageOf } from "../lib/mod.ts";
import { type Supervisor } from "../monitoring/mod.ts";

const log = getLogger(["bot", "systemd"]);

/** What systemd gives a service; sd_notify(3), sd_watchdog_enabled(3). */
export interface NotifyEnv {
  /** The socket: a path, or an abstract name after `@`. Not set where the service manager does not listen. */
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
  /** The process that the watchdog is meant for, if set. */
  readonly WATCHDOG_PID?: string | undefined;
}

export interface NotifierOptions {
  /** This process. */
  readonly pid: number;
  /** Sends a message to the socket; false where it cannot be sent. */
  readonly send?: (address: string, text: string) => boolean;
}

/** Notifies systemd. Without NOTIFY_SOCKET nothing is sent; a failure is logged once and is no error. */
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
      // A full buffer is emptied in time, but without READY=1 systemd takes the start for a failed one.
      if (!text.startsWith("READY=1")) return;
      log.warn("Cannot notify systemd that the bot is ready: NOTIFY_SOCKET takes no message");
    } catch (error) {
      failed = true;
      log.warn("Cannot notify systemd: {error}", { error: messageOf(error) });
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

/** Linux, `socket.h`: the same on every architecture that Deno runs on. */
const AF_UNIX = 1;

const SOCK_DGRAM = 2;

const SOCK_CLOEXEC = 0o2000000;

const MSG_DONTWAIT = 0x40;

const MSG_NOSIGNAL = 0x4000;

/** `sun_path` of `struct sockaddr_un`; unix(7). */
const maxPathBytes = 108;

const calls = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/**
 * Sends `text` to the datagram socket at `address`: an absolute path, or an abstract name after `@`. Does not wait; false where
 * it could not be sent: no receiver, or a full buffer. Throws where libc cannot be called.
 */
export function sendDatagram(address: string, text: string): boolean {
  const to = sockaddrOf(address);
  if (to === undefined) return false;
  using libc = openLibc();
  const { socket, sendto, close } = libc.symbols;
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  try {
    const bytes = new TextEncoder().encode(text);
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    return Number(sendto(fd, bytes, BigInt(bytes.length), flags, to, to.length)) === bytes.length;
  } finally {
    close(fd);
  }
}

function openLibc() {
  const libc = Deno.dlopen("libc.so.6", calls);
  return { symbols: libc.symbols, [Symbol.dispose]: () => libc.close() };
}

/** `struct sockaddr_un`: the family in the byte order of the host, then the path. Undefined for an invalid address. */
function sockaddrOf(address: string): Uint8Array<ArrayBuffer> | undefined {
  const isAbstract = address.startsWith("@");
  if (!isAbstract && !address.startsWith("/")) return undefined;
  // An abstract name begins with a NUL and ends with the address; a path ends with a NUL.
  const path = new TextEncoder().encode(isAbstract ? `\0${address.slice(1)}` : `${address}\0`);
  if (path.length > maxPathBytes) return undefined;
  const sockaddr = new Uint8Array(2 + path.length);
  new Uint16Array(sockaddr.buffer, 0, 1)[0] = AF_UNIX;
  sockaddr.set(path, 2);
  return sockaddr;
}
