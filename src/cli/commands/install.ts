/** `install` at the command line: owns who may, what is shown of each step, and what comes next. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  binaryName,
  botUnit,
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
  runProgram,
  type Step,
  uninstallSteps,
  unitPath,
  type UnitPlace,
} from "../../systemd/mod.ts";
import { exitCode, type Io, type ParsedArgs, print } from "../core/mod.ts";

export interface InstallDeps {
  readonly io: Pick<Io, "cwd" | "stdout" | "stderr">;
  /** The machine itself, or a folder that stands for it. */
  readonly openMachine: (root: string | undefined) => Host;
  /** Whether this process may change the machine. */
  readonly isRoot: boolean;
  /** The program's own compiled file. */
  readonly binary: string;
}

/** As the command line has it: paths may be relative. */
export interface InstallRequest extends InstallOptions {
  /** A folder that stands for `/`. */
  readonly root: string | undefined;
  readonly dryRun: boolean;
  readonly uninstall: boolean;
  /** With `uninstall`: settings, jobs and pictures too. */
  readonly purge: boolean;
}

/** Brings the machine to where it is asked to be; gives the exit code. */
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
  const { io, openMachine, isRoot, binary } = deps;
  const { uninstall, dryRun, root } = request;
  const act = uninstall ? "uninstall" : "install";
  if (request.purge && !uninstall) {
    print(io.stderr, "Cannot take --purge alone (wanted --uninstall --purge)");
    return exitCode.usage;
  }
  const changesMachine = root === undefined && !dryRun;
  if (changesMachine && !isRoot) {
    print(
      io.stderr,
      `Cannot ${act}: this user may not (wanted sudo; --dry-run shows what would be done)`,
    );
    return exitCode.noPerm;
  }
  const machine = openMachine(root === undefined ? undefined : resolve(io.cwd, root));
  if (changesMachine && await machine.ask("systemctl", "--version") === undefined) {
    print(
      io.stderr,
      `Cannot ${act}: there is no systemctl here (wanted a machine with systemd)`,
    );
    return exitCode.unavailable;
  }
  if (!uninstall && !dryRun && !await isFile(binary)) {
    print(io.stderr, `Cannot install: there is no ${binary} (wanted deno task compile first)`);
    return exitCode.unavailable;
  }
  const place = await placeOf(machine, request);
  const steps = uninstall
    ? await uninstallSteps(machine, place, request)
    : installSteps(machine, place, { ...request, binary });
  await takeSteps(io, steps, { dryRun, machine });
  const after = uninstall
    ? afterUninstall(place, request)
    : [...await remarks(machine, place, request), ...await nextSteps(machine, place)];
  print(io.stdout, ...after);
  return exitCode.ok;
}

/** Looks at every step before the first one is taken: what one of them changes is news to none of the others. */
async function takeSteps(
  { stdout }: Pick<Io, "stdout">,
  steps: readonly Step[],
  { dryRun, machine }: { readonly dryRun: boolean; readonly machine: Host },
): Promise<void> {
  const looked = [];
  for (const step of steps) looked.push({ step, isDone: await step.isDone() });
  let taken = 0;
  for (const { step, isDone } of looked) {
    if (isDone) {
      if (dryRun) print(stdout, `# done already: ${step.line}`);
      continue;
    }
    if (step.isProgram && !machine.hasPrograms) {
      print(stdout, `# not run below --root: ${step.line}`);
      continue;
    }
    print(stdout, step.line);
    if (dryRun) continue;
    await step.apply();
    taken++;
  }
  if (dryRun) print(stdout, "", "Nothing was changed (--dry-run).");
  else if (taken === 0) print(stdout, "Nothing to change: everything is as it should be.");
}

/** What is not as one would expect and is none of our business to change. */
async function remarks(
  machine: Host,
  place: UnitPlace,
  { withComfyUI }: InstallRequest,
): Promise<string[]> {
  if (!withComfyUI) return [];
  const path = unitPath(comfyuiUnit);
  const there = await machine.readText(path);
  const { comfyuiDir } = place;
  const owner = (await machine.stat(comfyuiDir))?.uid;
  const user = await machine.account(comfyuiUser);
  const lacks = [];
  for (const file of ["main.py", "venv/bin/python"]) {
    if (await machine.stat(`${comfyuiDir}/${file}`) === undefined) lacks.push(file);
  }
  return [
    ...(there === undefined || there === comfyuiUnitText(place)
      ? []
      : [`⚠ ${path} was there already and was left alone.`]),
    ...(owner === undefined || user === undefined || owner === user.uid ? [] : [
      `⚠ ${comfyuiDir} belongs to another user than ${comfyuiUser}, who has to write there: ` +
      `sudo chown -R ${comfyuiUser}: ${comfyuiDir}`,
    ]),
    ...(lacks.length === 0 ? [] : [
      `⚠ There is no ${
        lacks.join(" and no ")
      } in ${comfyuiDir}: ${comfyuiUnit} cannot start. Install ComfyUI there, ` +
      "say where it is (--comfyui-dir DIR), or leave it out (--no-comfyui).",
    ]),
  ];
}

async function nextSteps(machine: Host, { dir, user }: UnitPlace): Promise<string[]> {
  return [
    "",
    "Next:",
    `  1. sudoedit ${dir}/.env   TELEGRAM_BOT_TOKEN and ADMIN_USER_IDS`,
    `  2. cd ${dir} && sudo -u ${user} ./${binaryName} doctor   says what is still missing`,
    `  3. sudo systemctl ${await isRunning(machine, botUnit) ? "restart" : "start"} ${botUnit}`,
    `     journalctl -u ${botUnit} -f   shows what it does`,
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
    `Left where they are: ${left.join(", ")}${
      purge ? "" : " (--purge removes them)"
    }; user ${user}`,
  ];
}

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isFile === true;
}

/** As the units have it that ship. */
const defaults = { dir: "/opt/image-edit-bot", user: "botuser", comfyuiDir: "/opt/ComfyUI" };

/** Gives the exit code. */
export async function installAsAsked(io: Io, call: ParsedArgs): Promise<number> {
  const compiled = new URL("../../../dist/image-edit-bot", import.meta.url);
  return await install({
    io,
    openMachine: (root) => new Host(root === undefined ? { run: runProgram } : { root }),
    isRoot: Deno.uid() === 0,
    binary: Deno.build.standalone ? Deno.execPath() : fileURLToPath(compiled),
  }, {
    dir: call.values("dir")[0] ?? defaults.dir,
    user: call.values("user")[0] ?? defaults.user,
    comfyuiDir: call.values("comfyui-dir")[0] ?? defaults.comfyuiDir,
    withComfyUI: !call.has("no-comfyui"),
    root: call.values("root")[0],
    dryRun: call.has("dry-run"),
    uninstall: call.has("uninstall"),
    purge: call.has("purge"),
  });
}
