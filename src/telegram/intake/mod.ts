/**
 * From a message to a job: pictures, albums, words, presets, doing a job again.
 * Owns what a message means. Does not know what becomes of the job.
 */
export { type Albums, createAlbums, type Joined, pressStartNow, showGathering } from "./albums.ts";
export { maxSeeds, seedsOf } from "./batch_request.ts";
export { createExample, type Example, pressExample } from "./example.ts";
export { createImageFetcher, type ImageFetcher, type Source } from "./fetch_pictures.ts";
export { formatProblem } from "./format_problem.ts";
export { createIntake, type Edit, type Intake } from "./intake.ts";
export { isUnderway, jobIdOf, offeredFor, rootOf } from "./job_request.ts";
export { permit, refusalOf, sayRefused } from "./permit.ts";
export { pressPreset } from "./preset_actions.ts";
export { rerunJob } from "./rerun.ts";
