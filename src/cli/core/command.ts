/**
 * Runs one subcommand: its context, its resources, and its error as an exit code and a sentence. Knows no command by name.
 */
import { dirname, resolve } from "node:path";
import { type Config, type ConfigSources } from "../../config/mod.ts";
import { createRedactor, race } from "../../lib/mod.ts";
import type { OptionSpec, ParsedArgs } from "./args.ts";
import { type Failure, failureOf } from "./exit_code.ts";
import { type Io, print } from "./terminal.ts";

/** What a command is given. */
export interface Context {
  readonly io: Io;
  readonly args: ParsedArgs;
  /** The folder of `.env` and `workflows/`; `configPath` is set by `--config`. */
  readonly place: { readonly dir: string; readonly configPath?: string };
  /** Reads the configuration. Rejects with ConfigError. */
  load(options?: { readonly tokenOptional: boolean }): Promise<Loaded>;
  /** Disposed of after the last output. */
  readonly resources: AsyncDisposableStack;
  /** Replaces how the failure that ends the command is reported; by default on stderr. */
  reportWith(report: (failure: Failure, error: unknown) => void): void;
}

/** The configuration with its warnings. */
export interface Loaded {
  readonly config: Config;
  readonly warnings: readonly string[];
  /** What it was parsed from. */
  readonly sources: ConfigSources;
}

/** One subcommand. */
export interface Command {
  readonly about: string;
  readonly argument?: string;
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** Returns the exit code; errors are described by failureOf. */
  readonly run: (context: Context) => Promise<number>;
}

/** Runs a command to its end and reports its failure; returns the exit code. Never rejects. */
export async function runCommand(
  command: Command,
  { args, io }: { readonly args: ParsedArgs; readonly io: Io },
): Promise<number> {
  const place = placeOf(io, args);
  let showStack = false;
  let redact = createRedactor();
  let report = ({ message, expected }: Failure, error: unknown) => {
    print(io.stderr, redact(message));
    if (showStack && !expected && error instanceof Error && error.stack) {
      print(io.stderr, redact(error.stack));
    }
  };
  await using resources = new AsyncDisposableStack();
  const running = command.run({
    io,
    args,
    place,
    resources,
    reportWith: (other) => report = other,
    async load({ tokenOptional } = { tokenOptional: false }) {
      const { loadConfig, secretsOf } = await import("../../config/config.ts");
      const loaded = await loadConfig({ ...place, env: io.env, tokenOptional });
      showStack = loaded.config.logging.level === "debug";
      redact = createRedactor(secretsOf(loaded.config));
      return loaded;
    },
  });
  try {
    return await race([running, io.crashed]);
  } catch (error) {
    const failure = failureOf(error);
    report(failure, error);
    return failure.code;
  }
}

function placeOf(io: Io, args: ParsedArgs): Context["place"] {
  const [config] = args.values("config");
  if (config === undefined) return { dir: io.cwd };
  const configPath = resolve(io.cwd, config);
  return { dir: dirname(configPath), configPath };
}
