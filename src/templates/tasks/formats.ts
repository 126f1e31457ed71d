/**
 * Other formats of a picture: it stands on a larger sheet, and the model fills in what is around it. Owns the words for that, where a
 * manifest has none of its own, and which templates can do it. Pure.
 */
import type { Format } from "../../jobs/mod.ts";
import { takesWords, type Template } from "../mod.ts";

/** For a sheet that is grey around the picture. Models are asked in English, whatever language their users speak. */
const fillIn =
  "The plain grey areas at the edges are empty. Fill them in so that the picture goes on there " +
  "naturally, with the same light, perspective and style. Keep what is between them exactly as it is.";

/** True where the template can fill in what is around a picture. */
export function fillsIn(template: Template): boolean {
  return template.kind === "edit" && takesWords(template) && template.outpaint !== false;
}

/** The words that ask it to. */
export function fillInWords({ outpaint }: Template): string {
  return outpaint || fillIn;
}

/** The shape of a format: width by height. */
export function shapeOf(format: Format): number {
  const [width, height] = format.split(":").map(Number) as [number, number];
  return width / height;
}
