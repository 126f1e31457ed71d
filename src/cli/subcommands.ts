/**
 * The table of subcommands: name, options, help text, and the code that each one loads. core/command.ts owns how a command runs
 * and ends. A command's modules are imported when it runs, so that `--version` and a usage error are answered at once.
 */
import { type Config } from "../config/mod.ts";
import { ConfigError } from "../lib/mod.ts";
import { type Command, exitCode, type Io, paintFor, print } from "./core/mod.ts";

export const subcommands: Readonly<Record<string, Command>> = {
  run: {
    about: "run the bot until SIGTERM or Ctrl-C",
    async run({ io, place, load, resources, reportWith }) {
      const loaded = await load();
      const { run } = await import("./commands/run.ts");
      const { createNotifier } = await import("../systemd/notify.ts");
      const supervisor = createNotifier(io.env, { pid: Deno.pid });
      await run(io, { ...loaded, place, supervisor, resources, reportWith });
      return exitCode.ok;
    },
  },
  worker: {
    about: "take jobs from the bot's queue.url for the ComfyUI of this host, until SIGTERM",
    options: {
      name: { value: "NAME", about: "name of this worker; default: worker.name in config.yaml" },
    },
    async run({ io, args, load, resources, reportWith }) {
      const loaded = await load({ tokenOptional: true });
      const { runWorker } = await import("./commands/worker.ts");
      const { createNotifier } = await import("../systemd/notify.ts");
      const supervisor = createNotifier(io.env, { pid: Deno.pid });
      const name = args.values("name")[0];
      await runWorker({ io, resources, reportWith }, { ...loaded, supervisor, name });
      return exitCode.ok;
    },
  },
  doctor: {
    about: "check token, ComfyUI, templates, folders and disk, with advice for each problem",
    options: {
      edit: { about: "also run one real edit and time it" },
      json: { about: "print {ok, checks: [{name, status, message, todo?}]}" },
    },
    async run({ io, place, args, resources }) {
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
        const backend = firstOf(openBackends(config, `image-edit-bot-doctor-${newId()}`));
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
          async probeState(url) {
            const { probeState } = await import("../postgres/mod.ts");
            return await probeState(url.reveal());
          },
          async probeHistory(url) {
            const { probeHistory } = await import("../postgres/mod.ts");
            return await probeHistory(url.reveal());
          },
          async openBucket(bucket) {
            const { openBucket } = await import("../s3/mod.ts");
            return openBucket(bucket);
          },
          async inspectQueue(url, bucketConfig, signal) {
            const { inspectQueue, openBucketFiles, openEngine } = await import("../remote/mod.ts");
            await using engine = await openEngine(url.reveal());
            const bucket = await openBucketFiles(bucketConfig);
            return await inspectQueue(engine, { now: Date.now, bucket }, signal);
          },
          probeService: () => probeService(new Host({ run: runProgram })),
          tryEdit: args.has("edit") ? tryEdit : undefined,
        },
        { ...place, env: io.env, paint: paintFor(io.stdout, io.env) },
        io.signal,
      );
      print(io.stdout, ...(args.has("json") ? [json] : lines));
      return isOk ? exitCode.ok : exitCode.found;
    },
  },
  edit: {
    about: "edit pictures once, without Telegram",
    options: {
      image: {
        value: "FILE",
        required: true,
        repeatable: true,
        about: "a picture to edit; repeat it for pictures 2 and 3",
      },
      text: {
        value: "TEXT",
        about: "what to change; may contain parameters, such as steps=8",
      },
      out: { value: "FILE", required: true, about: "file for the result; - for stdout" },
      set: {
        value: "NAME=VALUE",
        repeatable: true,
        about: "set a parameter, such as steps=8, seed=42, cfg=2",
      },
      template: { value: "NAME", about: "use this template, not the default one" },
      force: { about: "overwrite an existing file" },
    },
    async run({ io, place, args, load, resources }) {
      const { config } = await load({ tokenOptional: true });
      const { edit } = await import("./commands/edit.ts");
      const { openBackends } = await import("../comfyui/backend.ts");
      const newId = () => crypto.randomUUID();
      const backend = firstOf(openBackends(config, `image-edit-bot-edit-${newId()}`));
      resources.use(backend);
      return await edit(
        { io, backend, now: Date.now, newId, random: Math.random },
        {
          config,
          dir: place.dir,
          images: args.values("image"),
          text: args.values("text")[0],
          out: args.values("out")[0]!,
          sets: args.values("set"),
          template: args.values("template")[0],
          force: args.has("force"),
        },
      );
    },
  },
  "workflows list": {
    about: "list the templates with their parameters, limits and files",
    async run({ io, place, load }) {
      const { config } = await load({ tokenOptional: true });
      const { listTemplates } = await import("./commands/workflows.ts");
      const { readTemplates } = await import("../templates/loader.ts");
      return printReport(io, listTemplates(readTemplates(place.dir), config));
    },
  },
  "workflows check": {
    about: "check that ComfyUI has the nodes and models that the templates need",
    argument: "[NAME]",
    async run({ io, place, args, load, resources }) {
      const { config } = await load({ tokenOptional: true });
      const { checkTemplates } = await import("./commands/workflows.ts");
      const { readTemplates } = await import("../templates/loader.ts");
      const { openBackends } = await import("../comfyui/backend.ts");
      const backends = openBackends(config, "image-edit-bot-check");
      for (const backend of backends) resources.use(backend);
      const report = await checkTemplates(
        readTemplates(place.dir),
        { config, backends, name: args.argument },
        io.signal,
      );
      return printReport(io, report);
    },
  },
  explain: {
    about: "print everything stored about a job: parameters, states, times",
    argument: "JOB",
    async run({ io, args, load, resources }) {
      if (args.argument === undefined) {
        print(
          io.stderr,
          "Cannot explain: JOB is missing (wanted a job id, as shown in the log)",
        );
        return exitCode.usage;
      }
      const { config } = await load({ tokenOptional: true });
      const { openStateForReading } = await import("../stores.ts");
      const { createKvJobStore } = await import("../kv/jobs.ts");
      const { explain } = await import("./commands/explain.ts");
      const state = await openStateForReading(config);
      resources.use(state);
      const job = await createKvJobStore(state.kv).get(args.argument);
      if (!job) {
        print(io.stderr, `There is no job ${args.argument} in ${config.paths.dataDir}.`);
        return exitCode.found;
      }
      print(io.stdout, ...explain(job));
      return exitCode.ok;
    },
  },
  backup: {
    about: "copy the state (users, settings, jobs; no pictures), also while the bot runs",
    argument: "FILE",
    async run(context) {
      const { backUpCommand } = await import("./commands/backup.ts");
      return await backUpCommand(context);
    },
  },
  restore: {
    about: "replace the state with a backup; keeps the old one; the bot must be stopped",
    argument: "FILE",
    async run(context) {
      const { restoreCommand } = await import("./commands/backup.ts");
      return await restoreCommand(context);
    },
  },
  "state copy": {
    about: "copy the state from a DATA_DIR or postgres:// to another; the bot must be stopped",
    argument: "FROM TO",
    options: { force: { about: "delete what is in TO before" } },
    async run(context) {
      const { stateCopyCommand } = await import("./commands/state_copy.ts");
      return await stateCopyCommand(context);
    },
  },
  "workflows import": {
    about:
      "make a template from a workflow: a JSON file from ComfyUI, or a picture that contains one",
    argument: "[FILE]",
    options: {
      official: { value: "NAME", about: "import this one of ComfyUI's own templates, not a file" },
      name: { value: "NAME", about: "name of the template; default: the file's name" },
      dir: { value: "DIR", about: "write to DIR/workflows; default: beside config.yaml" },
      force: { about: "overwrite an existing file" },
      print: { about: "write no template; print the graph in the API format" },
    },
    async run({ io, place, args, load, resources }) {
      const { config } = await load({ tokenOptional: true });
      const { importTemplate } = await import("./commands/workflows_import.ts");
      const { openBackends, readOfficialWorkflow } = await import("../comfyui/backend.ts");
      const backend = firstOf(openBackends(config, "image-edit-bot-import"));
      resources.use(backend);
      const readOfficial = (name: string, signal: AbortSignal) =>
        readOfficialWorkflow(firstOf(config.comfyui.backends), name, signal);
      const report = await importTemplate({ backend, readOfficial }, {
        file: args.argument,
        official: args.values("official")[0],
        print: args.has("print"),
        cwd: io.cwd,
        name: args.values("name")[0],
        dir: args.values("dir")[0] ?? place.dir,
        force: args.has("force"),
        config,
      }, io.signal);
      return printReport(io, report);
    },
  },
  "models get": {
    about: "download the model files that a template lacks into ComfyUI's folders on this host",
    argument: "NAME",
    options: {
      "models-dir": { value: "DIR", about: "ComfyUI's folder models/; default: as ComfyUI says" },
      yes: { short: "y", about: "download without asking" },
    },
    async run(context) {
      const { modelsGetCommand } = await import("./models/mod.ts");
      return await modelsGetCommand(context);
    },
  },
  "config check": {
    about: "read .env and config.yaml; print the effective settings, or each error and its line",
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
    about: "write a first .env and config.yaml in which every setting is explained",
    argument: "[DIR]",
    options: {
      token: { value: "TOKEN", about: "the bot's token, from @BotFather" },
      admin: { value: "ID", repeatable: true, about: "your Telegram user id, from @userinfobot" },
      comfyui: { value: "HOST:PORT", about: "address of ComfyUI; default: 127.0.0.1:8188" },
      force: { about: "overwrite existing files" },
    },
    async run({ io, args }) {
      const { init } = await import("./commands/init.ts");
      return await init(io, {
        dir: args.argument ?? ".",
        token: args.values("token")[0],
        admins: args.values("admin"),
        comfyui: args.values("comfyui")[0],
        force: args.has("force"),
      });
    },
  },
  install: {
    about: "install the bot as a systemd service: user, folders, units",
    options: {
      dir: { value: "DIR", about: "folder of the bot; default: /opt/image-edit-bot" },
      user: { value: "USER", about: "user that runs it; default: botuser" },
      "comfyui-dir": {
        value: "DIR",
        about: "folder of ComfyUI; default: /opt/ComfyUI",
      },
      "no-comfyui": {
        about: "install no unit for ComfyUI: it is started in another way, or on another host",
      },
      worker: { about: "install a worker for a bot on another host, not the bot" },
      "dry-run": { about: "print the steps and do nothing" },
      uninstall: { about: "remove the service; keep settings, jobs and pictures" },
      purge: { about: "with --uninstall: remove those too" },
      root: { value: "DIR", about: "install below DIR as if it were /; run no programs" },
    },
    async run({ io, args }) {
      const { installCommand } = await import("./commands/install.ts");
      return await installCommand(io, args);
    },
  },
};

/** Throws ConfigError where the configuration has none. */
function firstOf<T>([first]: readonly T[]): T {
  if (first !== undefined) return first;
  throw new ConfigError(
    "Cannot ask ComfyUI: comfyui.backends is empty in config.yaml (wanted one that this host can reach)",
  );
}

function printReport(
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
