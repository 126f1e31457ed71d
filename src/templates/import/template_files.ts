/**
 * The two files of an imported template in the owner's `workflows/` folder. Owns that both are there or none is; a bot that
 * watches the folder never sees half of one.
 */
import { dirname, join } from "node:path";
import { messageOf } from "../../lib/mod.ts";

/** A template's name and its two files as text. */
export interface TemplateText {
  readonly name: string;
  readonly graph: string;
  readonly manifest: string;
}

export type Written =
  | { readonly type: "written"; readonly paths: readonly string[] }
  | { readonly type: "exists"; readonly path: string }
  /** The folder cannot be written to; `reason` is the system's. */
  | { readonly type: "failed"; readonly reason: string };

/** Writes both files into `folder`, which is made where it is not there. Never rejects. */
export async function writeTemplate(
  folder: string,
  { name, graph, manifest }: TemplateText,
  { force }: { readonly force: boolean },
): Promise<Written> {
  const files = [
    { path: join(folder, `${name}.json`), text: graph },
    { path: join(folder, `${name}.yaml`), text: manifest },
  ];
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const { path } of files) if (!force && await exists(path)) return { type: "exists", path };
    for (const { path, text } of files) await Deno.writeTextFile(draftOf(path), text);
    for (const { path } of files) await Deno.rename(draftOf(path), path);
    return { type: "written", paths: files.map(({ path }) => path) };
  } catch (error) {
    for (const { path } of files) await Deno.remove(draftOf(path)).catch(() => {});
    return { type: "failed", reason: messageOf(error) };
  }
}

/** Takes both files away; one that is gone is no error. Rejects where the folder cannot be written to. */
export async function removeTemplate(folder: string, name: string): Promise<void> {
  for (const ending of ["yaml", "json"]) {
    try {
      await Deno.remove(join(folder, `${name}.${ending}`));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** Hidden, and so no template. */
function draftOf(path: string): string {
  return join(dirname(path), `.${path.slice(dirname(path).length + 1)}.new`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
