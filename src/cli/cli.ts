/** The command line of the executable: its grammar, --version, --help, usage errors. subcommands.ts owns what there is to run. */
import { versionLine } from "../lib/mod.ts";
import {
  exitCode,
  type Grammar,
  helpText,
  type Io,
  parseCommandLine,
  print,
  runCommand,
} from "./core/mod.ts";
import { subcommands } from "./subcommands.ts";

const grammar: Grammar = {
  main: "run",
  commands: Object.entries(subcommands).map(([name, { about, argument, options = {} }]) => ({
    name,
    about,
    options,
    ...(argument === undefined ? {} : { argument }),
  })),
  globals: {
    config: {
      value: "FILE",
      about: "use this config.yaml, and .env and workflows/ beside it",
    },
    version: { short: "V", about: "print the version" },
    help: { short: "h", about: "print this help" },
  },
};

/** Runs the command that the arguments name; returns the exit code. */
export async function runCli(io: Io): Promise<number> {
  const line = parseCommandLine(io.args, grammar);
  switch (line.type) {
    case "version":
      print(io.stdout, versionLine());
      return exitCode.ok;
    case "help":
      print(io.stdout, helpText(line.topic, grammar));
      return exitCode.ok;
    case "wrong":
      print(io.stderr, line.message);
      return exitCode.usage;
    case "command":
      return await runCommand(subcommands[line.args.command]!, { args: line.args, io });
    default:
      return line satisfies never;
  }
}
