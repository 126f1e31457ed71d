/**
 * A file lock, which the kernel releases when the process ends. Deno 2.6 has no `tryLock`: a lock that is not granted within a moment
 * is held by another process. Does not know what is locked.
 */
import { join } from "node:path";
import { afterAwake, race } from "../lib/mod.ts";

/** Takes the lock; false where another process holds it for longer than `waitMs`, in which this one ran. */
export async function tryLock(
  file: Deno.FsFile,
  { exclusive, waitMs }: { readonly exclusive: boolean; readonly waitMs: number },
): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  using _timer = afterAwake(waitMs, () => late.resolve(false));
  return await race([file.lock(exclusive).then(() => true, () => false), late.promise]);
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
