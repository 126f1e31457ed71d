/**
 * What each node class does, as far as a client can see it. Classes that are not named here pass their first linked input on.
 */
import { blank, crop, decode, resize } from "./bitmap.ts";
import { blurred, inverted } from "./look.ts";
import { PythonError } from "./python.ts";
import { sample } from "./sampler.ts";
import { previewImage, saveImage, saveImageSimple } from "./saver.ts";
import {
  literalOf,
  type NodeContext,
  numberOf,
  optionalOf,
  type PictureValue,
  type Result,
  textOf,
  type Value,
  valueOf,
} from "./values.ts";

type Behaviour = (node: NodeContext) => Promise<Result> | Result;

/** A checkpoint that is in the list and cannot be read: recordings/execution_error_broken_checkpoint. */
const BROKEN_CHECKPOINT = "broken.safetensors";
const OPAQUE: Value = { type: "opaque" };

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  CheckpointLoaderSimple: (node) => loadModel(node, "ckpt_name", [OPAQUE, OPAQUE, OPAQUE]),
  UNETLoader: (node) => loadModel(node, "unet_name", [OPAQUE]),
  CLIPLoader: () => gives(OPAQUE),
  VAELoader: () => gives(OPAQUE),
  LoadImage: loadImage,
  ImageScaleToTotalPixels: scaleToTotalPixels,
  ImageInvert: (node) => mapPicture(node, inverted),
  ImageBlur: (node) => mapPicture(node, blurred),
  ImageCrop: (node) =>
    mapPicture(node, (bitmap) => {
      const of = (input: string) => numberOf(node, input, 0);
      return crop(bitmap, of("x"), of("y"), of("width"), of("height"));
    }),
  TextEncodeQwenImageEdit: (node) => encodeText(node, ["image"]),
  TextEncodeQwenImageEditPlus: (node) => encodeText(node, ["image1", "image2", "image3"]),
  ConditioningZeroOut: () => gives({ type: "conditioning", words: "", pictures: [] }),
  VAEEncode: (node) => gives({ type: "latent", picture: valueOf(node, "pixels", "picture") }),
  VAEDecode: (node) => gives(valueOf(node, "samples", "latent").picture),
  EmptySD3LatentImage: emptyLatent,
  KSampler: sample,
  KSamplerAdvanced: sample,
  ClownsharKSampler_Beta: sample,
  PrimitiveInt: (node) => gives({ type: "literal", value: literalOf(node, "value", 0) }),
  PrimitiveFloat: (node) => gives({ type: "literal", value: literalOf(node, "value", 0) }),
  SaveImage: saveImage,
  PreviewImage: previewImage,
  "Image Saver Simple": saveImageSimple,
};

/** Runs a node. Throws a PythonError where it fails, and whatever `node.step` throws. */
export async function runNode(node: NodeContext): Promise<Result> {
  return await (BEHAVIOURS[node.classType] ?? passOn)(node);
}

function gives(...values: readonly Value[]): Result {
  return { values, ui: undefined };
}

function passOn(node: NodeContext): Result {
  const first = [...node.inputs.values()].find((value) => value.type !== "literal");
  return gives(first ?? OPAQUE);
}

async function loadModel(
  node: NodeContext,
  input: string,
  values: readonly Value[],
): Promise<Result> {
  const name = textOf(node, input, "");
  if (name === BROKEN_CHECKPOINT) {
    throw new PythonError(
      "safetensors._safetensors_rust.SafetensorError",
      "Error while deserializing header: invalid JSON in header: expected ident at line 1 column 2",
    );
  }
  await node.load(name);
  return gives(...values);
}

async function loadImage(node: NodeContext): Promise<Result> {
  const name = textOf(node, "image", "");
  const file = node.folders.find(name);
  if (file === undefined) {
    throw new PythonError(
      "FileNotFoundError",
      `[Errno 2] No such file or directory: '/opt/ComfyUI/input/${name}'`,
    );
  }
  if (!node.settings.scale) {
    return gives({ type: "picture", bitmap: undefined, source: file.bytes }, OPAQUE);
  }
  const bitmap = await decode(file.bytes);
  if (bitmap === undefined) {
    throw new PythonError(
      "PIL.UnidentifiedImageError",
      `cannot identify image file '/opt/ComfyUI/input/${name}'`,
    );
  }
  return gives({ type: "picture", bitmap, source: file.bytes }, OPAQUE);
}

/** The new size: sides times the square root of what is wanted over what is there, rounded, as nodes_post_processing.py. */
async function scaleToTotalPixels(node: NodeContext): Promise<Result> {
  const picture = valueOf(node, "image", "picture");
  const { bitmap } = picture;
  if (bitmap === undefined) return gives(picture);
  const total = numberOf(node, "megapixels", 1) * 1024 * 1024;
  const factor = Math.sqrt(total / (bitmap.width * bitmap.height));
  const scaled = await resize(
    bitmap,
    Math.round(bitmap.width * factor),
    Math.round(bitmap.height * factor),
  );
  return gives({ ...picture, bitmap: scaled });
}

function mapPicture(
  node: NodeContext,
  change: (bitmap: NonNullable<PictureValue["bitmap"]>) => NonNullable<PictureValue["bitmap"]>,
): Result {
  const picture = valueOf(node, "image", "picture");
  const { bitmap } = picture;
  return gives(bitmap === undefined ? picture : { ...picture, bitmap: change(bitmap) });
}

function encodeText(node: NodeContext, inputs: readonly string[]): Result {
  return gives({
    type: "conditioning",
    words: textOf(node, "prompt", ""),
    pictures: inputs.flatMap((input) => optionalOf(node, input, "picture") ?? []),
  });
}

function emptyLatent(node: NodeContext): Result {
  const bitmap = blank(numberOf(node, "width", 1024), numberOf(node, "height", 1024));
  bitmap.rgba.fill(128);
  return gives({
    type: "latent",
    picture: { type: "picture", bitmap, source: new Uint8Array(0) },
  });
}
