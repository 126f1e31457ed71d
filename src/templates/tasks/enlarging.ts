/**
 * By which factors a template makes a picture larger, and with which parameters. Owns what follows from a manifest: a parameter
 * `megapixels` reaches any size within its limits, `factor` is what a model without it always does. Pure.
 */
import { type Size } from "../../images/pixels/mod.ts";
import { type ParamValues, type Template } from "../mod.ts";

/** What buttons offer where any size can be had. */
const factors = [2, 4] as const;
/** As ComfyUI counts them. */
const megapixel = 1024 * 1024;
/** A picture counts as so many times larger though its sides miss that by 3 %: 4 × 1184 of 4 × 1200 at 16 megapixels. */
const tolerance = 1.03;

/** The factors by which the template can make a picture of that size larger; of any size where none is given. None for one that edits. */
export function factorsOf(template: Template, size?: Size): readonly number[] {
  if (template.kind !== "upscale") return [];
  if (template.factor !== undefined) return [template.factor];
  const spec = template.params["megapixels"]?.spec;
  if (spec?.kind !== "float") return [];
  return factors.filter((factor) =>
    size === undefined || megapixelsFor(size, factor) <= spec.max * tolerance ** 2
  );
}

/** The parameters with which it does; undefined where it cannot. */
export function enlarge(template: Template, size: Size, factor: number): ParamValues | undefined {
  if (!factorsOf(template, size).includes(factor)) return undefined;
  const spec = template.params["megapixels"]?.spec;
  if (template.factor !== undefined || spec?.kind !== "float") return {};
  return { megapixels: Math.min(spec.max, megapixelsFor(size, factor)) };
}

function megapixelsFor({ width, height }: Size, factor: number): number {
  return width * height * factor ** 2 / megapixel;
}
