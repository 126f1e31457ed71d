/** A reverse proxy before a ComfyUI, as owners put one there: a path, a login by header, TLS where wanted. */

export interface AuthProxy extends AsyncDisposable {
  /** With the path, without a slash at its end. */
  readonly url: string;
  /** Requests and WebSockets that were let through. */
  readonly passed: readonly string[];
}

export interface AuthProxyOptions {
  /** The ComfyUI behind it. */
  readonly to: string;
  /** `/comfy`. */
  readonly path: string;
  /** Who lacks one of these gets 401. */
  readonly headers: Readonly<Record<string, string>>;
  /** What it answers to a request without the credentials. Default: 401. */
  readonly refusal?: () => Response;
  /** False answers WebSockets with 404, as a proxy that was not told of them. */
  readonly sockets?: boolean;
  /** Whether a frame of ComfyUI's goes on to the client; ArrayBuffers are previews. Default: each does. */
  readonly passes?: (frame: unknown) => boolean;
  /** Hears of each of `passed` before it goes on to ComfyUI. */
  readonly onPassed?: (what: string) => void;
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Starts one on 127.0.0.1. */
export function startAuthProxy(options: AuthProxyOptions): AuthProxy {
  const { to, path, headers, refusal = unauthorized, sockets = true, passes = () => true, tls } =
    options;
  const { onPassed = () => {} } = options;
  const passed: string[] = [];
  const ending = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, signal: ending.signal, ...tls },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const isIn = Object.entries(headers).every(([name, value]) =>
        request.headers.get(name) === value
      );
      if (!isIn) return refusal();
      if (!pathname.startsWith(`${path}/`)) return new Response("not here", { status: 404 });
      const target = `${to}${pathname.slice(path.length)}${search}`;
      const isSocket = request.headers.get("upgrade") === "websocket";
      if (isSocket && !sockets) return new Response("not here", { status: 404 });
      const what = isSocket ? "ws" : `${request.method} ${pathname}`;
      passed.push(what);
      onPassed(what);
      if (isSocket) return bridge(request, target.replace(/^http/, "ws"), passes);
      const type = request.headers.get("content-type");
      const answer = await fetch(target, {
        method: request.method,
        ...(type === null ? {} : { headers: { "content-type": type } }),
        ...(request.method === "GET" ? {} : { body: await request.bytes() }),
      });
      return new Response(await answer.bytes(), { status: answer.status, headers: answer.headers });
    },
  );
  const { port } = server.addr;
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}${path}`,
    passed,
    async [Symbol.asyncDispose]() {
      // Not `shutdown`: in Deno 2.6 that waits for those whose TLS handshake has failed.
      ending.abort();
      await server.finished;
    },
  };
}

function unauthorized(): Response {
  return new Response("who are you?", { status: 401, headers: { "www-authenticate": "Basic" } });
}

/** Frames go both ways until one side ends. */
function bridge(
  request: Request,
  target: string,
  passes: (frame: unknown) => boolean,
): Response {
  const { socket: outside, response } = Deno.upgradeWebSocket(request);
  const inside = new WebSocket(target);
  inside.binaryType = "arraybuffer";
  const open = new Promise<void>((resolve) => inside.onopen = () => resolve());
  outside.onmessage = async ({ data }) => {
    await open;
    inside.send(data);
  };
  inside.onmessage = ({ data }) => {
    if (outside.readyState === WebSocket.OPEN && passes(data)) outside.send(data);
  };
  outside.onclose = () => inside.close();
  inside.onclose = () => {
    if (outside.readyState === WebSocket.OPEN) outside.close();
  };
  inside.onerror = () => {};
  outside.onerror = () => {};
  return response;
}
