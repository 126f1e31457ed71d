/**
 * The program's permissions as Deno flags: compile.ts builds them in, and the tests run the program with them. Everything else is
 * denied, whatever the user may do: other programs, and files below /dev, /proc and /sys.
 */
import { programFolders } from "./src/systemd/run_program.ts";

/** `systemctl` starts and stops ComfyUI; `install` needs the others. */
const programs = ["systemctl", "getent", "useradd"];

export const permissions: readonly string[] = [
  // Telegram's and ComfyUI's hosts, and the port of /metrics, are settings.
  "--allow-net",
  // So are folders; arguments name pictures and backups.
  "--allow-read",
  "--allow-write",
  // The settings themselves.
  "--allow-env",
  // Exposure of ComfyUI, free disk space, the user that runs this.
  "--allow-sys=networkInterfaces,statfs,uid",
  // Full paths: with a name only, Deno reports at every start which of them PATH lacks.
  `--allow-run=${programFolders.flatMap((folder) => programs.map((name) => `${folder}/${name}`))}`,
  // libc only, whose path differs between systems, for systemd's socket. No picture reaches it.
  "--allow-ffi",
  // A denied permission is an error, not a prompt.
  "--no-prompt",
];
