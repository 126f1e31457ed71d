/**
 * The command line under test: in this process with streams of its own, or as a process of its own where signals, locks or the exit
 * itself matter. Holds no test.
 */
import { fileURLToPath } from "node:url";
import { permissions } from "../../permissions.ts";
import { runCli } from "../../src/cli/cli.ts";
import type { Io, Stream } from "../../src/cli/core/terminal.ts";

export interface CliOptions {
  readonly cwd: string;
  /** Nothing else is in the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether stdout and stderr are a terminal. */
  readonly isTerminal?: boolean;
  /** What is typed at the terminal; without it, stdin is empty. */
  readonly typed?: string;
  /** What stdout throws when something is written to it. */
  readonly stdoutError?: Error;
  /** Errors that were not caught, beside the command. */
  readonly uncaught?: Error;
}

export interface CliEnd {
  readonly code: number;
  readonly out: string;
  readonly outBytes: Uint8Array<ArrayBuffer>;
  readonly err: string;
}

/**
 * Nobody listens on compressnet's port; a port that was just given up may be in use again already, and newer runtimes ask
 * nothing of port 1 (Fetch standard, "port blocking").
 */
export const comfyAway = { COMFYUI_PORT: "2" };

/** A stream that keeps what is written; it takes a few bytes at a time, as pipes may. */
function keepingStream(
  isTerminal: boolean,
): Stream & { readonly bytes: () => Uint8Array<ArrayBuffer> } {
  const parts: number[] = [];
  return {
    writeSync(bytes) {
      const taken = bytes.subarray(0, 1 << 14);
      for (const byte of taken) parts.push(byte);
      return taken.length;
    },
    isTerminal: () => isTerminal,
    bytes: () => Uint8Array.from(parts),
  };
}

/** Runs the command line in this process. */
export async function cli(args: readonly string[], options: CliOptions): Promise<CliEnd> {
  const { cwd, env = {}, isTerminal = false, typed = "", stdoutError, uncaught } = options;
  const [stdout, stderr] = [keepingStream(isTerminal), keepingStream(isTerminal)];
  const io: Io = {
    args,
    env,
    cwd,
    stdin: {
      read(buffer) {
        buffer.set(new TextEncoder().encode(typed));
        return Promise.resolve(typed.length || null);
      },
      isTerminal: () => isTerminal,
    },
    stdout: stdoutError === undefined ? stdout : {
      ...stdout,
      writeSync() {
        throw stdoutError;
      },
    },
    stderr,
    stderrIsJournal: false,
    signal: new AbortController().signal,
    onHangup: () => ({ [Symbol.dispose]() {} }),
    crashed: uncaught === undefined ? new Promise(() => {}) : Promise.reject(uncaught),
  };
  const code = await runCli(io);
  const outBytes = stdout.bytes();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(outBytes), outBytes, err: decoder.decode(stderr.bytes()) };
}

const [config, main] = ["../../deno.json", "../../main.ts"].map((name) =>
  fileURLToPath(new URL(name, import.meta.url))
);

/** Starts the command line as a process of its own. */
export function spawnCli(
  args: readonly string[],
  { cwd, env = {} }: CliOptions,
): Deno.ChildProcess {
  const { HOME = "", PATH = "", DENO_DIR } = Deno.env.toObject();
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, "--config", config!, main!, ...args],
    cwd,
    clearEnv: true,
    env: { HOME, PATH, ...(DENO_DIR === undefined ? {} : { DENO_DIR }), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Waits for its end. */
export async function endOf(child: Deno.ChildProcess): Promise<Omit<CliEnd, "outBytes">> {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

export interface Folder extends AsyncDisposable {
  readonly path: string;
  write(name: string, content: string | Uint8Array): Promise<void>;
}

/** A folder of its own for each test. */
export async function folder(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<Folder> {
  const path = await Deno.makeTempDir();
  const made: Folder = {
    path,
    async write(name, content) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(`${path}/${name}`, bytes);
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
  for (const [name, content] of Object.entries(files)) await made.write(name, content);
  return made;
}
