/**
 * `install` and its undoing: which steps in what order make a machine run the bot as a service. Owns the order; a step is
 * step.ts's, what the shell sees is cli/commands/install.ts's.
 */
import { join } from "node:path";
import { sampleConfig, sampleEnv } from "../config/samples.ts";
import type { InstallOptions } from "./install_options.ts";
import type { Machine } from "./host.ts";
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
  machine: Machine,
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
  machine: Machine,
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

async function isEnabled(machine: Machine, unit: string): Promise<boolean> {
  return await machine.ask("systemctl", "is-enabled", "--quiet", unit) !== undefined;
}

/** True too of a unit that is on its way up, or about to be started again. */
export async function isRunning(machine: Machine, unit: string): Promise<boolean> {
  const state = await machine.ask("systemctl", "show", "--property=ActiveState", "--value", unit);
  return state !== undefined && !["", "inactive", "failed"].includes(state);
}

function reload(machine: Machine, isUnchanged: () => Promise<boolean>): Step {
  return program(
    machine,
    ["systemctl", "daemon-reload"],
    async () => machine.hasPrograms && !await machine.isBootedWithSystemd() || await isUnchanged(),
  );
}
