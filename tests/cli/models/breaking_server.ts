/** An HTTP server that sends a file and breaks its promises: for tests of downloads. Holds no test. */

/** A request as it came: the first line and the headers, in lower case. */
export interface Asked {
  readonly line: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly from: number;
}

/** An answer: a head, and the bytes that are sent before the connection is closed or, with `hold`, left open. */
export interface Answer {
  readonly head: readonly string[];
  readonly body?: Uint8Array;
  readonly hold?: boolean;
}

/** What is served. */
export const content = crypto.getRandomValues(new Uint8Array(60_000));

/** The file from where it was asked for; `upTo` bytes of it are sent, the length promises all. */
export function file({ from }: Asked, upTo = Infinity, headers: readonly string[] = []): Answer {
  const rest = content.subarray(from);
  return {
    head: [
      from > 0 ? "206 Partial Content" : "200 OK",
      `content-length: ${rest.length}`,
      ...from > 0 ? [`content-range: bytes ${from}-${content.length - 1}/${content.length}`] : [],
      ...headers,
    ],
    body: rest.subarray(0, upTo),
  };
}

/** An HTTP server on a bare socket, which alone can break a promise of `content-length`. One answer a connection. */
export function serve(answer: (asked: Asked, nth: number) => Answer) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked: Asked[] = [];
  const open = new Set<Deno.Conn>();
  const serving = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      answerOn(connection).catch(() => {}); // the client may be gone
    }
  })();

  async function answerOn(connection: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(8_192);
    const text = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
    const [line = "", ...lines] = text.split("\r\n");
    const headers = new Map(
      lines.map((each) => each.toLowerCase().split(": ") as [string, string]),
    );
    const from = Number(/^bytes=(\d+)-$/.exec(headers.get("range") ?? "")?.[1] ?? 0);
    asked.push({ line, headers, from });
    const { head: [status, ...rest], body, hold } = answer(asked.at(-1)!, asked.length);
    const head = [`HTTP/1.1 ${status}`, ...rest, "connection: close", "", ""].join("\r\n");
    let bytes = new Uint8Array([...new TextEncoder().encode(head), ...body ?? []]);
    while (bytes.length > 0) bytes = bytes.subarray(await connection.write(bytes));
    if (!hold) end(connection);
  }

  function end(connection: Deno.Conn): void {
    if (open.delete(connection)) connection.close();
  }

  return {
    url: `http://127.0.0.1:${listener.addr.port}/models/some_model.safetensors`,
    asked,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) end(connection);
      await serving;
    },
  };
}
