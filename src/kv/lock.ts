/**
 * A lock on a file that the kernel frees when the process ends, however it ends. Deno 2.6 has no `tryLock`: waiting a
 * moment for the lock is how it says that somebody else has it.
 */
import { join } from "node:path";

/** Takes the lock; false where another process has not let go of it within `waitMs`. */
export async function tryLock(
  file: Deno.FsFile,
  { exclusive, waitMs }: { readonly exclusive: boolean; readonly waitMs: number },
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), waitMs));
  try {
    return await Promise.race([file.lock(exclusive).then(() => true, () => false), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A starting bot waits longer than this lock is ever held. */
const waitMs = 200;

/** True while another process holds `DATA_DIR/state.lock`; false too where the file cannot be looked at. */
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
