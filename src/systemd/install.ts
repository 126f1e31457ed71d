/**
 * `install` and its undoing: which steps in what order make a machine run the bot as a service. Owns the order; a step is
 * step.ts's, what the shell sees is cli/commands/install.ts's.
 */
import { join, resolve } from "node:path";
import { parseEnvSettings, parseEnvText, sampleConfig, sampleEnv } from "../config/mod.ts";
import type { Host } from "./host.ts";
import { HostError } from "./host.ts";
import {
  executable,
  firstFile,
  firstSecret,
  folder,
  ownFile,
  program,
  removal,
  type Step,
  systemUser,
} from "./step.ts";
import {
  botUnit,
  botUnitText,
  comfyuiLogs,
  comfyuiUnit,
  comfyuiUnitText,
  comfyuiUser,
  isOurs,
  unitPath,
  type UnitPlace,
} from "./unit_files.ts";

/** The program's file in its folder. */
export const binaryName = "image-edit-bot";

/** Everything that makes the machine run the bot as a service; nothing is started. `binary` is the program's own file. */
export function installSteps(
  machine: Host,
  place: UnitPlace,
  { withComfyUI, binary }: Pick<InstallOptions, "withComfyUI"> & { readonly binary: string },
): readonly Step[] {
  const { dir, user, dataDir, logsDir, comfyuiDir } = place;
  const env = sampleEnv({});
  const units = [
    ownFile(machine, unitPath(botUnit), botUnitText(place)),
    // ComfyUI is the owner's: a unit that is there may be their own.
    ...(withComfyUI ? [firstFile(machine, unitPath(comfyuiUnit), comfyuiUnitText(place))] : []),
  ];
  return [
    systemUser(machine, user, dir),
    ...(withComfyUI ? [systemUser(machine, comfyuiUser, comfyuiDir)] : []),
    // Root's: the bot's user cannot put another program in the place of this one.
    folder(machine, dir, 0o755),
    folder(machine, dataDir, 0o750, user),
    folder(machine, logsDir, 0o750, user),
    ...(withComfyUI ? [folder(machine, comfyuiLogs, 0o755, comfyuiUser)] : []),
    executable(machine, binary, join(dir, binaryName)),
    firstSecret(machine, join(dir, ".env"), env.ok ? env.text : "", user),
    firstFile(machine, join(dir, "config.yaml"), sampleConfig()),
    ...units,
    reload(
      machine,
      async () => (await Promise.all(units.map((unit) => unit.isDone()))).every(Boolean),
    ),
    ...[botUnit, ...(withComfyUI ? [comfyuiUnit] : [])].map((unit) =>
      program(
        machine,
        ["systemctl", "enable", unit],
        () => isEnabled(machine, unit),
      )
    ),
  ];
}

/** The way back. Settings, jobs and pictures stay unless `purge`; users always do, they may own more. */
export async function uninstallSteps(
  machine: Host,
  { dir, dataDir, logsDir }: UnitPlace,
  { withComfyUI, purge }: Pick<InstallOptions, "withComfyUI"> & { readonly purge: boolean },
): Promise<readonly Step[]> {
  const comfyuiText = withComfyUI ? await machine.readText(unitPath(comfyuiUnit)) : undefined;
  const units = [botUnit, ...(comfyuiText && isOurs(comfyuiText) ? [comfyuiUnit] : [])];
  const files = units.map((unit) => removal(machine, unitPath(unit)));
  return [
    ...units.flatMap((unit) => [
      program(
        machine,
        ["systemctl", "stop", unit],
        async () => machine.hasPrograms && !await isRunning(machine, unit),
      ),
      program(
        machine,
        ["systemctl", "disable", unit],
        async () => machine.hasPrograms && !await isEnabled(machine, unit),
      ),
    ]),
    ...files,
    reload(
      machine,
      async () => (await Promise.all(files.map((file) => file.isDone()))).every(Boolean),
    ),
    removal(machine, join(dir, binaryName)),
    ...(purge
      ? [join(dir, ".env"), join(dir, "config.yaml"), ...ownFolders(dir, [dataDir, logsDir])]
        .map((path) => removal(machine, path))
      : []),
  ];
}

/** Those below the bot's own folder: others may hold more than ours. */
export function ownFolders(dir: string, folders: readonly string[]): string[] {
  return folders.filter((path) => path.startsWith(`${dir}/`));
}

async function isEnabled(machine: Host, unit: string): Promise<boolean> {
  return await machine.ask("systemctl", "is-enabled", "--quiet", unit) !== undefined;
}

/** True too of a unit that is on its way up, or about to be started again. */
export async function isRunning(machine: Host, unit: string): Promise<boolean> {
  const state = await machine.ask("systemctl", "show", "--property=ActiveState", "--value", unit);
  return state !== undefined && !["", "inactive", "failed"].includes(state);
}

function reload(machine: Host, isUnchanged: () => Promise<boolean>): Step {
  return program(
    machine,
    ["systemctl", "daemon-reload"],
    async () => machine.hasPrograms && !await machine.isBootedWithSystemd() || await isUnchanged(),
  );
}

export interface InstallOptions {
  /** Absolute. */
  readonly dir: string;
  readonly user: string;
  /** Absolute. */
  readonly comfyuiDir: string;
  /** False where ComfyUI is somebody else's affair: another machine, a container, a unit of its own. */
  readonly withComfyUI: boolean;
}

/** Nothing that systemd or a shell would take for more than a letter of a path. */
const plainPath = /^\/[\w.+@/-]*[\w.+@-]$/;

const userName = /^[a-z_][a-z0-9_-]{0,31}$/;

/** Where everything goes. DATA_DIR, LOGS_DIR and COMFYUI_PORT are those of a `.env` that is there already. */
export async function placeOf(machine: Host, options: InstallOptions): Promise<UnitPlace> {
  const { dir, user, comfyuiDir } = options;
  if (!userName.test(user)) {
    throw new HostError(
      `Cannot install for user "${user}" (wanted a-z, 0-9, _ and -, and no digit first)`,
    );
  }
  const path = join(dir, ".env");
  const { entries } = parseEnvText({ path, text: await machine.readText(path) ?? "" });
  // What else is wrong with the file is for `doctor` to say.
  const ours = ["DATA_DIR", "LOGS_DIR", "COMFYUI_PORT"].map((
    key,
  ) => [key, entries.get(key)?.value]);
  const { settings, problems } = parseEnvSettings(Object.fromEntries(ours), undefined, {
    tokenOptional: true,
  });
  if (!settings) throw new HostError(problems.join("\n").replaceAll(/^environment/gm, path));
  const place = {
    dir,
    user,
    comfyuiDir,
    dataDir: resolve(dir, settings.DATA_DIR),
    logsDir: resolve(dir, settings.LOGS_DIR),
    comfyuiPort: settings.COMFYUI_PORT,
  };
  for (const each of [place.dir, place.dataDir, place.logsDir, place.comfyuiDir]) {
    if (plainPath.test(each)) continue;
    throw new HostError(
      `Cannot install into ${each} (wanted letters, digits and . _ + @ - in its path, and not /)`,
    );
  }
  return place;
}
