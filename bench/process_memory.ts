/** The memory of the bot's process, looked at from outside. Linux only: it is read from /proc. */
import type { Stage } from "../tests/e2e/stage.ts";

/** Memory of a process in kilobytes: resident now, and the most it has been. */
export interface Memory {
  readonly residentKb: number;
  readonly peakKb: number;
}

/** Memory of the bot that runs in the stage's folder. */
export function memoryOf(stage: Stage): Memory {
  const status = Deno.readTextFileSync(`/proc/${pidOf(stage)}/status`);
  const field = (name: string) =>
    Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))?.[1]);
  return { residentKb: field("VmRSS"), peakKb: field("VmHWM") };
}

/** The process whose working folder is the stage's. */
function pidOf(stage: Stage): string {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (/^\d+$/.test(name) && folderOf(name) === stage.dir) return name;
  }
  throw new Error(`Cannot find the bot: no process runs in ${stage.dir}`);
}

function folderOf(pid: string): string | undefined {
  try {
    return Deno.readLinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It has ended meanwhile, or belongs to somebody else.
    return undefined;
  }
}
