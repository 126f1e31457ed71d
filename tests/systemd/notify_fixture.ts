/** A service manager's end of the notify socket: a datagram socket that keeps what it is told. Holds no test. */
import { until } from "../../lab/until.ts";

export interface NotifySocket extends AsyncDisposable {
  /** For NOTIFY_SOCKET. */
  readonly address: string;
  /** Every message so far, in order. */
  readonly messages: readonly string[];
  /** Resolves when a message matches. */
  heard(pattern: RegExp): Promise<string>;
}

/** Listens at a path of its own, as systemd does at /run/systemd/notify. */
export async function listenNotify(): Promise<NotifySocket> {
  const dir = await Deno.makeTempDir();
  const address = `${dir}/notify`;
  const socket = Deno.listenDatagram({ transport: "unixpacket", path: address });
  const messages: string[] = [];
  const listening = (async () => {
    for await (const [bytes] of socket) messages.push(new TextDecoder().decode(bytes));
  })();
  return {
    address,
    messages,
    heard: (pattern) =>
      until(`${pattern} at the notify socket`, () => messages.find((each) => pattern.test(each))),
    async [Symbol.asyncDispose]() {
      socket.close();
      await listening;
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** A socket with an abstract name, which Deno cannot listen at; Python's can. Its messages come back with its disposal. */
export async function listenAbstract(name: string) {
  const program = [
    "import socket, sys",
    "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)",
    "s.bind(b'\\0' + sys.argv[1].encode())",
    "print('listening', flush=True)",
    "print(s.recv(4096).decode(), flush=True)",
  ].join("\n");
  const child = new Deno.Command("python3", {
    args: ["-c", program, name],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  async function readLine(): Promise<string> {
    while (!rest.includes("\n")) {
      const { value, done } = await lines.read();
      if (done) break;
      rest += value;
    }
    const [line = "", ...more] = rest.split("\n");
    rest = more.join("\n");
    return line;
  }
  await readLine();
  return {
    /** The one message that it waits for. */
    message: readLine,
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await lines.cancel();
      await child.status;
    },
  };
}
