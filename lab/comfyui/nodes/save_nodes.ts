/**
 * The nodes that write pictures: SaveImage, PreviewImage, Image Saver Simple. Owns file names and what is written into the files.
 */
import { normalisePath } from "../folders.ts";
import { PythonError, stringifyAscii } from "../python.ts";
import { type Bitmap, encodeJpeg, encodePng, encodeWebp } from "./bitmap.ts";
import { withMark, withPngText } from "./file_text.ts";
import {
  flagOf,
  type NodeContext,
  numberOf,
  type Picture,
  type Result,
  textOf,
  valueOf,
} from "./values.ts";

/** SaveImage: `<prefix>_00001_.png`, the prefix may hold a folder. */
export function saveImage(node: NodeContext): Promise<Result> {
  return saveNumbered(node, "output", textOf(node, "filename_prefix", "ComfyUI"));
}

/** PreviewImage: the same among the temp files. */
export function previewImage(node: NodeContext): Promise<Result> {
  return saveNumbered(node, "temp", "ComfyUI_temp_simul");
}

async function saveNumbered(
  node: NodeContext,
  folder: "output" | "temp",
  prefix: string,
): Promise<Result> {
  const pictures = valueOf(node, "images", "picture");
  const path = normalisePath(fillPrefix(prefix, node, pictures.batch[0].bitmap));
  if (path === undefined) {
    throw new PythonError(
      "Exception",
      "**** ERROR: Saving image outside the output folder is not allowed.",
    );
  }
  const slash = path.lastIndexOf("/");
  const subfolder = slash < 0 ? "" : path.slice(0, slash);
  const base = path.slice(slash + 1);
  const images = [];
  let counter = nextCounter(node.folders.names(folder, subfolder), base);
  for (const picture of pictures.batch) {
    const filename = `${base}_${String(counter++).padStart(5, "0")}_.png`;
    const bytes = await encoded(node, picture, "png", 100, true);
    node.folders.write(folder, subfolder, filename, bytes);
    images.push({ filename, subfolder, type: folder });
  }
  return { values: [pictures], ui: { images } };
}

/** Image Saver Simple: `filename` and `path` with their %variables, png, jpeg or webp. */
export async function saveImageSimple(node: NodeContext): Promise<Result> {
  const { batch } = valueOf(node, "images", "picture");
  const fill = (text: string) => fillPattern(text, node, batch[0].bitmap);
  const subfolder = normalisePath(fill(textOf(node, "path", "")));
  const stem = fill(textOf(node, "filename", "%time_%seed")).replaceAll("/", "_");
  if (subfolder === undefined) {
    throw new PythonError("ValueError", "path is outside of the output directory");
  }
  const extension = textOf(node, "extension", "png");
  const quality = extension === "webp" && flagOf(node, "lossless_webp", true)
    ? undefined
    : numberOf(node, "quality_jpeg_or_webp", 100);
  const isEmbedding = flagOf(node, "embed_workflow", true);
  const images = [];
  for (const picture of batch) {
    const taken = new Set(node.folders.names("output", subfolder));
    let filename = `${stem}.${extension}`;
    for (let i = 1; taken.has(filename); i++) {
      filename = `${stem}_${String(i).padStart(2, "0")}.${extension}`;
    }
    const bytes = await encoded(node, picture, extension, quality, isEmbedding);
    node.folders.write("output", subfolder, filename, bytes);
    images.push({ filename, subfolder, type: "output" });
  }
  const text = (value: string) => ({ type: "literal", value } as const);
  return { values: [text(""), text("")], ui: { images } };
}

async function encoded(
  node: NodeContext,
  picture: Picture,
  extension: string,
  quality: number | undefined,
  isEmbedding: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const { bitmap } = picture;
  if (bitmap === undefined) return withMark(picture.source, `simulated ${node.item.promptId}`);
  if (extension === "jpg" || extension === "jpeg") return await encodeJpeg(bitmap, quality ?? 100);
  if (extension === "webp") return await encodeWebp(bitmap, quality);
  const png = await encodePng(bitmap);
  return isEmbedding && !node.settings.disableMetadata
    ? withPngText(png, "prompt", stringifyAscii(node.item.graph))
    : png;
}

/** `compute_vars` of folder_paths.py. */
function fillPrefix(prefix: string, node: NodeContext, bitmap: Bitmap | undefined): string {
  const time = clock(node);
  return prefix
    .replaceAll("%width%", String(bitmap?.width ?? 0))
    .replaceAll("%height%", String(bitmap?.height ?? 0))
    .replaceAll("%year%", time.Y)
    .replaceAll("%month%", time.m)
    .replaceAll("%day%", time.d)
    .replaceAll("%hour%", time.H)
    .replaceAll("%minute%", time.M)
    .replaceAll("%second%", time.S);
}

/** Image Saver's variables. Those of its `metadata` input are empty or 0: recorded, that input is not wired. */
function fillPattern(pattern: string, node: NodeContext, bitmap: Bitmap | undefined): string {
  const counter = String(numberOf(node, "counter", 0));
  return pattern
    .replaceAll(/%time_format<([^>]*)>/g, (_all, format) => strftime(String(format), node))
    .replaceAll(
      /%counter<(\d+)>/g,
      (_all, width) => counter.padStart(Math.min(20, Number(width)), "0"),
    )
    .replaceAll("%counter", counter)
    .replaceAll("%date", strftime("%Y-%m-%d", node))
    .replaceAll("%time", strftime(textOf(node, "time_format", "%Y-%m-%d-%H%M%S"), node))
    .replaceAll("%width", String(bitmap?.width ?? 0))
    .replaceAll("%height", String(bitmap?.height ?? 0))
    .replaceAll(/%(seed|steps|cfg|denoise|clip_skip)/g, "0")
    .replaceAll(/%(basemodelname|model|sampler_name|scheduler_name)/g, "");
}

function strftime(format: string, node: NodeContext): string {
  const time = clock(node);
  return format.replaceAll(
    /%([YmdHMS])/g,
    (_all, letter) => time[letter as keyof ReturnType<typeof clock>],
  );
}

function clock(node: NodeContext) {
  const now = new Date(node.settings.now());
  const two = (value: number) => String(value).padStart(2, "0");
  return {
    Y: String(now.getFullYear()),
    m: two(now.getMonth() + 1),
    d: two(now.getDate()),
    H: two(now.getHours()),
    M: two(now.getMinutes()),
    S: two(now.getSeconds()),
  };
}

/** `get_save_image_path`: one more than the largest number there. */
function nextCounter(names: readonly string[], base: string): number {
  let largest = 0;
  for (const name of names) {
    if (!name.startsWith(`${base}_`)) continue;
    const counter = Number(/^(\d+)_/.exec(name.slice(base.length + 1))?.[1] ?? 0);
    largest = Math.max(largest, counter);
  }
  return largest + 1;
}
