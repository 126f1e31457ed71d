/**
 * The picture folders of DATA_DIR: `input/` (received), `output/` (results), `temp/` (being written). Owns their paths. Does not know
 * which job or draft a file belongs to.
 */
import { join } from "node:path";

/** Pictures on disk. Names are single path segments made by this program, never by a user. */
export interface FileStore {
  /** Writes a source picture; whole or not at all. */
  saveInput(name: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where it is gone. */
  readInput(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  removeInput(name: string): Promise<void>;
  saveResult(name: string, bytes: Uint8Array): Promise<void>;
  readResult(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  removeResult(name: string): Promise<void>;
  /** Removes every result of these jobs, also one that its job's record does not know; gives their number. */
  removeResultsOf(jobIds: ReadonlySet<string>): Promise<number>;
  /**
   * Removes results older than `maxAgeMs` and sources older than that which `inUse` does not name; empties `temp/`
   * of what a kill left. Gives the number of files removed.
   */
  sweep(options: { inUse: ReadonlySet<string>; maxAgeMs: number; now: number }): Promise<number>;
}

/** The job of a result's file, by its name. */
export function jobIdOf(resultFile: string): string {
  return resultFile.replace(/[._].*$/, "");
}

/** Creates missing folders. */
export async function openFileStore(dataDir: string): Promise<FileStore> {
  const input = join(dataDir, "input");
  const output = join(dataDir, "output");
  const temp = join(dataDir, "temp");
  for (const folder of [input, output, temp]) await Deno.mkdir(folder, { recursive: true });

  async function save(folder: string, name: string, bytes: Uint8Array): Promise<void> {
    const part = join(temp, `${name}.part`);
    try {
      await Deno.writeFile(part, bytes);
      await flush(part);
      await Deno.rename(part, join(folder, name));
    } catch (error) {
      await remove(temp, `${name}.part`);
      throw error;
    }
  }

  async function sweepFolder(
    folder: string,
    keep: (name: string) => boolean,
    olderThan: number,
  ): Promise<number> {
    let removed = 0;
    for await (const entry of Deno.readDir(folder)) {
      if (!entry.isFile || keep(entry.name)) continue;
      const changedAt = await changedAtOf(join(folder, entry.name));
      if (changedAt === undefined || changedAt > olderThan) continue;
      await remove(folder, entry.name);
      removed++;
    }
    return removed;
  }

  return {
    saveInput: (name, bytes) => save(input, name, bytes),
    readInput: (name) => read(input, name),
    removeInput: (name) => remove(input, name),
    saveResult: (name, bytes) => save(output, name, bytes),
    readResult: (name) => read(output, name),
    removeResult: (name) => remove(output, name),
    async removeResultsOf(jobIds) {
      let removed = 0;
      for await (const { name } of Deno.readDir(output)) {
        if (!jobIds.has(jobIdOf(name))) continue;
        await remove(output, name);
        removed++;
      }
      return removed;
    },
    async sweep({ inUse, maxAgeMs, now }) {
      const old = now - maxAgeMs;
      const hourAgo = now - 3_600_000;
      return await sweepFolder(input, (name) => inUse.has(name), old) +
        await sweepFolder(output, (name) => inUse.has(name), old) +
        await sweepFolder(temp, () => false, hourAgo);
    },
  };
}

/** Flushes to disk: the job record that names the file survives a power cut, so the file must too. */
async function flush(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  await file.sync();
}

/** Milliseconds since 1970; undefined where the file has just gone. */
async function changedAtOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).mtime?.getTime() ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function read(folder: string, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(join(folder, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function remove(folder: string, name: string): Promise<void> {
  try {
    await Deno.remove(join(folder, name));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
