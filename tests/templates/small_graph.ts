/** A small graph that edits a picture by words, and nodes to change it with. */
import type { ApiPrompt } from "../../src/templates/graph.ts";

export const node = (class_type: string, inputs: Readonly<Record<string, unknown>> = {}) => ({
  class_type,
  inputs,
});
export const load = (image: string) => node("LoadImage", { image });
export const words = (text: unknown) => node("CLIPTextEncode", { clip: ["ckpt", 1], text });
export const sampler = {
  seed: 5,
  steps: 12,
  cfg: 3,
  sampler_name: "euler",
  scheduler: "simple",
  denoise: 0.7,
  model: ["ckpt", 0],
  positive: ["yes", 0],
  negative: ["no", 0],
  latent_image: ["latent", 0],
};

/** A graph that paints over picture a, with other nodes or more of them. */
export function graphWith(changes: ApiPrompt = {}): ApiPrompt {
  return {
    ckpt: node("CheckpointLoaderSimple", { ckpt_name: "m.safetensors" }),
    a: load("a.png"),
    latent: node("VAEEncode", { pixels: ["a", 0], vae: ["ckpt", 2] }),
    yes: words("make it blue"),
    no: words("ugly"),
    k: node("KSampler", sampler),
    img: node("VAEDecode", { samples: ["k", 0], vae: ["ckpt", 2] }),
    out: node("SaveImage", { images: ["img", 0], filename_prefix: "x" }),
    ...changes,
  };
}
