/** `install` as the command line asks for it: owns what stands for an option that was not given, and this process's own part. */
import { fileURLToPath } from "node:url";
import type { Call } from "../core/args.ts";
import type { Shell } from "../core/terminal.ts";
import { install } from "./install.ts";
import { Machine } from "../../systemd/host.ts";
import { runProgram } from "../../systemd/run_program.ts";

/** As the units have it that ship. */
const defaults = { dir: "/opt/image-edit-bot", user: "botuser", comfyuiDir: "/opt/ComfyUI" };

/** Gives the exit code. */
export async function installAsAsked(shell: Shell, call: Call): Promise<number> {
  const compiled = new URL("../../../dist/image-edit-bot", import.meta.url);
  return await install({
    shell,
    openMachine: (root) => new Machine(root === undefined ? { run: runProgram } : { root }),
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
