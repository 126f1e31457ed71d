/** The unit files of systemd/, adapted to an installation. Owns which lines depend on it. Does not write them to disk. */

/** Paths and user of an installation. */
export interface UnitPlace {
  /** The folder of the binary, `.env` and `config.yaml`. */
  readonly dir: string;
  readonly user: string;
  /** The only folders that the bot can write to. */
  readonly dataDir: string;
  readonly logsDir: string;
  readonly comfyuiDir: string;
  readonly comfyuiPort: number;
}

export const botUnit = "image-edit-bot.service";
/** Of a worker for a bot elsewhere. */
export const workerUnit = "image-edit-bot-worker.service";
export const comfyuiUnit = "comfyui.service";
/** ComfyUI's user and log folder, as in comfyui.service. */
export const comfyuiUser = "comfyui";
export const comfyuiLogs = "/var/log/comfyui";

/** Path of a unit file of the administrator; systemd.unit(5). */
export function unitPath(unit: string): string {
  return `/etc/systemd/system/${unit}`;
}

/** The bot's or a worker's unit file for that installation. */
export function programUnitText(
  unit: typeof botUnit | typeof workerUnit,
  { dir, user, dataDir, logsDir }: UnitPlace,
): string {
  // ProtectHome=true hides these folders.
  const isAtHome = [dir, dataDir, logsDir].some((path) => /^\/(home|root|run\/user)\//.test(path));
  return readShipped(unit)
    .replace(/^ReadWritePaths=.*$/m, `ReadWritePaths=-${dataDir} -${logsDir} -${dir}/workflows`)
    .replaceAll("/opt/image-edit-bot/", `${dir}/`)
    .replace(/^WorkingDirectory=.*$/m, `WorkingDirectory=${dir}`)
    .replace(/^User=.*$/m, `User=${user}`)
    .replace(/^ProtectHome=.*$/m, isAtHome ? "ProtectHome=read-only" : "$&");
}

/** ComfyUI's unit file for that installation. */
export function comfyuiUnitText({ comfyuiDir, comfyuiPort }: UnitPlace): string {
  return readShipped(comfyuiUnit)
    .replaceAll("/opt/ComfyUI", comfyuiDir)
    .replace(/--port \d+/, `--port ${comfyuiPort}`);
}

/** True for a unit file that `install` wrote. */
export function isOurs(text: string): boolean {
  return text.startsWith("# Installed by image-edit-bot.");
}

function readShipped(unit: string): string {
  return Deno.readTextFileSync(new URL(`../../systemd/${unit}`, import.meta.url));
}
