/**
 * What the command line has of the world: arguments, environment, two streams, a signal. Owns how text gets to a stream and
 * when it is coloured. Knows no command.
 */

/** `Deno.stdout` and `Deno.stderr` are such. */
export interface Stream {
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

/** Everything that main.ts hands over; nothing else touches the process. */
export interface Io {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. Relative paths among the arguments are taken from here. */
  readonly cwd: string;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** True where stderr goes to systemd's journal. */
  readonly stderrIsJournal: boolean;
  /** Aborts with a StopRequest when somebody asks for the end (SIGINT, SIGTERM). */
  readonly signal: AbortSignal;
  /** Calls back at each SIGHUP until disposed of; while nobody listens, the signal ends the process. */
  readonly onHangup: (listener: () => void) => Disposable;
  /** Rejects with whatever nobody caught. */
  readonly crashed: Promise<never>;
}

const encoder = new TextEncoder();

/** Writes all of it. Nobody at the other end any more (`… | head`) is no error. */
export function write(stream: Stream, data: string | Uint8Array): void {
  let bytes = typeof data === "string" ? encoder.encode(data) : data;
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Writes lines, each with its line feed. */
export function print(stream: Stream, ...lines: readonly string[]): void {
  write(stream, lines.map((line) => `${line}\n`).join(""));
}

/** ANSI's numbers of the colours that are used. */
const colours = { red: 31, green: 32, yellow: 33 } as const;
export type Colour = keyof typeof colours;
/** Colours a text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/** Colours only what a person looks at, and not against their wish (no-color.org). */
export function paintFor(stream: Stream, env: Io["env"]): Paint {
  return stream.isTerminal() && !env["NO_COLOR"]
    ? (colour, text) => `\x1b[${colours[colour]}m${text}\x1b[0m`
    : (_colour, text) => text;
}
