/**
 * What each node class does, as far as a client can see it: loaders, words, latents; pictures are image_nodes.ts's.
 * Classes that are not named here pass their first linked input on.
 */
import { PythonError, str } from "../python.ts";
import { blank } from "./bitmap.ts";
import {
  blur,
  cropImage,
  cutOut,
  imageSize,
  invert,
  joinBatch,
  loadImage,
  resizeImage,
  scaleBy,
  scaleForKontext,
  scaleToLongest,
  scaleToSize,
  scaleToTotalPixels,
  stitch,
  upscale,
} from "./image_nodes.ts";
import { sample } from "./sampler.ts";
import { previewImage, saveImage, saveImageSimple } from "./save_nodes.ts";
import {
  flagOf,
  gives,
  literalOf,
  type NodeContext,
  numberOf,
  optionalOf,
  type Picture,
  type Result,
  seedOf,
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
  DualCLIPLoader: () => gives(OPAQUE),
  VAELoader: () => gives(OPAQUE),
  UpscaleModelLoader: (node) => loadModel(node, "model_name", [literal(node, "model_name")]),

  LoadImage: loadImage,
  LoadImageOutput: loadImage,
  ImageScaleToTotalPixels: scaleToTotalPixels,
  ImageScale: scaleToSize,
  ImageScaleBy: scaleBy,
  ImageScaleToMaxDimension: scaleToLongest,
  FluxKontextImageScale: scaleForKontext,
  ResizeImageMaskNode: resizeImage,
  ImageUpscaleWithModel: upscale,
  ImageStitch: stitch,
  ImageBatch: joinBatch,
  BatchImagesNode: joinBatch,
  GetImageSize: imageSize,
  ImageInvert: invert,
  ImageBlur: blur,
  ImageCrop: cropImage,
  RMBG: cutOut,
  JoinImageWithAlpha: (node) => gives(valueOf(node, "image", "picture")),
  SeedVR2PostProcessing: (node) => gives(valueOf(node, "images", "picture")),

  CLIPTextEncode: (node) => gives(words(textOf(node, "text", ""))),
  TextEncodeQwenImageEdit: (node) => encodeText(node, ["image"]),
  TextEncodeQwenImageEditPlus: (node) => encodeText(node, ["image1", "image2", "image3"]),
  TextEncodeQwenImage21: encodeQwen21,
  ReferenceLatent: referenceLatent,
  FluxGuidance: (node) => gives(valueOf(node, "conditioning", "conditioning")),
  ConditioningZeroOut: () => gives(words("")),
  SeedVR2Conditioning: () => gives(words(undefined), words(undefined)),

  VAEEncode: encodePixels,
  VAEEncodeTiled: encodePixels,
  VAEDecode: decodeLatent,
  VAEDecodeTiled: decodeLatent,
  EmptyLatentImage: emptyLatent,
  EmptySD3LatentImage: emptyLatent,
  EmptyFlux2LatentImage: emptyLatent,

  KSampler: sample,
  KSamplerAdvanced: sample,
  ClownsharKSampler_Beta: sample,
  SamplerCustom: sample,
  SamplerCustomAdvanced: sample,
  RandomNoise: (node) => gives({ type: "noise", seed: seedOf(node, "noise_seed") }),
  KSamplerSelect: (node) => gives({ type: "sampler", name: textOf(node, "sampler_name", "euler") }),
  CFGGuider: (node) => guide(node, "positive", numberOf(node, "cfg", 1)),
  BasicGuider: (node) => guide(node, "conditioning", 1),
  BasicScheduler: (node) => sigmas(numberOf(node, "steps", 20), numberOf(node, "denoise", 1)),
  Flux2Scheduler: (node) => sigmas(numberOf(node, "steps", 20), 1),
  // n sigmas are n - 1 steps.
  ManualSigmas: (node) => sigmas(textOf(node, "sigmas", "").split(",").length - 1, 1),

  PrimitiveInt: (node) => gives(literal(node, "value")),
  PrimitiveFloat: (node) => gives(literal(node, "value")),
  PrimitiveBoolean: (node) => gives(literal(node, "value")),
  PrimitiveString: (node) => gives(literal(node, "value")),
  PrimitiveStringMultiline: (node) => gives(literal(node, "value")),
  ComfySwitchNode: (node) => gives(node.inputs.get(branchOf(node)) ?? OPAQUE),

  SaveImage: saveImage,
  SaveImageAdvanced: saveImage,
  PreviewImage: previewImage,
  "Image Saver Simple": saveImageSimple,
  PreviewAny: (node) => {
    const value = literalOf(node, "source", "");
    return { values: [{ type: "literal", value: str(value) }], ui: { text: [str(value)] } };
  },
};

/** Runs a node. Throws a PythonError where it fails, and whatever `node.step` throws. */
export async function runNode(node: NodeContext): Promise<Result> {
  return await (BEHAVIOURS[node.classType] ?? passOn)(node);
}

/** Which of its lazy inputs a node wants (`check_lazy_status`): a switch its own branch, others all. */
export function wantedLazily(
  node: Pick<NodeContext, "classType" | "inputs">,
  lazy: readonly string[],
): readonly string[] {
  return node.classType === "ComfySwitchNode" ? [branchOf(node)] : lazy;
}

function branchOf(node: Pick<NodeContext, "inputs">): "on_true" | "on_false" {
  return flagOf(node, "switch", false) ? "on_true" : "on_false";
}

function passOn(node: NodeContext): Result {
  const first = [...node.inputs.values()].find((value) => value.type !== "literal");
  return gives(first ?? OPAQUE);
}

function literal(node: NodeContext, input: string): Value {
  return { type: "literal", value: literalOf(node, input, 0) };
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

function words(text: string | undefined, pictures: readonly Picture[] = []): Value {
  return { type: "conditioning", words: text, pictures };
}

function encodeText(node: NodeContext, inputs: readonly string[]): Result {
  const pictures = inputs.flatMap((input) => optionalOf(node, input, "picture")?.batch ?? []);
  return gives(words(textOf(node, "prompt", ""), pictures));
}

/** TextEncodeQwenImage21: both conditionings, and an empty latent that is sized like the first picture. */
function encodeQwen21(node: NodeContext): Result {
  const names = Array.from({ length: 16 }, (_, i) => `images.image_${i + 1}`);
  const pictures = names.flatMap((name) => optionalOf(node, name, "picture")?.batch ?? []);
  const [first] = pictures;
  return gives(
    words(textOf(node, "prompt", ""), pictures),
    words(textOf(node, "negative_prompt", "")),
    { type: "latent", batch: [first ?? grey(1024, 1024)], isEmpty: true },
  );
}

function referenceLatent(node: NodeContext): Result {
  const conditioning = valueOf(node, "conditioning", "conditioning");
  const latent = optionalOf(node, "latent", "latent");
  const pictures = [...conditioning.pictures, ...latent?.batch ?? []];
  return gives({ ...conditioning, pictures });
}

function encodePixels(node: NodeContext): Result {
  return gives({ type: "latent", batch: valueOf(node, "pixels", "picture").batch, isEmpty: false });
}

function decodeLatent(node: NodeContext): Result {
  return gives({ type: "picture", batch: valueOf(node, "samples", "latent").batch });
}

function emptyLatent(node: NodeContext): Result {
  const picture = grey(numberOf(node, "width", 1024), numberOf(node, "height", 1024));
  const more = Array.from({ length: numberOf(node, "batch_size", 1) - 1 }, () => picture);
  return gives({ type: "latent", batch: [picture, ...more], isEmpty: true });
}

function grey(width: number, height: number): Picture {
  const bitmap = blank(width, height);
  bitmap.rgba.fill(128);
  return { bitmap, source: new Uint8Array(0) };
}

function guide(node: NodeContext, input: string, cfg: number): Result {
  return gives({ type: "guider", positive: valueOf(node, input, "conditioning"), cfg });
}

function sigmas(steps: number, denoise: number): Result {
  return gives({ type: "sigmas", steps, denoise });
}
