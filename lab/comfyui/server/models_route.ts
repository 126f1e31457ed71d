/**
 * `/internal/folder_paths`, `/models` and `/models/FOLDER`: which model files there are, as the loaders of the catalog list them.
 */
import type { Catalog } from "../validation/catalog.ts";

/** Folders under models/, and the loader's input that lists what is in one. */
const FOLDERS: Readonly<Record<string, readonly [classType: string, input: string]>> = {
  checkpoints: ["CheckpointLoaderSimple", "ckpt_name"],
  loras: ["LoraLoaderModelOnly", "lora_name"],
  vae: ["VAELoader", "vae_name"],
  text_encoders: ["CLIPLoader", "clip_name"],
  diffusion_models: ["UNETLoader", "unet_name"],
  upscale_models: ["UpscaleModelLoader", "model_name"],
};

/** `/models`. */
export function modelFolders(catalog: Catalog): readonly string[] {
  return Object.keys(FOLDERS).filter((folder) => modelFiles(catalog, folder) !== undefined);
}

/** `/models/FOLDER`, or undefined where there is no such folder. */
export function modelFiles(catalog: Catalog, folder: string): readonly unknown[] | undefined {
  if (!Object.hasOwn(FOLDERS, folder)) return undefined;
  const [classType, input] = FOLDERS[folder] ?? [];
  const { inputs } = catalog.get(classType ?? "") ?? {};
  const options = inputs?.find(({ name }) => name === input)?.options;
  return options?.filter((name) => String(name).includes("."));
}

/** `/internal/folder_paths`: where the files of each folder are looked for; two folders have an old name besides. */
export function folderPaths(modelsDir: string): Readonly<Record<string, readonly string[]>> {
  const old: Readonly<Record<string, string>> = { diffusion_models: "unet", text_encoders: "clip" };
  return Object.fromEntries(
    Object.keys(FOLDERS).map((folder) => {
      const path = `${modelsDir}/${folder}`;
      return [folder, old[folder] ? [`${modelsDir}/${old[folder]}`, path] : [path]];
    }),
  );
}
