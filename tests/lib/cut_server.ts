/** A TCP server that takes each request whole and closes without an answer, but for those whose path ends in `/warm`. */

export interface CutServer extends AsyncDisposable {
  readonly url: string;
  /** First lines of the requests that came whole and got no answer, in their order. */
  readonly taken: readonly string[];
}

const encoder = new TextEncoder();
const warmAnswer = encoder.encode(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n{"ok":true,"result":true}',
);

/** Starts one on 127.0.0.1. */
export function startCutServer(): CutServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const taken: string[] = [];
  const serving = new Set<Promise<void>>();

  async function serve(conn: Deno.Conn): Promise<void> {
    using _ = conn;
    const buffer = new Uint8Array(64 * 1024);
    let text = "";
    for (;;) {
      const count = await conn.read(buffer).catch(() => null);
      if (count === null) return;
      // One character a byte: lengths are those of the wire.
      text += String.fromCharCode(...buffer.subarray(0, count));
      if (!isWhole(text)) continue;
      const [line = ""] = text.split("\r\n", 1);
      text = "";
      if (!/\/warm HTTP/.test(line)) {
        taken.push(line);
        return;
      }
      await conn.write(warmAnswer);
    }
  }

  const accepting = (async () => {
    for await (const conn of listener) {
      const served: Promise<void> = serve(conn).finally(() => serving.delete(served));
      serving.add(served);
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    taken,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      await Promise.all(serving);
    },
  };
}

/** True for a head and the body that it announces, by its length or in chunks (RFC 9112, section 6). */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = text.slice(0, end);
  if (/^transfer-encoding: chunked/im.test(head)) return text.endsWith("\r\n0\r\n\r\n");
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  return text.length >= end + 4 + length;
}
