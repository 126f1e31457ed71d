/** `doctor` on this machine: folders, disk, who may read .env, whether the bot runs. Leaves nothing behind. */
import { dirname, join } from "node:path";
import { freeBytesAt, messageOf } from "../../lib/mod.ts";
import { fail, type Finding, ok, warn } from "./check.ts";

const gib = 1024 ** 3;
/** With less, the results of a busy day may not fit. */
const minFreeBytes = gib;

/** Whether this user can write in the folder; one that is not there yet must be such that it can be made. */
export async function checkFolder(path: string): Promise<Finding> {
  const todo = `make it a folder of the bot's user: sudo install -d -o botuser ${path}`;
  try {
    const stat = await statOf(path);
    if (stat === undefined) {
      const parent = await nearestFolder(path);
      await tryToWrite(parent);
      return ok(`${path} is not there yet; the first start makes it`);
    }
    if (!stat.isDirectory) return fail(`${path} is a file and no folder`, `move it away; ${todo}`);
    await tryToWrite(path);
    // What root may write says nothing of the user that the bot runs as.
    const asRoot = Deno.uid() === 0 ? " by root; run doctor as the bot's user to be sure" : "";
    return ok(`${path} can be written${asRoot}`);
  } catch (error) {
    return fail(`${path} cannot be written: ${messageOf(error)}`, todo);
  }
}

/** `freeBytes` tells how much this user may still write where the path is. */
export async function checkDisk(
  dataDir: string,
  freeBytes: (path: string) => number = freeBytesAt,
): Promise<Finding> {
  try {
    const free = freeBytes(await nearestFolder(dataDir));
    const shown = `${(free / gib).toFixed(1)} GB free for DATA_DIR`;
    return free >= minFreeBytes ? ok(shown) : warn(
      `only ${shown}`,
      "make room, or lower storage.cleanup_after_hours in config.yaml",
    );
  } catch (error) {
    return warn(`cannot tell how much is free: ${messageOf(error)}`);
  }
}

/** Whether others than owner and group may read the token. */
export async function checkEnvFile(dir: string): Promise<Finding> {
  const path = join(dir, ".env");
  const mode = (await statOf(path).catch(() => undefined))?.mode;
  if (mode === undefined) return ok("there is none to protect");
  return (mode ?? 0) & 0o007
    ? warn(`everybody on this machine may read the token in ${path}`, `chmod o= ${path}`)
    : ok(`${path} is not for everybody`);
}

export function checkAdmins(adminIds: readonly number[]): Finding {
  return adminIds.length > 0 ? ok(adminIds.join(", ")) : warn(
    "nobody approves people or is told of failures",
    "ask @userinfobot in Telegram for your id and put it into .env as ADMIN_USER_IDS",
  );
}

export function checkInstance(isInUse: boolean): Finding {
  return isInUse
    ? warn("a bot runs with this DATA_DIR", "nothing, unless you are about to start another one")
    : ok("no bot runs with this DATA_DIR");
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The path itself or the first folder above it that is there. */
async function nearestFolder(path: string): Promise<string> {
  let folder = path;
  while (await statOf(folder) === undefined && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Modes alone do not tell: a file system may be read-only, or full. */
async function tryToWrite(folder: string): Promise<void> {
  await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".image-edit-bot-" }));
}
