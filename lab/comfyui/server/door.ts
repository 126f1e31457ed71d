/**
 * The TCP door in front of the HTTP server: connections can be cut as when a process dies, the port closed and opened again.
 * Deno.serve alone cannot: it ends politely, and upgraded sockets outlive it. Knows nothing of HTTP.
 */

/** The TCP connection that a request came over. */
export interface Peer {
  /** Closes it at once: no answer, no WebSocket close frame. */
  cut(): void;
}

/** A server behind a port that can be shut. */
export interface Door {
  readonly port: number;
  /** Listens again on the same port; does nothing where it listens. */
  open(): Promise<void>;
  /** Stops listening and cuts every connection; resolves when all are gone. */
  close(): Promise<void>;
  /** Ends the server behind it as well. The door must be closed. */
  dispose(): Promise<void>;
}

const BUFFER_BYTES = 64 * 1024;
/** How long `open` waits for another process to leave the port. */
const OPEN_MS = 3_000;

/** Opens a door on `port` (0: a free one); `handle` answers what comes through. */
export async function openDoor(options: {
  readonly host: string;
  readonly port: number;
  readonly handle: (request: Request, peer: Peer) => Response | Promise<Response>;
}): Promise<Door> {
  const { host, handle } = options;
  const peers = new Map<number, Peer>();
  const carried = new Set<Promise<void>>();
  const closing = new AbortController();
  const server = Deno.serve(
    {
      hostname: host,
      port: 0,
      signal: closing.signal,
      onListen: () => {},
      onError: internalError,
    },
    (request, { remoteAddr }) => {
      const peer = peers.get(remoteAddr.port);
      return peer === undefined ? new Response(null, { status: 503 }) : handle(request, peer);
    },
  );
  let listener: Deno.Listener | undefined;

  const carry = async (outside: Deno.TcpConn) => {
    const inside = await Deno.connect({ hostname: host, port: server.addr.port });
    const { port } = inside.localAddr;
    const cut = () => {
      closeQuietly(outside);
      closeQuietly(inside);
    };
    if (listener === undefined) return cut();
    peers.set(port, { cut });
    await Promise.all([pump(outside, inside), pump(inside, outside)]).catch(() => {});
    peers.delete(port);
    cut();
  };
  const accept = async (from: Deno.Listener) => {
    try {
      for await (const conn of from) {
        const carrying: Promise<void> = carry(conn as Deno.TcpConn)
          .catch(() => closeQuietly(conn))
          .finally(() => carried.delete(carrying));
        carried.add(carrying);
      }
    } catch {
      // The listener was closed.
    }
  };

  let port = options.port;
  const open = async () => {
    if (listener !== undefined) return;
    listener = await listen(host, port);
    port = (listener.addr as Deno.NetAddr).port;
    void accept(listener);
  };
  await open();
  return {
    get port() {
      return port;
    },
    open,
    close: async () => {
      listener?.close();
      listener = undefined;
      for (const peer of peers.values()) peer.cut();
      await Promise.all(carried);
    },
    dispose: async () => {
      closing.abort();
      await server.finished;
    },
  };
}

async function listen(hostname: string, port: number): Promise<Deno.Listener> {
  const deadline = Date.now() + OPEN_MS;
  while (true) {
    try {
      return Deno.listen({ hostname, port });
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse) || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  try {
    to.setNoDelay(true);
    while (true) {
      const count = await from.read(buffer);
      if (count === null) break;
      for (let sent = 0; sent < count;) sent += await to.write(buffer.subarray(sent, count));
    }
    await to.closeWrite();
  } catch (error) {
    // One direction broke: the other must not wait for ever.
    closeQuietly(from);
    closeQuietly(to);
    throw error;
  }
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}

/** As aiohttp answers where a handler raised. */
function internalError(error: unknown): Response {
  const type = error instanceof Error ? error.name : "error";
  return new Response(`500 Internal Server Error\n\nServer got itself in trouble (${type})`, {
    status: 500,
  });
}
