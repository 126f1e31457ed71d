/**
 * A file lock, which the kernel releases when the process ends. Deno 2.6 has no `tryLock`: a lock that is not granted within a moment
 * is held by another process. Does not know what is locked.
 */
import { join } from "node:path";
import { race, waitAwake } from "../lib/mod.ts";

/** Takes the lock; false where another process holds it for longer than `waitMs`, in which this one ran. */
export async function tryLock(
  file: Deno.FsFile,
  { exclusive, waitMs }: { readonly exclusive: boolean; readonly waitMs: number },
): Promise<boolean> {
  const decided = new AbortController();
  try {
    const locked = file.lock(exclusive).then(() => true, () => false);
    const late = waitAwake(waitMs, decided.signal).then(() => false);
    return await race([locked, late]);
  } finally {
    decided.abort();
  }
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
