/**
 * What a template can do besides editing by a user's words, as its manifest says. Owns what a task asks of it: parameters and
 * words. Does not know who asks for it.
 */
import type { Job } from "../../jobs/mod.ts";
import type { Template } from "../mod.ts";
import { cutOutWords } from "./cutouts.ts";
import { fillInWords } from "./formats.ts";
import { withMarks } from "./marks.ts";

export { speaksOfMarks } from "./marks.ts";
export { cutsOut } from "./cutouts.ts";
export { fillsIn, shapeOf } from "./formats.ts";
export { finishResult, padded, type ResultDrawing } from "./pictures.ts";
export { enlarge, factorsOf } from "./enlarging.ts";

/** What a job's model is told. */
export function wordsFor(
  template: Template,
  { promptText, format, task }: Pick<Job, "promptText" | "format" | "task">,
): string {
  if (format !== undefined) return fillInWords(template);
  return task === "cutout" ? cutOutWords(template) : withMarks(template, promptText);
}
