/**
 * Answers of what stands before the Bot API: a gateway refuses in its own HTML, where grammY wants the Bot API's JSON and
 * takes anything else for a broken connection, to be tried again for ever. Owns which of them are final.
 */

/** Too large a body; a wrong token in the path. A 5xx may have taken effect and stays as it is. */
const final = [401, 404, 413];

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** `fetch`, with a gateway's final refusals in the Bot API's shape. */
export function readableRefusals(send: Fetch): Fetch {
  return async (url, init) => {
    const response = await send(url, init);
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    if (isJson || !final.includes(response.status)) return response;
    await response.body?.cancel();
    const { status, statusText } = response;
    const description = statusText || `HTTP ${status}`;
    return Response.json({ ok: false, error_code: status, description }, { status });
  };
}
