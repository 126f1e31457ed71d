/**
 * `install` and `install --uninstall`: the steps that make the bot a service, in order. Does not know how a step is applied, which is
 * step.ts's, nor what is printed, which is cli/commands/install.ts's.
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
  comfyuiLogs,
  comfyuiUnit,
  comfyuiUnitText,
  comfyuiUser,
  isOurs,
  programUnitText,
  unitPath,
  type UnitPlace,
  workerUnit,
} from "./unit_files.ts";

/** Name of the executable in the bot's folder. */
export const binaryName = "image-edit-bot";

/** The steps that make the bot a service; none starts it. `binary`: the path of the executable to install. */
export function installSteps(
  host: Host,
  place: UnitPlace,
  { withComfyUI, isWorker, binary }: Pick<InstallOptions, "withComfyUI" | "isWorker"> & {
    readonly binary: string;
  },
): readonly Step[] {
  const { dir, user, dataDir, logsDir, comfyuiDir } = place;
  const env = sampleEnv({});
  const ours = programUnit({ isWorker });
  const units = [
    ownFile(host, unitPath(ours), programUnitText(ours, place)),
    // ComfyUI is the owner's: an existing unit may be their own.
    ...(withComfyUI ? [firstFile(host, unitPath(comfyuiUnit), comfyuiUnitText(place))] : []),
  ];
  return [
    systemUser(host, user, dir),
    ...(withComfyUI ? [systemUser(host, comfyuiUser, comfyuiDir)] : []),
    // Owned by root: the bot's user cannot replace the executable.
    folder(host, dir, 0o755),
    folder(host, dataDir, 0o750, user),
    folder(host, logsDir, 0o750, user),
    // Templates that an admin sends in the chat go there.
    folder(host, join(dir, "workflows"), 0o755, user),
    ...(withComfyUI ? [folder(host, comfyuiLogs, 0o755, comfyuiUser)] : []),
    executable(host, binary, join(dir, binaryName)),
    firstSecret(host, join(dir, ".env"), env.ok ? env.text : "", user),
    firstFile(host, join(dir, "config.yaml"), sampleConfig()),
    ...units,
    reload(
      host,
      async () => (await Promise.all(units.map((unit) => unit.isDone()))).every(Boolean),
    ),
    ...[ours, ...(withComfyUI ? [comfyuiUnit] : [])].map((unit) =>
      program(
        host,
        ["systemctl", "enable", unit],
        () => isEnabled(host, unit),
      )
    ),
  ];
}

/** The steps of `--uninstall`. Settings, jobs and pictures stay without `purge`; users always stay, they may own more. */
export async function uninstallSteps(
  host: Host,
  { dir, dataDir, logsDir }: UnitPlace,
  { withComfyUI, isWorker, purge }: Pick<InstallOptions, "withComfyUI" | "isWorker"> & {
    readonly purge: boolean;
  },
): Promise<readonly Step[]> {
  const comfyuiText = withComfyUI ? await host.readText(unitPath(comfyuiUnit)) : undefined;
  const units = [
    programUnit({ isWorker }),
    ...(comfyuiText && isOurs(comfyuiText) ? [comfyuiUnit] : []),
  ];
  const files = units.map((unit) => removal(host, unitPath(unit)));
  return [
    ...units.flatMap((unit) => [
      program(
        host,
        ["systemctl", "stop", unit],
        async () => host.hasPrograms && !await isRunning(host, unit),
      ),
      program(
        host,
        ["systemctl", "disable", unit],
        async () => host.hasPrograms && !await isEnabled(host, unit),
      ),
    ]),
    ...files,
    reload(
      host,
      async () => (await Promise.all(files.map((file) => file.isDone()))).every(Boolean),
    ),
    removal(host, join(dir, binaryName)),
    ...(purge
      ? [join(dir, ".env"), join(dir, "config.yaml"), ...ownFolders(dir, [dataDir, logsDir])]
        .map((path) => removal(host, path))
      : []),
  ];
}

/** The folders below the bot's own: others may contain other files. */
export function ownFolders(dir: string, folders: readonly string[]): string[] {
  return folders.filter((path) => path.startsWith(`${dir}/`));
}

async function isEnabled(host: Host, unit: string): Promise<boolean> {
  return await host.ask("systemctl", "is-enabled", "--quiet", unit) !== undefined;
}

/** True also for a unit that is starting, or about to be restarted. */
export async function isRunning(host: Host, unit: string): Promise<boolean> {
  const state = await host.ask("systemctl", "show", "--property=ActiveState", "--value", unit);
  return state !== undefined && !["", "inactive", "failed"].includes(state);
}

function reload(host: Host, isUnchanged: () => Promise<boolean>): Step {
  return program(
    host,
    ["systemctl", "daemon-reload"],
    async () => host.hasPrograms && !await host.isBootedWithSystemd() || await isUnchanged(),
  );
}

export interface InstallOptions {
  /** Absolute. */
  readonly dir: string;
  readonly user: string;
  /** Absolute. */
  readonly comfyuiDir: string;
  /** False where ComfyUI runs elsewhere: on another host, in a container, in a unit of its own. */
  readonly withComfyUI: boolean;
  /** A worker for a bot elsewhere, not the bot. */
  readonly isWorker: boolean;
}

/** The unit that runs this program. */
export function programUnit({ isWorker }: Pick<InstallOptions, "isWorker">) {
  return isWorker ? workerUnit : botUnit;
}

/** No character that is special to systemd or a shell. */
const plainPath = /^\/[\w.+@/-]*[\w.+@-]$/;

const userName = /^[a-z_][a-z0-9_-]{0,31}$/;

/** All paths. DATA_DIR, LOGS_DIR and COMFYUI_PORT are taken from an existing `.env`. */
export async function placeOf(host: Host, options: InstallOptions): Promise<UnitPlace> {
  const { dir, user, comfyuiDir } = options;
  if (!userName.test(user)) {
    throw new HostError(
      `Cannot install for user "${user}" (wanted a-z, 0-9, _ and -, and no digit first)`,
    );
  }
  const path = join(dir, ".env");
  const { entries } = parseEnvText({ path, text: await host.readText(path) ?? "" });
  // Other problems of the file are reported by `doctor`.
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
