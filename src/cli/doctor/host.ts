/** This host: folders, disk, permissions of .env, a running bot. Leaves no files behind. Knows neither Telegram nor ComfyUI. */
import { dirname, join } from "node:path";
import { freeBytesAt, messageOf } from "../../lib/mod.ts";
import { fail, type Finding, ok, warn } from "./check.ts";

const gib = 1024 ** 3;
/** Results of a busy day. */
const minFreeBytes = gib;

/** Whether this user can write to the folder, or create it. */
export async function checkFolder(path: string): Promise<Finding> {
  const todo = `create it for the bot's user: sudo install -d -o botuser ${path}`;
  try {
    const stat = await statOf(path);
    if (stat === undefined) {
      const parent = await nearestFolder(path);
      await tryToWrite(parent);
      return ok(`${path} does not exist yet; the first start creates it`);
    }
    if (!stat.isDirectory) return fail(`${path} is a file, not a folder`, `move it away; ${todo}`);
    await tryToWrite(path);
    // Root can write anywhere; the bot's user may not.
    const asRoot = Deno.uid() === 0 ? " by root; run doctor as the bot's user to be sure" : "";
    return ok(`${path} is writable${asRoot}`);
  } catch (error) {
    return fail(`${path} is not writable: ${messageOf(error)}`, todo);
  }
}

/** `freeBytes`: free bytes for this user where a path is. */
export async function checkDisk(
  dataDir: string,
  freeBytes: (path: string) => number = freeBytesAt,
): Promise<Finding> {
  try {
    const free = freeBytes(await nearestFolder(dataDir));
    const shown = `${(free / gib).toFixed(1)} GB free for DATA_DIR`;
    return free >= minFreeBytes ? ok(shown) : warn(
      `only ${shown}`,
      "free some space, or lower storage.cleanup_after_hours in config.yaml",
    );
  } catch (error) {
    return warn(`free space is unknown: ${messageOf(error)}`);
  }
}

/** Whether users other than owner and group can read the secrets. */
export async function checkEnvFile(dir: string): Promise<Finding> {
  const path = join(dir, ".env");
  const mode = (await statOf(path).catch(() => undefined))?.mode;
  if (mode === undefined) return ok("does not exist");
  return (mode ?? 0) & 0o007
    ? warn(`every user of this host can read the secrets in ${path}`, `chmod o= ${path}`)
    : ok(`${path} is readable by owner and group only`);
}

export function checkAdmins(adminIds: readonly number[]): Finding {
  return adminIds.length > 0 ? ok(adminIds.join(", ")) : warn(
    "there is no admin to approve users or to be told of failures",
    "get your id from @userinfobot in Telegram and set ADMIN_USER_IDS in .env",
  );
}

export function checkInstance(isInUse: boolean): Finding {
  return isInUse
    ? warn("a bot is running with this DATA_DIR", "stop it before you start another one")
    : ok("no bot is running with this DATA_DIR");
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The path itself or the nearest folder above it that exists. */
async function nearestFolder(path: string): Promise<string> {
  let folder = path;
  while (await statOf(folder) === undefined && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Permissions alone are not enough: a file system may be read-only, or full. */
async function tryToWrite(folder: string): Promise<void> {
  await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".image-edit-bot-" }));
}
