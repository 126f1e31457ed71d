/**
 * The samplers: how many steps, how many model calls each costs, how the picture forms. The change itself is visible_change.ts's.
 */
import { type Bitmap, encodeJpeg, fitWithin, resize } from "./bitmap.ts";
import {
  type Batch,
  type ConditioningValue,
  gives,
  type LatentValue,
  mapBatch,
  type NodeContext,
  numberOf,
  type Picture,
  type Result,
  seedOf,
  textOf,
  valueOf,
} from "./values.ts";
import { changePicture, formingPicture } from "./visible_change.ts";

const SAMPLERS = new Set([
  "KSampler",
  "KSamplerAdvanced",
  "ClownsharKSampler_Beta",
  "SamplerCustom",
  "SamplerCustomAdvanced",
]);
const PREVIEW_SIDE = 256;
const PREVIEW_QUALITY = 70;
/** Length of an inset's longer side, as a share of the result's. */
const INSET_SHARE = 0.22;

/** True for the classes that report steps. */
export function isSampler(classType: string): boolean {
  return SAMPLERS.has(classType);
}

/**
 * Model calls in one step: two for `…_2s` samplers, three for `…_3s`, and twice that with cfg above 1, where the negative words are
 * asked as well.
 */
function callsPerStep(samplerName: string, cfg: number): number {
  const stages = Number(/_(\d+)s(?![a-z0-9])/.exec(samplerName)?.[1] ?? 1);
  return stages * (cfg > 1 ? 2 : 1);
}

/** Runs a sampler node. */
export async function sample(node: NodeContext): Promise<Result> {
  const latent = valueOf(node, "latent_image", "latent");
  const { conditioning, seed, strength, steps, calls } = planOf(node);
  const before = await beginning(latent, conditioning.pictures);
  const changeOf = (index: number): Change => ({
    words: conditioning.words ?? "",
    seed: typeof seed === "bigint" ? seed + BigInt(index) : seed + index,
    strength: conditioning.words === undefined ? 0 : strength,
  });
  const [first] = before;
  const preview = node.hasPreviews && first.bitmap !== undefined
    ? await previewOf(first.bitmap, changeOf(0))
    : undefined;
  let batch = before;
  for (let step = 1; step <= steps; step++) {
    // The change is worked out inside the last step's simulated time.
    if (step === steps) {
      batch = await mapBatch(
        before,
        (picture, index) => changed(picture, conditioning.pictures, changeOf(index)),
      );
    }
    await node.calls(calls, calls * steps);
    await node.step(step, steps, preview?.(step / steps));
  }
  // Recorded: RES4LYF reports the last step twice.
  if (node.classType === "ClownsharKSampler_Beta" && steps > 0) {
    await node.step(steps, steps, preview?.(1));
  }
  const result = { type: "latent", batch, isEmpty: false } as const;
  switch (node.classType) {
    case "ClownsharKSampler_Beta":
      return gives(result, result, { type: "opaque" });
    case "SamplerCustom":
    case "SamplerCustomAdvanced":
      return gives(result, result);
    default:
      return gives(result);
  }
}

interface Plan {
  readonly conditioning: ConditioningValue;
  readonly seed: number | bigint;
  /** Steps that are run. */
  readonly steps: number;
  /** 0…1, as `denoise`. */
  readonly strength: number;
  /** Model calls in a step. */
  readonly calls: number;
}

function planOf(node: NodeContext): Plan {
  switch (node.classType) {
    case "SamplerCustomAdvanced": {
      const { positive, cfg } = valueOf(node, "guider", "guider");
      const { seed } = valueOf(node, "noise", "noise");
      return { conditioning: positive, seed, ...customSteps(node, cfg) };
    }
    case "SamplerCustom":
      return {
        conditioning: valueOf(node, "positive", "conditioning"),
        seed: seedOf(node, "noise_seed"),
        ...customSteps(node, numberOf(node, "cfg", 1)),
      };
    default:
      return {
        conditioning: valueOf(node, "positive", "conditioning"),
        seed: seedOf(node, node.classType === "KSamplerAdvanced" ? "noise_seed" : "seed"),
        calls: callsPerStep(textOf(node, "sampler_name", "euler"), numberOf(node, "cfg", 1)),
        ...ownSteps(node),
      };
  }
}

function customSteps(node: NodeContext, cfg: number) {
  const { steps, denoise } = valueOf(node, "sigmas", "sigmas");
  const { name } = valueOf(node, "sampler", "sampler");
  return { steps, strength: denoise, calls: callsPerStep(name, cfg) };
}

function ownSteps(node: NodeContext): { readonly steps: number; readonly strength: number } {
  const steps = numberOf(node, "steps", 20);
  if (node.classType === "KSamplerAdvanced") {
    const start = Math.min(steps, numberOf(node, "start_at_step", 0));
    const end = Math.min(steps, numberOf(node, "end_at_step", steps));
    return { steps: Math.max(0, end - start), strength: 1 - start / steps };
  }
  const strength = numberOf(node, "denoise", 1);
  const limit = numberOf(node, "steps_to_run", -1);
  // No noise, no steps: the latent passes through.
  if (strength <= 0) return { steps: 0, strength: 0 };
  return { steps: limit < 0 ? steps : Math.min(steps, limit), strength };
}

type Change = Parameters<typeof changePicture>[2];

/** What is changed: the latent's own pictures, or in an empty latent's size the first that the words speak of. */
async function beginning(
  { batch, isEmpty }: LatentValue,
  [first]: readonly Picture[],
): Promise<Batch> {
  if (!isEmpty || first === undefined) return batch;
  return await mapBatch(batch, async ({ bitmap: size }) => ({
    source: first.source,
    bitmap: first.bitmap && size && await resize(first.bitmap, size.width, size.height),
  }));
}

async function changed(
  picture: Picture,
  pictures: readonly Picture[],
  change: Change,
): Promise<Picture> {
  const { bitmap } = picture;
  if (bitmap === undefined) return picture;
  const side = INSET_SHARE * Math.max(bitmap.width, bitmap.height);
  const insets = await Promise.all(
    pictures.slice(1).flatMap((other) =>
      other.bitmap === undefined ? [] : [fitWithin(other.bitmap, side)]
    ),
  );
  return { ...picture, bitmap: changePicture(bitmap, insets, change) };
}

/** Gives, for a share done, what encodes the picture as it is then. */
async function previewOf(
  picture: Bitmap,
  change: Change,
): Promise<(share: number) => () => Promise<Uint8Array>> {
  const before = await fitWithin(picture, PREVIEW_SIDE);
  const after = changePicture(before, [], change);
  return (share) => () => encodeJpeg(formingPicture(before, after, share), PREVIEW_QUALITY);
}
