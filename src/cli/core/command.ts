/**
 * How a subcommand is run: what it is given, and how its end becomes an exit code and a sentence. Knows none by name.
 */
import { dirname, resolve } from "node:path";
import { type Config, type ConfigSources } from "../../config/mod.ts";
import { createRedactor } from "../../lib/mod.ts";
import type { OptionSpec, ParsedArgs } from "./args.ts";
import { type Failure, failureOf } from "./exit_code.ts";
import { type Io, print } from "./terminal.ts";

/** What a command works with. */
export interface Context {
  readonly io: Io;
  readonly call: ParsedArgs;
  /** The folder of `.env` and `workflows/`; `configPath` where `--config` names a file. */
  readonly place: { readonly dir: string; readonly configPath?: string };
  /** Reads the configuration. Rejects with ConfigError. */
  load(options?: { readonly tokenOptional: boolean }): Promise<Loaded>;
  /** Disposed of after the last word. */
  readonly resources: AsyncDisposableStack;
  reportWith(report: (failure: Failure, error: unknown) => void): void;
}

/** The configuration, and what is odd about it. */
export interface Loaded {
  readonly config: Config;
  readonly warnings: readonly string[];
  /** What it was made of. */
  readonly sources: ConfigSources;
}

/** One subcommand. */
export interface Command {
  readonly about: string;
  readonly argument?: string;
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** Gives the exit code; what it throws is told by failureOf. */
  readonly run: (context: Context) => Promise<number>;
}

/** Runs a command to its end and tells of its failure; gives the exit code. Never rejects. */
export async function runCommand(
  command: Command,
  { call, io }: { readonly call: ParsedArgs; readonly io: Io },
): Promise<number> {
  const place = placeOf(io, call);
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
    call,
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
    return await Promise.race([running, io.crashed]);
  } catch (error) {
    const failure = failureOf(error);
    report(failure, error);
    return failure.code;
  }
}

function placeOf(io: Io, call: ParsedArgs): Context["place"] {
  const [config] = call.values("config");
  if (config === undefined) return { dir: io.cwd };
  const configPath = resolve(io.cwd, config);
  return { dir: dirname(configPath), configPath };
}
