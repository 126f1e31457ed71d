/**
 * What `edit` was asked for, made into values of one template: pictures that are pictures, parameters within their limits. Owns
 * the English sentences for what is wrong; asks no backend.
 */

import { type Config } from "../../config/mod.ts";
import { textIn } from "../../i18n/mod.ts";
import { createDrawing, takePicture } from "../../images/drawing/mod.ts";
import { type ImageInfo, type ImageProblem } from "../../images/mod.ts";
import { messageOf, probableName } from "../../lib/mod.ts";
import {
  drawSeeds,
  type ParamValue,
  type ParamValues,
  parseInline,
  parseParam,
  specsOf,
  takesWords,
  type Template,
} from "../../templates/mod.ts";
import { paramLines } from "./workflows.ts";

/** A picture that can be edited. */
export interface Picture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly info: ImageInfo;
}

/** What was asked for, or a sentence for each thing that is wrong with it. */
export type Read<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads one picture file; a file that cannot be read is a problem too. */
export async function readPicture(path: string, limits: Config["image"]): Promise<Read<Picture>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    const what = error instanceof Deno.errors.NotFound ? "there is no such file" : messageOf(error);
    return { ok: false, problems: [`Cannot read ${path}: ${what} (wanted a picture)`] };
  }
  const life = new AbortController();
  try {
    const drawing = createDrawing(life.signal);
    const { maxBytes, formats: allowedFormats } = limits;
    const taken = await takePicture(bytes, { maxBytes, allowedFormats }, drawing);
    return taken.ok
      ? { ok: true, value: { bytes: taken.bytes, info: taken.image } }
      : { ok: false, problems: [`Cannot edit ${path}: ${describe(taken.problem)}`] };
  } finally {
    life.abort();
  }
}

function describe(problem: ImageProblem): string {
  switch (problem.kind) {
    case "empty":
      return "it is empty (wanted a picture)";
    case "too_large":
      return `it has ${problem.bytes} bytes (wanted at most ${problem.maxBytes}: image.max_size_mb in config.yaml)`;
    case "not_an_image":
      return `it is ${
        problem.looksLike === undefined ? "no picture" : `a ${problem.looksLike} file`
      } (wanted a JPEG, PNG, WebP, HEIC or AVIF)`;
    case "format_not_allowed":
      return `it is a ${problem.format} (wanted ${problem.allowed.join(" or ")})`;
    case "too_many_pixels":
      return `it has ${problem.width} × ${problem.height} pixels (wanted at most ${problem.maxPixels} in all)`;
    case "side_too_long":
      return `it has ${problem.width} × ${problem.height} pixels (wanted at most ${problem.maxSide} a side)`;
    case "ratio":
      return `it has ${problem.width} × ${problem.height} pixels (wanted sides of at most 1 to ${problem.maxRatio})`;
    case "truncated":
      return "its end is missing (wanted the whole file)";
    case "damaged":
      return `it is damaged: ${problem.detail} (wanted a whole ${problem.format})`;
    case "animated":
      return "it is an animation (wanted a still picture)";
    default:
      return problem satisfies never;
  }
}

/** The text and the parameters for one run; the seed is drawn. */
export interface EditValues {
  readonly promptText: string;
  readonly params: ParamValues;
}

/** `sets` are `NAME=VALUE`; they win over what stands in the text. `random` gives numbers from 0 up to, not including, 1. */
export function readValues(
  template: Template,
  { text = "", sets, random }: {
    readonly text: string | undefined;
    readonly sets: readonly string[];
    readonly random: () => number;
  },
): Read<EditValues> {
  const specs = specsOf(template);
  const names = Object.keys(specs);
  const inline = parseInline(text, specs);
  const values: Record<string, ParamValue> = { ...inline.values };
  const problems = inline.problems.map((problem) => textIn("en").inlineProblem(problem, names));
  for (const set of sets) {
    const [, written = "", raw = ""] = /^([^=]+)=(.*)$/s.exec(set) ?? [];
    const name = written.trim().toLowerCase().replaceAll("-", "_");
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (written === "") {
      problems.push(`Cannot set "${set}" (wanted NAME=VALUE)`);
    } else if (spec === undefined) {
      const nearest = probableName(name, names);
      const unknown = { kind: "unknown", name: written, ...(nearest && { nearest }) } as const;
      problems.push(textIn("en").inlineProblem(unknown, names));
    } else {
      const parsed = parseParam(spec, raw);
      if (parsed.ok) values[name] = parsed.value;
      else problems.push(textIn("en").paramProblem({ name, problem: parsed.problem }));
    }
  }
  if (problems.length > 0) {
    const known = paramLines(template).map((line) => `  ${line}`);
    return { ok: false, problems: [...problems, `${template.name} has:`, ...known] };
  }
  if (takesWords(template) !== (inline.promptText !== "")) {
    const problem = takesWords(template)
      ? "Cannot edit: --text is empty (wanted what to change)"
      : `Cannot edit: ${template.name} takes no words (wanted nothing but parameters in --text)`;
    return { ok: false, problems: [problem] };
  }
  const params = drawSeeds(specs, values, random);
  return { ok: true, value: { promptText: inline.promptText, params } };
}

/** A name for ComfyUI's input folder: no two runs share one. */
export function uploadName(runId: string, index: number, { info }: Picture): string {
  return `image-edit-bot_${runId}_${index + 1}.${info.extension}`;
}
