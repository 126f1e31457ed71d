/**
 * The nodes that give, scale, join and change pictures. Each works on a whole batch; none knows of words or samplers.
 */
import { PythonError } from "../python.ts";
import { type Bitmap, blank, crop, decode, paste, resize } from "./bitmap.ts";
import {
  type Batch,
  flagOf,
  gives,
  mapBatch,
  type NodeContext,
  numberOf,
  optionalOf,
  type Result,
  textOf,
  valueOf,
} from "./values.ts";
import { blurred, inverted } from "./visible_change.ts";

const OPAQUE = { type: "opaque" } as const;
const MEGAPIXEL = 1024 * 1024;
/** A picture is never made larger than this, whatever its factor: 16 MP. */
const MAX_PIXELS = 16 * MEGAPIXEL;
/** The sizes that FLUX.1 Kontext was made for: comfy_extras/nodes_flux.py. */
const KONTEXT_WIDTHS = [672, 688, 720, 752, 800, 832, 880, 944, 1024];
const KONTEXT_HEIGHTS = [1568, 1504, 1456, 1392, 1328, 1248, 1184, 1104, 1024];

/** LoadImage. It takes any upload: what is no picture fails here, in the run (recordings-0.33/execution_error_broken_picture). */
export async function loadImage(node: NodeContext): Promise<Result> {
  const name = textOf(node, "image", "");
  const file = node.folders.find(name);
  if (file === undefined) {
    throw new PythonError(
      "FileNotFoundError",
      `[Errno 2] No such file or directory: '/opt/ComfyUI/input/${name}'`,
    );
  }
  const bitmap = node.settings.scale ? await decode(file.bytes) : undefined;
  if (node.settings.scale ? bitmap === undefined : !looksLikePicture(file.bytes)) {
    throw new PythonError(
      "PIL.UnidentifiedImageError",
      `cannot identify image file '/opt/ComfyUI/input/${name}'`,
    );
  }
  return gives({ type: "picture", batch: [{ bitmap, source: file.bytes }] }, OPAQUE);
}

/** True where the first bytes are those of a PNG, JPEG, GIF, TIFF, BMP or WebP. */
function looksLikePicture(bytes: Uint8Array): boolean {
  const head = String.fromCharCode(...bytes.subarray(0, 4));
  return /^(\x89PNG|\xff\xd8|GIF8|II\*\0|MM\0\*|BM|RIFF)/s.test(head);
}

/**
 * ImageScaleToTotalPixels: sides times the square root of what is wanted over what is there, rounded to `resolution_steps`
 * (comfy_extras/nodes_post_processing.py; 1 where the class has no such input).
 */
export function scaleToTotalPixels(node: NodeContext): Promise<Result> {
  const steps = Math.max(1, numberOf(node, "resolution_steps", 1));
  const total = numberOf(node, "megapixels", 1) * MEGAPIXEL;
  return resizeEach(node, "image", (bitmap) => totalPixels(bitmap, total, steps));
}

/** ImageScale: to that size; a side of 0 follows the other. */
export function scaleToSize(node: NodeContext): Promise<Result> {
  return resizeEach(
    node,
    "image",
    (bitmap) => withSides(bitmap, numberOf(node, "width", 0), numberOf(node, "height", 0)),
  );
}

/** ImageScaleBy. */
export function scaleBy(node: NodeContext): Promise<Result> {
  return resizeEach(node, "image", (bitmap) => times(bitmap, numberOf(node, "scale_by", 1)));
}

/** ImageScaleToMaxDimension. */
export function scaleToLongest(node: NodeContext): Promise<Result> {
  return resizeEach(
    node,
    "image",
    (bitmap) =>
      times(bitmap, numberOf(node, "largest_size", 512) / Math.max(bitmap.width, bitmap.height)),
  );
}

/** FluxKontextImageScale: the nearest shape of about 1 MP, the middle of the picture. */
export function scaleForKontext(node: NodeContext): Promise<Result> {
  const sizes = KONTEXT_WIDTHS.map((width, i) => [width, KONTEXT_HEIGHTS[i] ?? width] as const);
  const all = [...sizes, ...sizes.map(([width, height]) => [height, width] as const)];
  return mapPictures(node, "image", async (bitmap) => {
    const ratio = bitmap.width / bitmap.height;
    const distance = ([width, height]: readonly [number, number]) =>
      Math.abs(ratio - width / height);
    const [width, height] = all.reduce((a, b) => distance(b) < distance(a) ? b : a);
    const factor = Math.max(width / bitmap.width, height / bitmap.height);
    const scaled = await resize(bitmap, ...times(bitmap, factor));
    const left = Math.max(0, Math.floor((scaled.width - width) / 2));
    const top = Math.max(0, Math.floor((scaled.height - height) / 2));
    return crop(scaled, left, top, width, height);
  });
}

/** ResizeImageMaskNode: a dynamic combo of ways. Cropping and masks are left out. */
export function resizeImage(node: NodeContext): Promise<Result> {
  const of = (name: string) => numberOf(node, `resize_type.${name}`, 0);
  const match = optionalOf(node, "resize_type.match", "picture")?.batch[0].bitmap;
  const multiple = Math.max(1, of("multiple"));
  return resizeEach(node, "input", (bitmap) => {
    const { width, height } = bitmap;
    switch (textOf(node, "resize_type", "")) {
      case "scale by multiplier":
        return times(bitmap, of("multiplier"));
      case "scale longer dimension":
        return times(bitmap, of("longer_size") / Math.max(width, height));
      case "scale shorter dimension":
        return times(bitmap, of("shorter_size") / Math.min(width, height));
      case "scale total pixels":
        return totalPixels(bitmap, of("megapixels") * MEGAPIXEL, 1);
      case "match size":
        return match === undefined ? [width, height] : [match.width, match.height];
      case "scale to multiple":
        return [width - width % multiple, height - height % multiple];
      default:
        return withSides(bitmap, of("width"), of("height"));
    }
  });
}

/** ImageUpscaleWithModel: by the factor in the model's name, `4x-UltraSharp.pth` or `RealESRGAN_x4plus`. */
export function upscale(node: NodeContext): Promise<Result> {
  const [, before, after] = /(\d)x|x(\d)/i.exec(textOf(node, "upscale_model", "")) ?? [];
  return resizeEach(node, "image", (bitmap) => times(bitmap, Number(before ?? after ?? 4)));
}

/** ImageStitch: the second picture beside the first, as high as that; nothing where there is no second. */
export async function stitch(node: NodeContext): Promise<Result> {
  const first = valueOf(node, "image1", "picture");
  const second = optionalOf(node, "image2", "picture")?.batch[0].bitmap;
  const bitmap = first.batch[0].bitmap;
  if (bitmap === undefined || second === undefined) return gives(first);
  const isAcross = ["right", "left"].includes(textOf(node, "direction", "right"));
  const factor = isAcross ? bitmap.height / second.height : bitmap.width / second.width;
  const other = flagOf(node, "match_image_size", true)
    ? await resize(second, ...times(second, factor))
    : second;
  const pair = ["left", "up"].includes(textOf(node, "direction", "right"))
    ? [other, bitmap] as const
    : [bitmap, other] as const;
  const joined = isAcross
    ? blank(pair[0].width + pair[1].width, Math.max(pair[0].height, pair[1].height))
    : blank(Math.max(pair[0].width, pair[1].width), pair[0].height + pair[1].height);
  joined.rgba.fill(255);
  paste(joined, pair[0], 0, 0);
  paste(joined, pair[1], isAcross ? pair[0].width : 0, isAcross ? 0 : pair[0].height);
  return gives({ type: "picture", batch: [{ ...first.batch[0], bitmap: joined }] });
}

/** ImageBatch and BatchImagesNode: all pictures that are wired, in the order of their inputs' names; sized like the first. */
export async function joinBatch(node: NodeContext): Promise<Result> {
  const names = [...node.inputs.keys()].sort((a, b) => numberIn(a) - numberIn(b));
  const [first, ...rest] = names.flatMap((name) => optionalOf(node, name, "picture")?.batch ?? []);
  if (first === undefined) throw new PythonError("ValueError", "no image in the batch");
  const size = first.bitmap;
  const batch = await mapBatch([first, ...rest], async ({ bitmap, source }) => ({
    source,
    bitmap: bitmap && size && await resize(bitmap, size.width, size.height),
  }));
  return gives({ type: "picture", batch });
}

/** GetImageSize: also sends its text, as a binary frame of type 3. */
export function imageSize(node: NodeContext): Result {
  const { batch } = valueOf(node, "image", "picture");
  const { width, height } = batch[0].bitmap ?? { width: 1024, height: 1024 };
  node.tell(`width: ${width}, height: ${height}\n batch size: ${batch.length}`);
  const number = (value: number) => ({ type: "literal", value } as const);
  return gives(number(width), number(height), number(batch.length));
}

/** ImageInvert. */
export function invert(node: NodeContext): Promise<Result> {
  return mapPictures(node, "image", inverted);
}

/** ImageBlur. */
export function blur(node: NodeContext): Promise<Result> {
  return mapPictures(node, "image", blurred);
}

/** ImageCrop. */
export function cropImage(node: NodeContext): Promise<Result> {
  const of = (input: string) => numberOf(node, input, 0);
  return mapPictures(
    node,
    "image",
    (bitmap) => crop(bitmap, of("x"), of("y"), of("width"), of("height")),
  );
}

/** RMBG of the pack ComfyUI-RMBG: an oval in the middle stays, its edge is soft. */
export async function cutOut(node: NodeContext): Promise<Result> {
  const cut = await mapPictures(node, "image", (bitmap) => {
    const { width, height } = bitmap;
    const rgba = bitmap.rgba.slice();
    for (let at = 3; at < rgba.length; at += 4) {
      const [x, y] = [
        (at >> 2) % width / width - 0.5,
        Math.floor((at >> 2) / width) / height - 0.5,
      ];
      const distance = Math.hypot(x / 0.34, y / 0.46);
      rgba[at] = 255 * Math.min(1, Math.max(0, (1 - distance) * 20));
    }
    return { width, height, rgba };
  });
  return { ...cut, values: [...cut.values, OPAQUE, OPAQUE] };
}

type Size = readonly [width: number, height: number];

async function mapPictures(
  node: NodeContext,
  input: string,
  change: (bitmap: Bitmap) => Bitmap | Promise<Bitmap>,
): Promise<Result> {
  const { batch } = valueOf(node, input, "picture");
  const changed: Batch = await mapBatch(batch, async ({ bitmap, source }) => ({
    source,
    bitmap: bitmap && await change(bitmap),
  }));
  return gives({ type: "picture", batch: changed });
}

function resizeEach(
  node: NodeContext,
  input: string,
  sizeOf: (bitmap: Bitmap) => Size,
): Promise<Result> {
  return mapPictures(node, input, (bitmap) => resize(bitmap, ...sizeOf(bitmap)));
}

function times({ width, height }: Bitmap, factor: number): Size {
  const bounded = Math.min(factor, Math.sqrt(MAX_PIXELS / (width * height)));
  return [Math.max(1, Math.round(width * bounded)), Math.max(1, Math.round(height * bounded))];
}

function totalPixels({ width, height }: Bitmap, total: number, steps: number): Size {
  const factor = Math.sqrt(Math.min(total, MAX_PIXELS) / (width * height));
  const side = (length: number) => Math.max(1, Math.round(length * factor / steps)) * steps;
  return [side(width), side(height)];
}

function withSides(bitmap: Bitmap, width: number, height: number): Size {
  if (width === 0 && height === 0) return [bitmap.width, bitmap.height];
  if (width === 0) return times(bitmap, height / bitmap.height);
  if (height === 0) return times(bitmap, width / bitmap.width);
  return [width, height];
}

function numberIn(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 0);
}
