/**
 * A lock on a file that the kernel frees when the process ends, however it ends. Deno 2.6 has no `tryLock`: waiting a
 * moment for the lock is how it says that somebody else has it.
 */

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
