/** Cutting out: the background goes, and what is left can be seen through around it. Owns which templates do it, and their words. Pure. */
import { takesWords, type Template } from "../mod.ts";

/** For a model that wants to be told. */
const words = "Remove the background and make it transparent. Keep the subject exactly as it is.";

/** True where the template cuts out. */
export function cutsOut({ kind }: Template): boolean {
  return kind === "cutout";
}

/** What such a model is told; nothing where it takes no words. */
export function cutOutWords(template: Template): string {
  return takesWords(template) ? words : "";
}
