/**
 * The subcommands: which there are, what they take, what they give to whom. How one is run and ends is cli/core/command.ts's.
 * What a command needs is imported when it runs, so that `--version` and a wrong argument are answered at once.
 */
import { type Config } from "../config/mod.ts";
import { versionLine } from "../lib/mod.ts";
import {
  type Command,
  exitCode,
  type Grammar,
  helpText,
  type Io,
  paintFor,
  parseCommandLine,
  print,
  runCommand,
} from "./core/mod.ts";

const commands: Readonly<Record<string, Command>> = {
  run: {
    about: "runs the bot until SIGTERM or Ctrl-C",
    async run({ io, place, load, resources, reportWith }) {
      const loaded = await load();
      const { run } = await import("./commands/run.ts");
      const { createNotifier } = await import("../systemd/notify.ts");
      const supervisor = createNotifier(io.env, { pid: Deno.pid });
      await run(io, { ...loaded, place, supervisor, resources, reportWith });
      return exitCode.ok;
    },
  },
  doctor: {
    about: "checks token, ComfyUI, templates, folders and disk, and says what to do",
    options: {
      edit: { about: "runs one real edit too, and says how long it takes" },
      json: { about: "prints {ok, checks: [{name, status, message, todo?}]}" },
    },
    async run({ io, place, call, resources }) {
      const { doctor } = await import("./doctor/doctor.ts");
      const { openBackends, probeBackendSocket } = await import("../comfyui/backend.ts");
      const { probeTelegram } = await import("../telegram/api/probe.ts");
      const { isStateInUse } = await import("../kv/lock.ts");
      const { probeService } = await import("../systemd/units.ts");
      const { Host } = await import("../systemd/host.ts");
      const { runProgram } = await import("../systemd/run_program.ts");
      const newId = () => crypto.randomUUID();
      const tryEdit = async (config: Config) => {
        const { checkEdit } = await import("./doctor/edit.ts");
        const backend = openBackends(config, `image-edit-bot-doctor-${newId()}`)[0]!;
        resources.use(backend);
        const deps = { io, backend, now: Date.now, newId, random: Math.random };
        return await checkEdit(deps, { config, dir: place.dir });
      };
      const { isOk, json, lines } = await doctor(
        {
          now: Date.now,
          openBackends,
          probeSocket: probeBackendSocket,
          probeTelegram,
          isStateInUse,
          probeService: () => probeService(new Host({ run: runProgram })),
          tryEdit: call.has("edit") ? tryEdit : undefined,
        },
        { ...place, env: io.env, paint: paintFor(io.stdout, io.env) },
        io.signal,
      );
      print(io.stdout, ...(call.has("json") ? [json] : lines));
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
    async run({ io, place, call, load, resources }) {
      const { config } = await load({ tokenOptional: true });
      const { edit } = await import("./commands/edit.ts");
      const { openBackends } = await import("../comfyui/backend.ts");
      const newId = () => crypto.randomUUID();
      const backend = openBackends(config, `image-edit-bot-edit-${newId()}`)[0]!;
      resources.use(backend);
      return await edit(
        { io, backend, now: Date.now, newId, random: Math.random },
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
    async run({ io, place, load }) {
      const { config } = await load({ tokenOptional: true });
      const { listTemplates } = await import("./commands/workflows.ts");
      const { readTemplates } = await import("../templates/loader.ts");
      return printed(io, listTemplates(readTemplates(place.dir), config));
    },
  },
  "workflows check": {
    about: "asks ComfyUI for the nodes and models that the templates need",
    argument: "[NAME]",
    async run({ io, place, call, load, resources }) {
      const { config } = await load({ tokenOptional: true });
      const { checkTemplates } = await import("./commands/workflows.ts");
      const { readTemplates } = await import("../templates/loader.ts");
      const { openBackends } = await import("../comfyui/backend.ts");
      const backend = openBackends(config, "image-edit-bot-check")[0]!;
      resources.use(backend);
      const report = await checkTemplates(
        readTemplates(place.dir),
        { config, backend, name: call.argument },
        io.signal,
      );
      return printed(io, report);
    },
  },
  explain: {
    about: "prints all that the store knows of a job: its parameters, states and times",
    argument: "JOB",
    async run({ io, call, load, resources }) {
      if (call.argument === undefined) {
        print(
          io.stderr,
          "Cannot explain: no job was named (wanted its id, as it stands in the log)",
        );
        return exitCode.usage;
      }
      const { config } = await load({ tokenOptional: true });
      const { openForReading } = await import("../kv/open.ts");
      const { createKvJobStore } = await import("../kv/jobs.ts");
      const { explain } = await import("./commands/explain.ts");
      const state = await openForReading(config.paths.dataDir);
      resources.use(state);
      const job = await createKvJobStore(state.kv).get(call.argument);
      if (!job) {
        print(io.stderr, `There is no job ${call.argument} in ${config.paths.dataDir}.`);
        return exitCode.found;
      }
      print(io.stdout, ...explain(job));
      return exitCode.ok;
    },
  },
  backup: {
    about: "copies the state (people, settings, jobs; no pictures) while the bot runs",
    argument: "FILE",
    async run(context) {
      const { backUpCommand } = await import("./commands/backup.ts");
      return await backUpCommand(context);
    },
  },
  restore: {
    about: "puts a backup in the place of the state, which is kept; the bot must be stopped",
    argument: "FILE",
    async run(context) {
      const { restoreCommand } = await import("./commands/backup.ts");
      return await restoreCommand(context);
    },
  },
  "workflows import": {
    about: "makes a template of a workflow that ComfyUI exported in the API format",
    argument: "FILE",
    options: {
      name: { value: "NAME", about: "the template's name; by default the file's" },
      dir: { value: "DIR", about: "writes into DIR/workflows; by default beside config.yaml" },
      force: { about: "writes over a file that is there" },
    },
    async run({ io, place, call, load, resources }) {
      const { config } = await load({ tokenOptional: true });
      const { importTemplate } = await import("./commands/workflows_import.ts");
      const { openBackends } = await import("../comfyui/backend.ts");
      const backend = openBackends(config, "image-edit-bot-import")[0]!;
      resources.use(backend);
      const report = await importTemplate({ backend }, {
        file: call.argument,
        cwd: io.cwd,
        name: call.values("name")[0],
        dir: call.values("dir")[0] ?? place.dir,
        force: call.has("force"),
        config,
      }, io.signal);
      return printed(io, report);
    },
  },
  "config check": {
    about: "reads .env and config.yaml and shows what is in force, or what is wrong and where",
    async run({ io, place, load }) {
      const { config, warnings } = await load();
      const { describeConfig } = await import("./commands/config_check.ts");
      const { overrideProblems } = await import("../config/live_config.ts");
      const { readTemplates } = await import("../templates/loader.ts");
      const ignored = overrideProblems(config, readTemplates(place.dir));
      print(io.stdout, "OK", ...describeConfig(config));
      print(io.stderr, ...[...warnings, ...ignored].map((warning) => `⚠ ${warning}`));
      return exitCode.ok;
    },
  },
  init: {
    about: "writes a first .env and config.yaml, with what every setting means",
    argument: "[DIR]",
    options: {
      token: { value: "TOKEN", about: "the bot's token, from @BotFather" },
      admin: { value: "ID", repeatable: true, about: "your Telegram user id, from @userinfobot" },
      comfyui: { value: "HOST:PORT", about: "where ComfyUI listens; 127.0.0.1:8188 without it" },
      force: { about: "writes over files that are there" },
    },
    async run({ io, call }) {
      const { init } = await import("./commands/init.ts");
      return await init(io, {
        dir: call.argument ?? ".",
        token: call.values("token")[0],
        admins: call.values("admin"),
        comfyui: call.values("comfyui")[0],
        force: call.has("force"),
      });
    },
  },
  install: {
    about: "makes this machine run the bot as a service: user, folders, systemd units",
    options: {
      dir: { value: "DIR", about: "the bot's folder; /opt/image-edit-bot without it" },
      user: { value: "USER", about: "as whom it runs; botuser without it" },
      "comfyui-dir": {
        value: "DIR",
        about: "ComfyUI's folder; /opt/ComfyUI without it",
      },
      "no-comfyui": { about: "ComfyUI is started by other means, or elsewhere" },
      "dry-run": { about: "shows what would be done" },
      uninstall: { about: "undoes it; settings, jobs and pictures stay" },
      purge: { about: "with --uninstall: removes those too" },
      root: { value: "DIR", about: "a folder that stands for /; no program is run" },
    },
    async run({ io, call }) {
      const { installAsAsked } = await import("./commands/install.ts");
      return await installAsAsked(io, call);
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
    case "call":
      return await runCommand(commands[line.call.command]!, { call: line.call, io });
    default:
      return line satisfies never;
  }
}

function printed(
  io: Io,
  { lines, problems, code }: {
    readonly lines: readonly string[];
    readonly problems: readonly string[];
    readonly code: number;
  },
): number {
  print(io.stdout, ...lines);
  print(io.stderr, ...problems);
  return code;
}
