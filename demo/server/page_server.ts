/**
 * The demo page's HTTP server, on loopback: the page's files, the chats' pictures, a stream of what happens, the visitor's acts.
 * Owns routes and who may ask; what happens and what is done is the feed's and the acts' part.
 *
 *   GET  /                      the page          GET  /api/events   server-sent events, each a FeedEvent
 *   GET  /page/*, /pictures/*   its files         POST /api/send     a form: one message, photo, file or album
 *   GET  /api/file/<file_id>    a chat's file     POST /api/<act>    press, edit, forward, delete, stop,
 *                                                                     language, trouble
 */
import { act, ActRefusal, send } from "./actions.ts";
import { createTrouble, TroubleOrder } from "./faults.ts";
import { createFeed, type Feed } from "./feed.ts";
import type { FeedEvent } from "./feed_events.ts";
import { chatFile, ownFile } from "./files.ts";
import type { PageWorld } from "./world.ts";

const HOST = "127.0.0.1";
const TRIED_PORTS = 20;
/** A form with ten photos of 20 MB, the most that a bot may download, does not fit; three do. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** A comment goes out this often, so that a closed page is noticed. */
const KEEP_ALIVE_MS = 15_000;

export interface PageServer {
  /** `http://127.0.0.1:<port>/`. */
  readonly url: string;
  /** To be called when the bot's process changed its state. */
  refresh(): void;
  stop(): Promise<void>;
}

/** Serves the page on the first free port from `port` on; 0 lets the system choose. Throws where 20 are taken. */
export function servePage(world: PageWorld, { port }: { readonly port: number }): PageServer {
  const trouble = createTrouble(world);
  const feed = createFeed(world, trouble);
  const closing = new AbortController();

  async function handle(request: Request, own: URL): Promise<Response> {
    const url = new URL(request.url);
    if (!isOurs(request, own)) return new Response("Not from the page", { status: 403 });
    if (request.method === "GET") {
      if (url.pathname === "/api/events") return stream(feed, closing.signal);
      const file = /^\/api\/file\/([\w-]+)$/.exec(url.pathname)?.[1];
      if (file !== undefined) {
        return await chatFile(world.telegram, file, url.searchParams.get("name"));
      }
      return await ownFile(url.pathname) ?? new Response("Not found", { status: 404 });
    }
    const name = /^\/api\/([a-z]+)$/.exec(url.pathname)?.[1];
    if (request.method !== "POST" || name === undefined) {
      return new Response("Not found", { status: 404 });
    }
    if (!(Number(request.headers.get("content-length")) <= MAX_BODY_BYTES)) {
      return Response.json({ error: "Cannot send so much at once (wanted at most 64 MB)" }, {
        status: 413,
      });
    }
    return await answer(name, request);
  }

  async function answer(name: string, request: Request): Promise<Response> {
    try {
      switch (name) {
        case "send":
          await send(world, await request.formData());
          return Response.json({});
        case "trouble":
          await trouble.order(TroubleOrder.parse(await request.json()));
          feed.refresh();
          return Response.json({});
        default:
          return Response.json(await act(world, name, await request.text()));
      }
    } catch (error) {
      if (!(error instanceof ActRefusal)) throw error;
      return Response.json({ error: error.message }, { status: 400 });
    }
  }

  const server = listen(port, closing.signal, handle);
  return {
    url: server.url.href,
    refresh: feed.refresh,
    async stop() {
      closing.abort();
      await server.http.finished;
      feed[Symbol.dispose]();
    },
  };
}

/** Listens on the first free port. */
function listen(
  port: number,
  closing: AbortSignal,
  handle: (request: Request, own: URL) => Promise<Response>,
) {
  for (let tried = port;; tried += 1) {
    try {
      const http: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
        { hostname: HOST, port: tried, signal: closing, onListen: () => {} },
        (request): Promise<Response> => handle(request, urlOf(http)),
      );
      return { http, url: urlOf(http) };
    } catch (error) {
      const isTaken = error instanceof Deno.errors.AddrInUse;
      if (!isTaken || port === 0 || tried >= port + TRIED_PORTS) throw error;
    }
  }
}

function urlOf(http: Deno.HttpServer<Deno.NetAddr>): URL {
  return new URL(`http://${HOST}:${http.addr.port}/`);
}

/**
 * True for requests by our own address from our own page: another site that the visitor has open may neither read the
 * chats (DNS rebinding) nor post into them.
 */
function isOurs(request: Request, own: URL): boolean {
  const names = [own.host, `localhost:${own.port}`];
  if (!names.includes(request.headers.get("host") ?? "")) return false;
  const origin = request.headers.get("origin");
  return origin === null ? request.method === "GET" : names.includes(new URL(origin).host);
}

/** The feed as server-sent events: the state, then every change, until the page goes or the server stops. */
function stream(feed: Feed, closing: AbortSignal): Response {
  const encoder = new TextEncoder();
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => controller.enqueue(encoder.encode(text));
      const tell = (event: FeedEvent) => write(`data: ${JSON.stringify(event)}\n\n`);
      write("retry: 1000\n\n");
      const off = feed.on(tell);
      tell({ type: "state", state: feed.state });
      const timer = setInterval(() => write(":\n\n"), KEEP_ALIVE_MS);
      const close = () => {
        end();
        controller.close();
      };
      end = () => {
        off();
        clearInterval(timer);
        closing.removeEventListener("abort", close);
      };
      closing.addEventListener("abort", close);
    },
    cancel: () => end(),
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}
