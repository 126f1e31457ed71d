/** The units as they ship, made to fit a place. Owns what in them is the place's; what they say otherwise is systemd/'s. */

/** Where things are, and as whom they run. */
export interface UnitPlace {
  /** The folder of the binary, `.env` and `config.yaml`. */
  readonly dir: string;
  readonly user: string;
  /** The bot may write in these two and nowhere else. */
  readonly dataDir: string;
  readonly logsDir: string;
  readonly comfyuiDir: string;
  readonly comfyuiPort: number;
}

export const botUnit = "image-edit-bot.service";
export const comfyuiUnit = "comfyui.service";
/** As whom ComfyUI runs, and where its output goes, as comfyui.service has it. */
export const comfyuiUser = "comfyui";
export const comfyuiLogs = "/var/log/comfyui";

/** Where units of the machine's owner are; systemd.unit(5). */
export function unitPath(unit: string): string {
  return `/etc/systemd/system/${unit}`;
}

/** The text of the bot's unit for that place. */
export function botUnitText({ dir, user, dataDir, logsDir }: UnitPlace): string {
  // Under ProtectHome=true nothing below these folders would be there.
  const isAtHome = [dir, dataDir, logsDir].some((path) => /^\/(home|root|run\/user)\//.test(path));
  return readShipped(botUnit)
    .replace(/^ReadWritePaths=.*$/m, `ReadWritePaths=-${dataDir} -${logsDir}`)
    .replaceAll("/opt/image-edit-bot/", `${dir}/`)
    .replace(/^WorkingDirectory=.*$/m, `WorkingDirectory=${dir}`)
    .replace(/^User=.*$/m, `User=${user}`)
    .replace(/^ProtectHome=.*$/m, isAtHome ? "ProtectHome=read-only" : "$&");
}

/** The text of ComfyUI's unit for that place. */
export function comfyuiUnitText({ comfyuiDir, comfyuiPort }: UnitPlace): string {
  return readShipped(comfyuiUnit)
    .replaceAll("/opt/ComfyUI", comfyuiDir)
    .replace(/--port \d+/, `--port ${comfyuiPort}`);
}

/** True of a unit that an installation of this program wrote. */
export function isOurs(text: string): boolean {
  return text.startsWith("# Installed by image-edit-bot.");
}

function readShipped(unit: string): string {
  return Deno.readTextFileSync(new URL(`../../systemd/${unit}`, import.meta.url));
}
