/** The name of a template after the name of a file, in any script. */
import { latin } from "./latin.ts";

/** File names lose their ending, whatever picture or text they are. */
export function stemOf(file: string): string {
  return file.replace(/^.*[\\/]/, "").replace(
    /\.(json|png|webp|jpe?g|gif|avif|mp4|webm|txt)$/i,
    "",
  );
}

/** True for a file name that needs no transliteration. */
export function isPlain(file: string): boolean {
  return /^[\x20-\x7e]+$/.test(stemOf(file));
}

/** `My workflow (api).json` → `My_workflow_api`, `Мой.json` → `Moy`; `workflow` where nothing is left. At most 40 characters. */
export function nameFor(file: string): string {
  return latin(stemOf(file)).replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^_+|_+$/g, "").slice(
    0,
    40,
  ) || "workflow";
}
