/**
 * Drafts a manifest for an exported workflow: where text, pictures, seed and result are in its graph. Owns what is found in a graph and
 * what is guessed. Reads no files and does not ask ComfyUI.
 */
export { draftManifest, type ManifestDraft, manifestText } from "./draft.ts";
export { latin } from "./latin.ts";
