/**
 * The process as a command sees it: arguments, environment, two streams, a signal. Owns writing to a stream and when text is
 * coloured. Knows no command.
 */
import { unlessAborted } from "../../lib/mod.ts";

/** The part of `Deno.stdout` and `Deno.stderr` that is used. */
export interface Stream {
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

/** The part of `Deno.stdin` that is used. */
export interface Input {
  /** Resolves to how many bytes were read into the buffer, null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  isTerminal(): boolean;
}

/** Everything that main.ts passes in; commands touch the process by this alone. */
export interface Io {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. Relative paths in arguments are resolved against it. */
  readonly cwd: string;
  readonly stdin: Input;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** True where stderr is systemd's journal. */
  readonly stderrIsJournal: boolean;
  /** Aborts with a StopRequest at SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Calls the listener at each SIGHUP until disposed of; without a listener, SIGHUP ends the process. */
  readonly onHangup: (listener: () => void) => Disposable;
  /** Rejects with an error that was not caught anywhere. */
  readonly crashed: Promise<never>;
}

const encoder = new TextEncoder();

/** Writes all of it. A reader that is gone (`… | head`) is not an error. */
export function write(stream: Stream, data: string | Uint8Array): void {
  let bytes = typeof data === "string" ? encoder.encode(data) : data;
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Writes lines, each followed by a line feed. */
export function print(stream: Stream, ...lines: readonly string[]): void {
  write(stream, lines.map((line) => `${line}\n`).join(""));
}

/** Asks on stderr and reads the answer; true for `y` or `yes`. Rejects with the signal's reason. */
export async function confirm(
  { stdin, stderr, signal }: Pick<Io, "stdin" | "stderr" | "signal">,
  question: string,
): Promise<boolean> {
  write(stderr, `${question} [y/N] `);
  const buffer = new Uint8Array(64);
  const length = await unlessAborted(stdin.read(buffer), signal) ?? 0;
  return /^y(es)?$/i.test(new TextDecoder().decode(buffer.subarray(0, length)).trim());
}

/** ANSI colour codes. */
const colours = { red: 31, green: 32, yellow: 33 } as const;
export type Colour = keyof typeof colours;
/** Colours a text, or returns it unchanged. */
export type Paint = (colour: Colour, text: string) => string;

/** Colours on a terminal, unless NO_COLOR is set (no-color.org). */
export function paintFor(stream: Stream, env: Io["env"]): Paint {
  return stream.isTerminal() && !env["NO_COLOR"]
    ? (colour, text) => `\x1b[${colours[colour]}m${text}\x1b[0m`
    : (_colour, text) => text;
}
