/**
 * `models get`: which files a template lacks, where they belong, and their download. Owns that nothing is downloaded unasked.
 * What a template needs is its manifest's to say.
 */
export { modelsGetCommand } from "./models_get.ts";
