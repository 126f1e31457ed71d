/**
 * The subcommands: which there are, what they take, how they end. Owns the way from arguments to an exit code.
 * What a command needs is imported when it runs, so that `--version` and a wrong argument are answered at once.
 */
import { dirname, resolve } from "node:path";
import { type Call, type Grammar, type OptionSpec, parseCommandLine } from "./command_line.ts";
import type { Config } from "./config.ts";
import { exitCode, type Failure, failureOf } from "./exit_code.ts";
import { helpText } from "./help.ts";
import { createRedactor } from "./secret.ts";
import { paintFor, print, type Shell } from "./terminal.ts";
import { versionLine } from "./version.ts";

/** What a command works with. */
interface Context {
  readonly shell: Shell;
  readonly call: Call;
  /** The folder of `.env` and `workflows/`; `configPath` where `--config` names a file. */
  readonly place: { readonly dir: string; readonly configPath?: string };
  /** Reads the configuration. Rejects with ConfigError. */
  load(options?: { readonly tokenOptional: boolean }): Promise<Loaded>;
  /** Disposed of after the last word. */
  readonly resources: AsyncDisposableStack;
  reportWith(report: (failure: Failure, error: unknown) => void): void;
}

interface Loaded {
  readonly config: Config;
  readonly warnings: readonly string[];
}

interface Command {
  readonly about: string;
  readonly argument?: string;
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** Gives the exit code; what it throws is told by failureOf. */
  readonly run: (context: Context) => Promise<number>;
}

const commands: Readonly<Record<string, Command>> = {
  run: {
    about: "runs the bot until SIGTERM or Ctrl-C",
    async run({ shell, place, load, resources, reportWith }) {
      const { config, warnings } = await load();
      const { run } = await import("./run.ts");
      await run(shell, { config, warnings, dir: place.dir, resources, reportWith });
      return exitCode.ok;
    },
  },
  doctor: {
    about: "checks token, ComfyUI, templates, folders and disk, and says what to do",
    options: { json: { about: "prints {ok, checks: [{name, status, message, todo?}]}" } },
    async run({ shell, place, call }) {
      const { doctor } = await import("./doctor.ts");
      const { openBackends } = await import("./app.ts");
      const { probeTelegram } = await import("./telegram/probe.ts");
      const { isStateInUse } = await import("./kv/probe.ts");
      const { isOk, json, lines } = await doctor(
        { now: Date.now, openBackends, probeTelegram, isStateInUse },
        { ...place, env: shell.env, paint: paintFor(shell.stdout, shell.env) },
        shell.signal,
      );
      print(shell.stdout, ...(call.has("json") ? [json] : lines));
      return isOk ? exitCode.ok : exitCode.found;
    },
  },
  edit: {
    about: "edits pictures once, without Telegram",
    options: {
      image: {
        value: "FILE",
        required: true,
        repeatable: true,
        about: "a picture to edit; given again, picture 2 and 3",
      },
      text: {
        value: "TEXT",
        required: true,
        about: "what to change; may hold steps=8 and the like",
      },
      out: { value: "FILE", required: true, about: "where the result goes; - is stdout" },
      set: { value: "NAME=VALUE", repeatable: true, about: "a parameter: steps=8, seed=42, cfg=2" },
      template: { value: "NAME", about: "another template than the configured one" },
      force: { about: "writes over a file that is there" },
    },
    async run({ shell, place, call, load, resources }) {
      const { config } = await load({ tokenOptional: true });
      const { edit } = await import("./edit.ts");
      const { openBackends } = await import("./app.ts");
      const newId = () => crypto.randomUUID();
      const backend = openBackends(config, `image-edit-bot-edit-${newId()}`)[0]!;
      resources.use(backend);
      return await edit(
        { shell, backend, now: Date.now, newId, random: Math.random },
        {
          config,
          dir: place.dir,
          images: call.values("image"),
          text: call.values("text")[0]!,
          out: call.values("out")[0]!,
          sets: call.values("set"),
          template: call.values("template")[0] ?? config.workflow.template,
          force: call.has("force"),
        },
      );
    },
  },
  "workflows list": {
    about: "shows the templates, their parameters and limits, and where they come from",
    async run({ shell, place, load }) {
      const { config } = await load({ tokenOptional: true });
      const { listTemplates, readTemplates } = await import("./template_report.ts");
      return printed(shell, listTemplates(readTemplates(place.dir), config));
    },
  },
  "workflows check": {
    about: "asks ComfyUI for the nodes and models that the templates need",
    argument: "[NAME]",
    async run({ shell, place, call, load, resources }) {
      const { config } = await load({ tokenOptional: true });
      const { checkTemplates, readTemplates } = await import("./template_report.ts");
      const { openBackends } = await import("./app.ts");
      const backend = openBackends(config, "image-edit-bot-check")[0]!;
      resources.use(backend);
      const report = await checkTemplates(
        readTemplates(place.dir),
        { config, backend, name: call.argument },
        shell.signal,
      );
      return printed(shell, report);
    },
  },
  "config check": {
    about: "reads .env and config.yaml and shows what is in force, or what is wrong and where",
    async run({ shell, place, load }) {
      const { config, warnings } = await load();
      const { describeConfig, overrideProblems } = await import("./config_report.ts");
      const { readTemplates } = await import("./template_report.ts");
      const ignored = overrideProblems(config, readTemplates(place.dir));
      print(shell.stdout, "OK", ...describeConfig(config));
      print(shell.stderr, ...[...warnings, ...ignored].map((warning) => `⚠ ${warning}`));
      return exitCode.ok;
    },
  },
};

const grammar: Grammar = {
  main: "run",
  commands: Object.entries(commands).map(([name, { about, argument, options = {} }]) => ({
    name,
    about,
    options,
    ...(argument === undefined ? {} : { argument }),
  })),
  globals: {
    config: {
      value: "FILE",
      about: "a config.yaml elsewhere; .env and workflows/ are then looked for beside it",
    },
    version: { short: "V", about: "shows the version" },
    help: { short: "h", about: "shows this help" },
  },
};

/** Does what the arguments ask for; gives the exit code. */
export async function runCli(shell: Shell): Promise<number> {
  const line = parseCommandLine(shell.args, grammar);
  switch (line.type) {
    case "version":
      print(shell.stdout, versionLine());
      return exitCode.ok;
    case "help":
      print(shell.stdout, helpText(line.topic, grammar));
      return exitCode.ok;
    case "wrong":
      print(shell.stderr, line.message);
      return exitCode.usage;
    case "call":
      return await runCommand(shell, line.call);
    default:
      return line satisfies never;
  }
}

async function runCommand(shell: Shell, call: Call): Promise<number> {
  const place = placeOf(shell, call);
  let showStack = false;
  let redact = createRedactor();
  let report = ({ message, expected }: Failure, error: unknown) => {
    print(shell.stderr, redact(message));
    if (showStack && !expected && error instanceof Error && error.stack) {
      print(shell.stderr, redact(error.stack));
    }
  };
  await using resources = new AsyncDisposableStack();
  const command = commands[call.command]!.run({
    shell,
    call,
    place,
    resources,
    reportWith: (other) => report = other,
    async load({ tokenOptional } = { tokenOptional: false }) {
      const { loadConfig } = await import("./config.ts");
      const loaded = await loadConfig({ ...place, env: shell.env, tokenOptional });
      showStack = loaded.config.logging.level === "debug";
      redact = createRedactor([loaded.config.telegram.token]);
      return loaded;
    },
  });
  try {
    return await Promise.race([command, shell.crashed]);
  } catch (error) {
    const failure = failureOf(error);
    report(failure, error);
    return failure.code;
  }
}

function placeOf(shell: Shell, call: Call): Context["place"] {
  const [config] = call.values("config");
  if (config === undefined) return { dir: shell.cwd };
  const configPath = resolve(shell.cwd, config);
  return { dir: dirname(configPath), configPath };
}

function printed(
  shell: Shell,
  { lines, problems, code }: {
    readonly lines: readonly string[];
    readonly problems: readonly string[];
    readonly code: number;
  },
): number {
  print(shell.stdout, ...lines);
  print(shell.stderr, ...problems);
  return code;
}
