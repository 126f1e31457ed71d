/** Servers of others that tests start: whether they are installed, on which port, and how long they and their folders last. */

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

/** Kills the server at once and removes its folder. */
export function removeServer(running: Deno.ChildProcess | undefined, dir: string): void {
  running?.kill("SIGKILL"); // its children notice and end
  try {
    Deno.removeSync(dir, { recursive: true });
  } catch {
    // They may still be writing. What is left goes as temporary files do, or from memory with the next server's start.
  }
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
