/** Which loaders list the files of a folder under models/, and how such a list is written. Pure. */

/** Model files by folder under models/: `{ loras: ["a.safetensors"] }`. A folder that is not named is empty. */
export type ModelFiles = Readonly<Record<string, readonly string[]>>;

/** The files of an owner who set up in 2025: Rapid AIO, Qwen Image Edit 2509. */
export const modelsOf2025: ModelFiles = {
  checkpoints: ["Qwen-Rapid-AIO-NSFW-v11.4.safetensors", "broken.safetensors"],
  diffusion_models: ["qwen_image_edit_2509_fp8_e4m3fn.safetensors"],
  text_encoders: ["qwen_2.5_vl_7b_fp8_scaled.safetensors"],
  vae: ["qwen_image_vae.safetensors"],
  loras: ["Qwen-Image-Edit-2509-Lightning-4steps-V1.0-bf16.safetensors"],
};

/** Folders, and the inputs that list what is in one; the first of them answers `/models/FOLDER`. */
export const MODEL_LISTS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  checkpoints: [["CheckpointLoaderSimple", "ckpt_name"]],
  loras: [["LoraLoaderModelOnly", "lora_name"]],
  vae: [["VAELoader", "vae_name"]],
  text_encoders: [
    ["CLIPLoader", "clip_name"],
    ["DualCLIPLoader", "clip_name1"],
    ["DualCLIPLoader", "clip_name2"],
  ],
  diffusion_models: [["UNETLoader", "unet_name"]],
  upscale_models: [["UpscaleModelLoader", "model_name"]],
};

/** True for an option that is a file: VAELoader also lists `pixel_space`. */
export function isModelFile(option: unknown): boolean {
  return String(option).includes(".");
}

/** The declaration with these files in the place of its own, in either spelling of a COMBO. */
export function withFiles(
  config: readonly unknown[],
  files: readonly string[],
): readonly unknown[] {
  const [type, extra] = config;
  const listed = (options: readonly unknown[]) => [
    ...files,
    ...options.filter((option) => !isModelFile(option)),
  ];
  if (Array.isArray(type)) return [listed(type), ...config.slice(1)];
  const { options = [], ...others } = (extra ?? {}) as { options?: readonly unknown[] };
  return [type, { ...others, options: listed(options) }];
}
