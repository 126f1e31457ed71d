/**
 * A file lock, which the kernel releases when the process ends. Deno 2.6 has no `tryLock`: a lock that is not granted within a moment
 * is held by another process. Does not know what is locked.
 */
import { join } from "node:path";
import { race } from "../lib/mod.ts";

/** The wait is counted in slices: however long the machine stands still, one of them is over. */
const slices = 10;

/** Takes the lock; false where another process holds it for longer than `waitMs`. */
export async function tryLock(
  file: Deno.FsFile,
  { exclusive, waitMs }: { readonly exclusive: boolean; readonly waitMs: number },
): Promise<boolean> {
  const locking = file.lock(exclusive).then(() => true, () => false);
  for (let slice = 0; slice < slices; slice++) {
    const over = Promise.withResolvers<undefined>();
    const timer = setTimeout(over.resolve, waitMs / slices);
    const isLocked = await race([locking, over.promise]);
    clearTimeout(timer);
    if (isLocked !== undefined) return isLocked;
  }
  return false;
}

/** Shorter than a starting bot waits for the lock. */
const waitMs = 200;

/** True while another process holds `DATA_DIR/state.lock`; false also where the file cannot be opened. */
export async function isStateInUse(dataDir: string): Promise<boolean> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(join(dataDir, "state.lock"), { read: true });
  } catch {
    return false;
  }
  try {
    return !await tryLock(file, { exclusive: false, waitMs });
  } finally {
    file.close();
  }
}
