/**
 * Exposure of ComfyUI, which has no password: who can reach its port can run workflows. Owns which addresses count as outside. Does
 * not know the firewalls of other hosts.
 */
import { type BackendConfig } from "../../config/mod.ts";
import { type Finding, ok, warn } from "./check.ts";

export interface NetworkProbe {
  /** Addresses of this host. Default: those of its interfaces. */
  readonly addresses?: () => readonly string[];
  /** Whether something answers there. Default: a TCP connection is opened. */
  readonly answers?: (address: string, port: number, signal: AbortSignal) => Promise<boolean>;
}

/** Tries the port of every local backend at each address that is not loopback. `signal` is the deadline for all of them. */
export async function checkExposure(
  backends: readonly BackendConfig[],
  { addresses = ownAddresses, answers = canConnect }: NetworkProbe,
  signal: AbortSignal,
): Promise<Finding> {
  if (backends.length === 0) return ok("no ComfyUI of its own");
  const own = addresses();
  const local = backends.map(({ url }) => endpointOf(url))
    .filter(({ host }) => isLoopback(host) || own.includes(host));
  if (local.length === 0) {
    return ok("ComfyUI is on another host: its firewall should admit this one only");
  }
  const outside = own.filter((address) => !isLoopback(address));
  const endpoints = [...new Set(local.map(({ port }) => port))].flatMap((port) =>
    outside.map((address) => ({ address, port }))
  );
  const open = await Promise.all(
    endpoints.map(({ address, port }) => answers(address, port, signal)),
  );
  const shown = endpoints.filter((_door, i) => open[i]).map(({ address, port }) =>
    `${address.includes(":") ? `[${address}]` : address}:${port}`
  );
  const ports = [...new Set(local.map(({ port }) => port))].join(", ");
  return shown.length === 0 ? ok(`port ${ports} answers on loopback only`) : warn(
    `ComfyUI listens on all addresses (${
      shown.join(", ")
    }): everyone who can reach one can run workflows`,
    "start it with --listen 127.0.0.1, or close the port",
  );
}

function ownAddresses(): string[] {
  return Deno.networkInterfaces()
    // A link-local address means nothing without its interface.
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

function endpointOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === "https:" ? 443 : 80;
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port || usual) };
}
