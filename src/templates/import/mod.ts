/**
 * A workflow that somebody exported -> a first manifest: where the words, pictures, seed and result are in its graph.
 * Owns what is found in a graph and what is only guessed. Reads no file and asks no ComfyUI.
 */
export { draftManifest, type ManifestDraft } from "./draft.ts";
export { latin } from "./latin.ts";
export { manifestText } from "./manifest_text.ts";
