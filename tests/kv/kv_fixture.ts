/** DATA_DIR for a test: a folder with a state file, opened and opened again. */
import { openState } from "../../src/kv/open.ts";

/** Gives a folder that is gone afterwards. */
export async function withFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Gives an open KV; it is another handle on the same file each time where `dir` is the same. */
export async function withKv<T>(dir: string, use: (kv: Deno.Kv) => Promise<T>): Promise<T> {
  using state = await openState(dir);
  return await use(state.kv);
}
