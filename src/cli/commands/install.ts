/** `install`: arguments, permission, and the output of each step. Does not know what a step does: that is systemd/'s. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  binaryName,
  comfyuiUnit,
  comfyuiUnitText,
  comfyuiUser,
  Host,
  HostError,
  type InstallOptions,
  installSteps,
  isRunning,
  ownFolders,
  placeOf,
  programUnit,
  runProgram,
  type Step,
  uninstallSteps,
  unitPath,
  type UnitPlace,
} from "../../systemd/mod.ts";
import { exitCode, type Io, type ParsedArgs, print } from "../core/mod.ts";

export interface InstallDeps {
  readonly io: Pick<Io, "cwd" | "stdout" | "stderr">;
  /** The host itself, or a folder that stands for `/`. */
  readonly openHost: (root: string | undefined) => Host;
  /** Whether this process may change the host. */
  readonly isRoot: boolean;
  /** The program's own compiled file. */
  readonly binary: string;
}

/** Options of `install`; paths may be relative. */
export interface InstallRequest extends InstallOptions {
  /** A folder that stands for `/`. */
  readonly root: string | undefined;
  readonly dryRun: boolean;
  readonly uninstall: boolean;
  /** With `uninstall`: removes settings, jobs and pictures too. */
  readonly purge: boolean;
}

/** Takes the steps that are not done yet; returns the exit code. */
export async function install(deps: InstallDeps, request: InstallRequest): Promise<number> {
  const { io } = deps;
  try {
    return await installOrRefuse(deps, {
      ...request,
      dir: resolve(io.cwd, request.dir),
      comfyuiDir: resolve(io.cwd, request.comfyuiDir),
    });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    print(io.stderr, error.message);
    return exitCode.cantCreate;
  }
}

async function installOrRefuse(deps: InstallDeps, request: InstallRequest): Promise<number> {
  const { io, openHost, isRoot, binary } = deps;
  const { uninstall, dryRun, root } = request;
  const act = uninstall ? "uninstall" : "install";
  if (request.purge && !uninstall) {
    print(io.stderr, "--purge requires --uninstall");
    return exitCode.usage;
  }
  const changesHost = root === undefined && !dryRun;
  if (changesHost && !isRoot) {
    print(
      io.stderr,
      `Cannot ${act}: permission denied (wanted root: sudo; --dry-run prints the steps)`,
    );
    return exitCode.noPerm;
  }
  const host = openHost(root === undefined ? undefined : resolve(io.cwd, root));
  if (changesHost && await host.ask("systemctl", "--version") === undefined) {
    print(
      io.stderr,
      `Cannot ${act}: there is no systemctl (wanted a system with systemd)`,
    );
    return exitCode.unavailable;
  }
  if (!uninstall && !dryRun && !await isFile(binary)) {
    print(io.stderr, `Cannot install: there is no ${binary} (wanted deno task compile first)`);
    return exitCode.unavailable;
  }
  const place = await placeOf(host, request);
  const steps = uninstall
    ? await uninstallSteps(host, place, request)
    : installSteps(host, place, { ...request, binary });
  await applySteps(io, steps, { dryRun, host });
  const after = uninstall
    ? afterUninstall(place, request)
    : [...await warningsOn(host, place, request), ...await nextSteps(host, place, request)];
  print(io.stdout, ...after);
  return exitCode.ok;
}

/** Checks all steps before the first one is applied, so that no step sees the changes of another. */
async function applySteps(
  { stdout }: Pick<Io, "stdout">,
  steps: readonly Step[],
  { dryRun, host }: { readonly dryRun: boolean; readonly host: Host },
): Promise<void> {
  const checked = [];
  for (const step of steps) checked.push({ step, isDone: await step.isDone() });
  let applied = 0;
  for (const { step, isDone } of checked) {
    if (isDone) {
      if (dryRun) print(stdout, `# already done: ${step.line}`);
      continue;
    }
    if (step.isProgram && !host.hasPrograms) {
      print(stdout, `# not run with --root: ${step.line}`);
      continue;
    }
    print(stdout, step.line);
    if (dryRun) continue;
    await step.apply();
    applied++;
  }
  if (dryRun) print(stdout, "", "Nothing was changed (--dry-run).");
  else if (applied === 0) print(stdout, "Nothing to change.");
}

/** Warnings about what `install` does not change itself. */
async function warningsOn(
  host: Host,
  place: UnitPlace,
  { withComfyUI }: InstallRequest,
): Promise<string[]> {
  if (!withComfyUI) return [];
  const path = unitPath(comfyuiUnit);
  const there = await host.readText(path);
  const { comfyuiDir } = place;
  const owner = (await host.stat(comfyuiDir))?.uid;
  const user = await host.account(comfyuiUser);
  const missing = [];
  for (const file of ["main.py", "venv/bin/python"]) {
    if (await host.stat(`${comfyuiDir}/${file}`) === undefined) missing.push(file);
  }
  return [
    ...(there === undefined || there === comfyuiUnitText(place)
      ? []
      : [`⚠ ${path} exists already and was not changed.`]),
    ...(owner === undefined || user === undefined || owner === user.uid ? [] : [
      `⚠ ${comfyuiDir} does not belong to ${comfyuiUser}, who has to write there: ` +
      `sudo chown -R ${comfyuiUser}: ${comfyuiDir}`,
    ]),
    ...(missing.length === 0 ? [] : [
      `⚠ There is no ${
        missing.join(" and no ")
      } in ${comfyuiDir}: ${comfyuiUnit} cannot start. Install ComfyUI there, ` +
      "say where it is (--comfyui-dir DIR), or skip its unit (--no-comfyui).",
    ]),
  ];
}

async function nextSteps(
  host: Host,
  { dir, user }: UnitPlace,
  request: InstallRequest,
): Promise<string[]> {
  const unit = programUnit(request);
  const settings = request.isWorker
    ? ["config.yaml", "queue.url and worker.name; the password in .env"]
    : [".env", "TELEGRAM_BOT_TOKEN and ADMIN_USER_IDS"];
  return [
    "",
    "Next:",
    `  1. sudoedit ${dir}/${settings[0]}   ${settings[1]}`,
    `  2. cd ${dir} && sudo -u ${user} ./${binaryName} doctor   shows what is still missing`,
    `  3. sudo systemctl ${await isRunning(host, unit) ? "restart" : "start"} ${unit}`,
    `     journalctl -u ${unit} -f   follows the log`,
  ];
}

function afterUninstall(
  { dir, user, dataDir, logsDir }: UnitPlace,
  { purge }: InstallRequest,
): string[] {
  const folders = [dataDir, logsDir];
  const left = purge
    ? [dir, ...folders.filter((path) => !ownFolders(dir, folders).includes(path))]
    : [`${dir}/.env`, `${dir}/config.yaml`, ...folders];
  return [
    "",
    `Kept: ${left.join(", ")}${purge ? "" : " (--purge removes them)"}; user ${user}`,
  ];
}

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isFile === true;
}

/** As in the unit files of systemd/. */
const defaults = { dir: "/opt/image-edit-bot", user: "botuser", comfyuiDir: "/opt/ComfyUI" };

/** `install` on this host; returns the exit code. */
export async function installCommand(io: Io, args: ParsedArgs): Promise<number> {
  const compiled = new URL("../../../dist/image-edit-bot", import.meta.url);
  return await install({
    io,
    openHost: (root) => new Host(root === undefined ? { run: runProgram } : { root }),
    isRoot: Deno.uid() === 0,
    binary: Deno.build.standalone ? Deno.execPath() : fileURLToPath(compiled),
  }, {
    dir: args.values("dir")[0] ?? defaults.dir,
    user: args.values("user")[0] ?? defaults.user,
    comfyuiDir: args.values("comfyui-dir")[0] ?? defaults.comfyuiDir,
    withComfyUI: !args.has("no-comfyui"),
    isWorker: args.has("worker"),
    root: args.values("root")[0],
    dryRun: args.has("dry-run"),
    uninstall: args.has("uninstall"),
    purge: args.has("purge"),
  });
}
