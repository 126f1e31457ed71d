/** Servers of others that tests start: whether they are installed, on which port, and how long they and their folders last. */
import { until } from "../until.ts";

/** The first of these programs that is there; says once what is left out where there is none. */
export async function findInstalled(
  programs: readonly string[],
  leftOut: string,
): Promise<string | undefined> {
  for (const program of programs) {
    try {
      await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
        .output();
      return program;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  console.warn(`Tests of ${leftOut} are left out: it is not installed`);
  return undefined;
}

/** A server for all tests of a file, which ends with them; undefined where it is not installed. */
export async function serverOfFile<S extends Disposable>(
  canServe: () => Promise<boolean>,
  start: () => Promise<S>,
): Promise<S | undefined> {
  if (!await canServe()) return undefined;
  const server = await start();
  globalThis.addEventListener("unload", () => server[Symbol.dispose]());
  return server;
}

/** Disposing ends the server at once, so that an `unload` listener may do it; `await using` waits for its end too. */
export interface InstalledServer extends Disposable, AsyncDisposable {
  /** Resolves when it answers. Does nothing where it runs. */
  start(): Promise<void>;
  /** Ends it as a power cut would; what was committed stays. */
  stop(): Promise<void>;
}

/** The server that `command` starts; it keeps its files in `dir`, which goes with it. */
export async function startServer({ name, dir, command, answers, stopSignal = "SIGKILL" }: {
  readonly name: string;
  readonly dir: string;
  readonly command: Deno.Command;
  readonly answers: () => Promise<boolean>;
  readonly stopSignal?: Deno.Signal;
}): Promise<InstalledServer> {
  let running: Deno.ChildProcess | undefined;

  async function start(): Promise<void> {
    if (running) return;
    running = command.spawn();
    await until(`${name} answers`, answers);
  }

  async function stop(): Promise<void> {
    running?.kill(stopSignal);
    await running?.status;
    running = undefined;
  }

  /** Kills it at once and removes its folder. */
  function remove(): void {
    running?.kill("SIGKILL"); // its children notice and end
    try {
      Deno.removeSync(dir, { recursive: true });
    } catch {
      // They may still be writing. What is left goes as temporary files do, or from memory with the next server's start.
    }
  }

  await start();
  return {
    start,
    stop,
    [Symbol.dispose]: remove,
    async [Symbol.asyncDispose]() {
      await stop();
      remove();
    },
  };
}

/**
 * A TCP port of 127.0.0.1 that is free, for a server of another program. It lies below those that Linux gives to whoever asks for any
 * (32768 and up, ip(7)): none of them takes it before the server does.
 */
export function freePort(): number {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    try {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port });
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
