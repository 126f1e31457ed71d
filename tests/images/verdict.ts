/**
 * The two outcomes of an inspection, for tests that expect one of them.
 */
import assert from "node:assert/strict";
import { type ImageLimits, type ImageProblem, inspectImage } from "../../src/images/inspect.ts";

export const LIMITS: ImageLimits = {
  maxBytes: 50_000_000,
  allowedFormats: ["jpg", "jpeg", "png", "webp"],
};

/** What {@linkcode inspectImage} lets in; fails where it refuses. */
export function imageOf(bytes: Uint8Array, limits = LIMITS) {
  const inspection = inspectImage(bytes, limits);
  if (!inspection.ok) assert.fail(`refused: ${JSON.stringify(inspection.problem)}`);
  return inspection.image;
}

/** Why {@linkcode inspectImage} refuses; fails where it lets in. */
export function problemOf(bytes: Uint8Array, limits = LIMITS): ImageProblem {
  const inspection = inspectImage(bytes, limits);
  if (inspection.ok) assert.fail(`let in: ${JSON.stringify(inspection.image)}`);
  return inspection.problem;
}
