/**
 * Picture files: from bytes to format, size and orientation, what is taken and what is said of the rest, and the folders of
 * DATA_DIR that hold them. Owns which pictures are taken and the files on disk. Does not know jobs, Telegram or ComfyUI.
 */
export { type FileStore, jobIdOf, openFileStore } from "./file_store.ts";
export {
  documentProblem,
  type ImageInfo,
  type ImageLimits,
  inspectImage,
  longestPhotoSide,
  photoProblem,
} from "./inspect.ts";
export { type PngChunk, pngChunks } from "./png.ts";
export type { ImageProblem, Orientation } from "./problem.ts";
export { extensionOf, stillOf, withoutMetadata } from "./result_file.ts";
