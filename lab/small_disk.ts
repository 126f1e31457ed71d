/** A disk of a few megabytes for a test: a tmpfs, where this user may mount one (root, and not in every container). */
import assert from "node:assert/strict";
import { join } from "node:path";

async function run(program: string, args: readonly string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, {
      args: [...args],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/** Mounts it at the folder, or changes how it is mounted (`remount,ro`). */
export async function mount(dir: string, options: string): Promise<void> {
  assert.ok(await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", dir]), `mount ${options}`);
}

export async function unmount(dir: string): Promise<void> {
  assert.ok(await run("umount", ["--lazy", dir]), "umount");
}

/** Takes all room that is left on the disk, until disposed of. */
export function fillDisk(dir: string): Disposable {
  const path = join(dir, "filling");
  using file = Deno.openSync(path, { create: true, append: true });
  const block = new Uint8Array(4096);
  try {
    while (file.writeSync(block) > 0);
  } catch (error) {
    assert.match(String(error), /No space left on device/);
  }
  return { [Symbol.dispose]: () => Deno.removeSync(path) };
}

/** True where small disks can be had; says so once where they cannot. */
export async function canMount(): Promise<boolean> {
  const dir = await Deno.makeTempDir();
  try {
    const isMounted = await run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", dir]);
    if (isMounted) await unmount(dir);
    else console.warn("Tests of full and read-only disks are left out: this user may not mount");
    return isMounted;
  } finally {
    await Deno.remove(dir);
  }
}
