/**
 * `doctor` on who else reaches ComfyUI: it has no password, and whoever talks to it can run workflows on this machine. Owns what
 * counts as outside; does not look through other machines' firewalls.
 */
import { type BackendConfig } from "../../config/mod.ts";
import { type Finding, ok, warn } from "./check.ts";

export interface NetworkProbe {
  /** This machine's addresses. Default: those of its interfaces. */
  readonly addresses?: () => readonly string[];
  /** Whether something answers there. Default: a TCP connection is tried. */
  readonly answers?: (address: string, port: number, signal: AbortSignal) => Promise<boolean>;
}

/** Tries every local backend's port at each address that other machines may know. `signal` is the deadline for all of it. */
export async function checkExposure(
  backends: readonly BackendConfig[],
  { addresses = ownAddresses, answers = canConnect }: NetworkProbe,
  signal: AbortSignal,
): Promise<Finding> {
  const own = addresses();
  const local = backends.map(({ url }) => doorOf(url))
    .filter(({ host }) => isLoopback(host) || own.includes(host));
  if (local.length === 0) {
    return ok("ComfyUI is on another machine: let its firewall admit this one alone");
  }
  const outside = own.filter((address) => !isLoopback(address));
  const doors = [...new Set(local.map(({ port }) => port))].flatMap((port) =>
    outside.map((address) => ({ address, port }))
  );
  const open = await Promise.all(doors.map(({ address, port }) => answers(address, port, signal)));
  const shown = doors.filter((_door, i) => open[i]).map(({ address, port }) =>
    `${address.includes(":") ? `[${address}]` : address}:${port}`
  );
  const ports = [...new Set(local.map(({ port }) => port))].join(", ");
  return shown.length === 0 ? ok(`port ${ports} answers on this machine alone`) : warn(
    `ComfyUI listens on all addresses (${
      shown.join(", ")
    }): whoever reaches one can use this machine`,
    "start it with --listen 127.0.0.1, or close the port",
  );
}

function ownAddresses(): string[] {
  return Deno.networkInterfaces()
    // An address of one cable alone means nothing without the cable's name.
    .filter(({ address }) => !/^fe80:/i.test(address))
    .map(({ address }) => address);
}

async function canConnect(hostname: string, port: number, signal: AbortSignal): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname, port, signal });
    return true;
  } catch {
    return false;
  }
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i.test(host);
}

function doorOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === "https:" ? 443 : 80;
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port || usual) };
}
