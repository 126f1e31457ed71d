/**
 * Serves what monitoring asks for over HTTP: `/metrics`, `/healthz`, `/readyz`. Owns paths, statuses and the port; the
 * pages have the content.
 */
import { getLogger } from "@logtape/logtape";
import { messageOf } from "../lib/mod.ts";

const log = getLogger(["bot", "monitor"]);

/** An answer. */
export interface MonitorPage {
  readonly status: 200 | 503;
  readonly contentType: string;
  readonly body: string;
}

export interface MonitorServerOptions {
  /** A name or an address without brackets. */
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** By path. One that rejects is answered with 500. */
  readonly pages: ReadonlyMap<string, () => Promise<MonitorPage>>;
}

/**
 * Serves until disposed of, which waits for no client. Undefined, with a warning in the log, where the address
 * cannot be had: a taken port is no reason for the bot to stay away.
 */
export function serveMonitor(
  { host, port, pages }: MonitorServerOptions,
): AsyncDisposable | undefined {
  async function answer(request: Request): Promise<Response> {
    const page = pages.get(new URL(request.url).pathname);
    const plain = { "content-type": "text/plain; charset=utf-8" };
    if (!page) {
      const paths = `there is ${[...pages.keys()].join(", ")}\n`;
      return new Response(paths, { status: 404, headers: plain });
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("only GET\n", { status: 405, headers: { ...plain, allow: "GET, HEAD" } });
    }
    const { status, contentType, body } = await page();
    const headers = { "content-type": contentType, "cache-control": "no-store" };
    return new Response(request.method === "HEAD" ? null : body, { status, headers });
  }

  try {
    const closing = new AbortController();
    const server = Deno.serve({
      hostname: host,
      port,
      signal: closing.signal,
      onListen: ({ hostname, port }) => {
        const name = hostname.includes(":") ? `[${hostname}]` : hostname;
        log.info("Metrics are at {url}", { url: `http://${name}:${port}/metrics` });
      },
      onError(error) {
        log.warn("Cannot answer a monitoring request: {error}", {
          error: messageOf(error),
          outage: "monitoring",
        });
        return new Response("internal error, see the log\n", { status: 500 });
      },
    }, answer);
    return {
      // shutdown() waits for a client that stalls in the middle of a request or of its answer, for ever.
      async [Symbol.asyncDispose]() {
        closing.abort();
        await server.finished;
      },
    };
  } catch (error) {
    log.warn("Cannot serve metrics at {host}:{port}: {error} (wanted a free port: metrics.port)", {
      host,
      port,
      error: messageOf(error),
    });
    return undefined;
  }
}
