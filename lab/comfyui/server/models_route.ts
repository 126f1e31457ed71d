/**
 * `/internal/folder_paths`, `/models` and `/models/FOLDER`: which model files there are, as the loaders of the catalog list them.
 */
import type { Catalog } from "../validation/catalog.ts";
import { isModelFile, MODEL_LISTS } from "../validation/model_lists.ts";

/** `/models`. */
export function modelFolders(catalog: Catalog): readonly string[] {
  return Object.keys(MODEL_LISTS).filter((folder) => modelFiles(catalog, folder) !== undefined);
}

/** `/models/FOLDER`, or undefined where there is no such folder. */
export function modelFiles(catalog: Catalog, folder: string): readonly unknown[] | undefined {
  if (!Object.hasOwn(MODEL_LISTS, folder)) return undefined;
  const [classType, input] = MODEL_LISTS[folder]?.[0] ?? [];
  const { inputs } = catalog.get(classType ?? "") ?? {};
  const options = inputs?.find(({ name }) => name === input)?.options;
  return options?.filter(isModelFile);
}

/** `/internal/folder_paths`: where the files of each folder are looked for; two folders have an old name besides. */
export function folderPaths(modelsDir: string): Readonly<Record<string, readonly string[]>> {
  const old: Readonly<Record<string, string>> = { diffusion_models: "unet", text_encoders: "clip" };
  return Object.fromEntries(
    Object.keys(MODEL_LISTS).map((folder) => {
      const path = `${modelsDir}/${folder}`;
      return [folder, old[folder] ? [`${modelsDir}/${old[folder]}`, path] : [path]];
    }),
  );
}
