/** A stranger's picture as ComfyUI reads it. Owns which formats are taken by being converted. Does not know who sent the picture. */
import { type ImageInfo, type ImageLimits, type ImageProblem, inspectImage } from "../mod.ts";
import type { Drawing } from "./drawing.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A picture that ComfyUI reads, or why there is none. */
export type Taken =
  | { readonly ok: true; readonly bytes: Bytes; readonly image: ImageInfo }
  | { readonly ok: false; readonly problem: ImageProblem };

/**
 * Inspects a file that a stranger sent, and converts it where it must be and JPEG is among the formats that are taken. Its bytes may
 * be gone then. Limits are the file's, not those of what it becomes.
 */
export async function takePicture(
  bytes: Bytes,
  limits: ImageLimits,
  { convert }: Pick<Drawing, "convert">,
): Promise<Taken> {
  const inspected = inspectImage(bytes, limits);
  if (inspected.ok) return { ...inspected, bytes };
  const { problem } = inspected;
  if (problem.kind !== "format_not_allowed" || !problem.allowed.includes("jpeg")) return inspected;
  const { format } = problem;
  if (format !== "heic" && format !== "avif") return inspected;
  const there = inspectImage(bytes, { ...limits, allowedFormats: [format] });
  if (!there.ok) return there;
  const made = await convert({ bytes, info: there.image });
  const damaged = { kind: "damaged", format, detail: "it does not decode" } as const;
  if (!made) return { ok: false, problem: damaged };
  const image = inspectImage(made, { maxBytes: Infinity, allowedFormats: ["jpeg", "png"] });
  return image.ok ? { ...image, bytes: made } : image;
}
