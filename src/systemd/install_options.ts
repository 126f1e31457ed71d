/** What `install` is asked for, checked: a unit file and a shell line take only so many kinds of names. */
import { join, resolve } from "node:path";
import { parseEnvSettings, parseEnvText } from "../config/env.ts";
import { type Machine, MachineError } from "./host.ts";
import type { UnitPlace } from "./unit_files.ts";

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
export async function placeOf(machine: Machine, options: InstallOptions): Promise<UnitPlace> {
  const { dir, user, comfyuiDir } = options;
  if (!userName.test(user)) {
    throw new MachineError(
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
  if (!settings) throw new MachineError(problems.join("\n").replaceAll(/^environment/gm, path));
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
    throw new MachineError(
      `Cannot install into ${each} (wanted letters, digits and . _ + @ - in its path, and not /)`,
    );
  }
  return place;
}
