/**
 * The address of a ComfyUI: a base URL that may have a path, and headers for a proxy in front of it. Owns the message for an
 * answer that such a proxy gives. Asks nothing.
 */
import { type Secret } from "../lib/mod.ts";

export interface ComfyAddress {
  /** `http://host:port`, with or without a path. */
  readonly baseUrl: string;
  /** Sent with each request and with the WebSocket's opening, by name. Default: none. */
  readonly headers?: Readonly<Record<string, Secret>>;
}

/** The URL of `path` (relative, encoded). */
export function urlOf(
  { baseUrl }: ComfyAddress,
  path: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const url = new URL(path, baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`);
  url.search = new URLSearchParams(query).toString();
  return url;
}

/** The address's headers as they are sent: they must not be logged. */
export function headersOf({ headers = {} }: ComfyAddress): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
}

/** Opens the WebSocket; its events tell whether that succeeds. */
export function openSocket(address: ComfyAddress, clientId: string): WebSocket {
  const url = urlOf(address, "ws", { clientId });
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url, { headers: headersOf(address) });
  socket.binaryType = "arraybuffer";
  return socket;
}

/** What a status that is not 200 means for the owner. `location`: where a redirect leads, its query is not shown. */
export function unwantedStatus(status: number, location: string | null = null): string {
  if (status === 401 || status === 403 || status === 407) {
    return `status ${status}, a login is required (wanted comfyui.backends in config.yaml ` +
      "with headers that are let in)";
  }
  if (status >= 300 && status <= 399) {
    const to = location === null ? null : URL.parse(location);
    const where = to ? `${to.origin}${to.pathname}` : "another address";
    return `status ${status}, it redirects to ${where} (wanted ComfyUI itself: another url, or headers that are ` +
      "let in, under comfyui.backends in config.yaml)";
  }
  return `status ${status} (wanted 200)`;
}
