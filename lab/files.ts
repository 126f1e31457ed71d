/** Files in a folder in which another process works: what goes while it is looked at counts as not there, what is written is there at once. */
import { Buffer } from "node:buffer";
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

/** The files under a folder that hold one of the words, as text or as V8 stores it, or these bytes. */
export async function filesHolding(
  dir: string,
  words: readonly string[],
  ...bytes: readonly Uint8Array[]
): Promise<readonly string[]> {
  const wanted = [
    ...bytes.map((each) => Buffer.from(each)),
    ...words.flatMap((each) => [Buffer.from(each), Buffer.from(each, "utf16le")]),
  ];
  const found: string[] = [];
  for (const file of await filesUnder(dir)) {
    const content = Buffer.from(await readIfThere(join(dir, file)) ?? []);
    if (wanted.some((each) => content.includes(each))) found.push(file);
  }
  return found;
}

/** Writes a file that another process watches: that one finds the former content or this one, never a part of it. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
