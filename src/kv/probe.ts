/** Whether a running bot has the state file; for `doctor`, which changes nothing. */
import { join } from "node:path";
import { tryLock } from "./lock.ts";

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
