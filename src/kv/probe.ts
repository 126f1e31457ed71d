/** Whether a running bot has the state file; for `doctor`, which changes nothing. open.ts takes the lock that is asked for here. */
import { join } from "node:path";

/**
 * Deno 2.6 has no `tryLock`: waiting a moment for the lock is how it says that somebody else has it. A starting bot
 * waits longer than this lock is ever held.
 */
const waitMs = 200;

/** True while another process holds `DATA_DIR/state.lock`; false too where the file cannot be looked at. */
export async function isStateInUse(dataDir: string): Promise<boolean> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(join(dataDir, "state.lock"), { read: true });
  } catch {
    return false;
  }
  let timer: number | undefined;
  const late = new Promise<true>((resolve) => timer = setTimeout(() => resolve(true), waitMs));
  try {
    return await Promise.race([file.lock(false).then(() => false, () => false), late]);
  } finally {
    clearTimeout(timer);
    file.close();
  }
}
