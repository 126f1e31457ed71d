/** The memory, the time on the processor and the open files of the bot's process, looked at from outside. Linux only: it is read from /proc. */
import { setTimeout as pause } from "node:timers/promises";
import type { Stage } from "../stage.ts";

/** Memory of a process in kilobytes: resident now, and the most it has been. */
export interface Memory {
  readonly residentKb: number;
  readonly peakKb: number;
}

/** At rest is a process whose memory has not moved by more than this share for so many looks, a second apart. */
const stillShare = 0.005;
const stillLooks = 5;
const maxLooks = 45;
const lookMs = 1_000;

/** Memory of the bot that runs in the stage's folder. */
export function memoryOf(stage: Stage): Memory {
  const status = Deno.readTextFileSync(`/proc/${pidOf(stage)}/status`);
  const field = (name: string) =>
    Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))?.[1]);
  return { residentKb: field("VmRSS"), peakKb: field("VmHWM") };
}

/** The resident memory once it stands still, in kilobytes. */
export async function restingKb(stage: Stage): Promise<number> {
  let last = memoryOf(stage).residentKb;
  for (let looks = 0, still = 0; looks < maxLooks && still < stillLooks; looks++) {
    await pause(lookMs);
    const now = memoryOf(stage).residentKb;
    still = Math.abs(now - last) <= last * stillShare ? still + 1 : 0;
    last = now;
  }
  return last;
}

/** Clock ticks a second (USER_HZ), the same on every Linux that Deno runs on. */
const ticksPerSecond = 100;

/** How long the bot has run on a processor, in milliseconds. */
export function cpuMsOf(stage: Stage): number {
  const stat = Deno.readTextFileSync(`/proc/${pidOf(stage)}/stat`);
  // After the name, which may hold blanks, the 12th and 13th fields are utime and stime (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1000 / ticksPerSecond;
}

/** How many files, sockets and the like the bot has open. */
export function openFilesOf(stage: Stage): number {
  return [...Deno.readDirSync(`/proc/${pidOf(stage)}/fd`)].length;
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
