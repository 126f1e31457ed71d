/**
 * `fetch` for requests that change something: what was sent is never sent again by the runtime.
 *
 * From 2.7 on, Deno's `fetch` silently repeats a request whose connection was cut after the server had read it. It can do so
 * only with a body that it still has: one that is a stream is gone once it was sent. The price is that the body goes out in
 * chunks (`transfer-encoding: chunked`, no `content-length`): Telegram's servers, aiohttp and the usual proxies take that, and
 * grammY has always sent its uploads so. A redirect that wants the body again (307, 308) fails.
 *
 * Questions (GET, HEAD) go out as they are: to repeat one changes nothing.
 */

/** As `fetch`; a body of any kind, or none where the method may have an effect, leaves as a stream. */
export function fetchOnce(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const { method = "GET", body } = init;
  if (/^(GET|HEAD)$/i.test(method) || body instanceof ReadableStream) return fetch(url, init);
  const encoded = new Response(body ?? "");
  const headers = new Headers(init.headers);
  const type = body ? encoded.headers.get("content-type") : null;
  if (type !== null && !headers.has("content-type")) headers.set("content-type", type);
  // The stream of a Response will not do: Deno 2.9 knows the text behind it.
  return fetch(url, { ...init, headers, body: ReadableStream.from(encoded.body!) });
}
