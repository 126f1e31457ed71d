/**
 * The samplers: how many steps, how many model calls each costs, how the picture forms. The change itself is look.ts's.
 */
import { type Bitmap, encodeJpeg, fitWithin } from "./bitmap.ts";
import { changePicture, formingPicture } from "./look.ts";
import {
  literalOf,
  type NodeContext,
  numberOf,
  type PictureValue,
  type Result,
  textOf,
  valueOf,
} from "./values.ts";

const SAMPLERS = new Set(["KSampler", "KSamplerAdvanced", "ClownsharKSampler_Beta"]);
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
export function callsPerStep(samplerName: string, cfg: number): number {
  const stages = Number(/_(\d+)s(?![a-z0-9])/.exec(samplerName)?.[1] ?? 1);
  return stages * (cfg > 1 ? 2 : 1);
}

/** Runs a sampler node. */
export async function sample(node: NodeContext): Promise<Result> {
  const latent = valueOf(node, "latent_image", "latent").picture;
  const positive = valueOf(node, "positive", "conditioning");
  const seed = literalOf(node, node.classType === "KSamplerAdvanced" ? "noise_seed" : "seed", 0);
  const plan = planOf(node);
  const change = {
    words: positive.words,
    seed: typeof seed === "bigint" ? seed : Number(seed),
    strength: plan.strength,
  };
  const preview = node.settings.previews === "none" || latent.bitmap === undefined
    ? undefined
    : await previewOf(latent.bitmap, change);
  const calls = callsPerStep(textOf(node, "sampler_name", "euler"), numberOf(node, "cfg", 1));
  let picture = latent;
  for (let step = 1; step <= plan.steps; step++) {
    // The change is worked out inside the last step's simulated time.
    if (step === plan.steps) picture = await changed(latent, positive.pictures, change);
    await node.calls(calls, calls * plan.steps);
    await node.step(step, plan.steps, preview?.(step / plan.steps));
  }
  // Recorded: RES4LYF reports the last step twice.
  if (node.classType === "ClownsharKSampler_Beta" && plan.steps > 0) {
    await node.step(plan.steps, plan.steps, preview?.(1));
  }
  const result = { type: "latent", picture } as const;
  return {
    values: node.classType === "ClownsharKSampler_Beta"
      ? [result, result, { type: "opaque" }]
      : [result],
    ui: undefined,
  };
}

function planOf(node: NodeContext): { readonly steps: number; readonly strength: number } {
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

async function changed(
  latent: PictureValue,
  pictures: readonly PictureValue[],
  change: Change,
): Promise<PictureValue> {
  const { bitmap } = latent;
  if (bitmap === undefined) return latent;
  const side = INSET_SHARE * Math.max(bitmap.width, bitmap.height);
  const insets = await Promise.all(
    pictures.slice(1).flatMap((other) =>
      other.bitmap === undefined ? [] : [fitWithin(other.bitmap, side)]
    ),
  );
  return { ...latent, bitmap: changePicture(bitmap, insets, change) };
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
