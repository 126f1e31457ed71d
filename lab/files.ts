/** Looking at a folder while another process works in it: what goes meanwhile counts as not there. */
import { join } from "node:path";

/** The files of a folder and of those in it, relative to it and sorted: `input/a.png`. */
export async function filesUnder(dir: string): Promise<readonly string[]> {
  const entries = await ifThere(Array.fromAsync(Deno.readDir(dir))) ?? [];
  const files = await Promise.all(
    entries.map(async ({ name, isDirectory }) =>
      isDirectory ? (await filesUnder(join(dir, name))).map((below) => `${name}/${below}`) : [name]
    ),
  );
  return files.flat().sort();
}

/** A file's bytes; undefined where there is none. */
export function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return ifThere(Deno.readFile(path));
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
