/**
 * What is done to a job's pictures here: before ComfyUI has them, where another format is wanted, and afterwards, where the result is
 * to have a certain size. Owns which size that is. Draws nothing itself.
 */
import { type Drawing, maxResizedPixels } from "../../images/drawing/mod.ts";
import { hasShape, padTo, type Size } from "../../images/pixels/mod.ts";
import { stillOf } from "../../images/mod.ts";
import { type Format, type Job } from "../../jobs/mod.ts";
import { shapeOf } from "./formats.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export type ResultDrawing = Pick<Drawing, "pad" | "resize">;

/** The picture as the model gets it, a PNG. Throws where it cannot be drawn; what cannot is refused before there is a job. */
export async function padded(
  drawing: ResultDrawing,
  bytes: Uint8Array,
  format: Format,
): Promise<Bytes> {
  const drawn = await drawing.pad(() => Promise.resolve(new Uint8Array(bytes)), shapeOf(format));
  if (!drawn) throw new Error("Cannot put a picture on a larger sheet: it cannot be drawn");
  return drawn;
}

/** The result as its user is to have it; as it came where nothing else is wanted, or it cannot be drawn. */
export async function finishResult(
  drawing: ResultDrawing,
  job: Job,
  bytes: Bytes,
): Promise<Bytes> {
  const still = job.format || job.sameSize ? stillOf(bytes) : undefined;
  if (!still) return bytes;
  const to = sizeFor(job, still);
  if (!to || to.width === still.width && to.height === still.height) return bytes;
  return await drawing.resize(() => Promise.resolve(bytes.slice()), to) ?? bytes;
}

/** Undefined where the result is right as it is. */
function sizeFor({ format, sameSize, pictures }: Job, result: Size): Size | undefined {
  const [picture] = pictures;
  const shape = format && shapeOf(format);
  if (sameSize && picture) {
    return padTo(picture, shape ?? picture.width / picture.height, maxResizedPixels).sheet;
  }
  if (shape === undefined || hasShape(result, shape)) return undefined;
  // A model that only knows sizes of its own: the largest part of the shape.
  const width = Math.min(result.width, result.height * shape);
  return { width: Math.round(width), height: Math.round(width / shape) };
}
