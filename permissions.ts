/**
 * What the program may do, as Deno's flags: compile.ts builds them in, and the tests run the program with them. The rest is
 * refused, whatever the user who runs it may: other programs, and files below /dev, /proc and /sys.
 */
import { programFolders } from "./src/systemd/run_program.ts";

/** Who starts and stops ComfyUI (`systemctl`), and what `install` needs. */
const programs = ["systemctl", "getent", "useradd"];

export const permissions: readonly string[] = [
  // Telegram's and ComfyUI's hosts, and the port of /metrics, are settings.
  "--allow-net",
  // So are the folders; pictures and backups are where the command line names them.
  "--allow-read",
  "--allow-write",
  // The settings themselves.
  "--allow-env",
  // Who can reach ComfyUI, the room on the disk, who runs this.
  "--allow-sys=networkInterfaces,statfs,uid",
  // Whole paths: with a name alone, Deno tells at every start which of them PATH does not have.
  `--allow-run=${programFolders.flatMap((folder) => programs.map((name) => `${folder}/${name}`))}`,
  // libc alone, which has no path that is the same everywhere, for systemd's socket. No picture comes near it.
  "--allow-ffi",
  // A refusal is an error and no question that waits in a terminal.
  "--no-prompt",
];
