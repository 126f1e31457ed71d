/**
 * The words of an inspection: the formats by name, what a walk through a file finds, and what can be wrong with it.
 * Knows no bytes and no sentence that a user sees.
 */

/** The formats whose structure is walked. */
export type ImageFormat = "jpeg" | "png" | "webp";

/** Pictures that are known by name alone, so that the answer can say what came. `tiff` is most cameras' raw format too. */
export type OtherImageFormat =
  | "gif"
  | "bmp"
  | "tiff"
  | "heic"
  | "avif"
  | "jxl"
  | "psd"
  | "ico";

/** What is no raster picture and yet known by its first bytes. `zip` is also every office document. */
export type NotAnImage = "svg" | "html" | "pdf" | "zip" | "video" | "audio";

/** Why a file is refused: the first that is found, from the cheapest to the dearest to find. */
export type ImageProblem =
  | { readonly kind: "empty" }
  | { readonly kind: "too_large"; readonly bytes: number; readonly maxBytes: number }
  | { readonly kind: "not_an_image"; readonly looksLike?: NotAnImage }
  | {
    readonly kind: "format_not_allowed";
    readonly format: ImageFormat | OtherImageFormat;
    /** Without double names: `jpg` is `jpeg`. */
    readonly allowed: readonly ImageFormat[];
  }
  /** Declared by the header; found before the rest of the file is looked at. */
  | {
    readonly kind: "too_many_pixels";
    readonly width: number;
    readonly height: number;
    readonly maxPixels: number;
  }
  | {
    readonly kind: "side_too_long";
    readonly width: number;
    readonly height: number;
    readonly maxSide: number;
  }
  | {
    readonly kind: "ratio";
    readonly width: number;
    readonly height: number;
    readonly maxRatio: number;
  }
  /** The file ends before its format says so: an upload that broke off. */
  | { readonly kind: "truncated"; readonly format: ImageFormat }
  /** `detail` is one English clause for the log and the admin. */
  | { readonly kind: "damaged"; readonly format: ImageFormat; readonly detail: string }
  /** More than one frame: an edit would take the first and drop the rest unasked. */
  | { readonly kind: "animated"; readonly format: ImageFormat };

/** EXIF tag 0x0112: 1 = as stored, 2–4 mirrored or upside down, 5–8 with the sides swapped. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What a walk through a whole file finds. */
export interface ImageFacts {
  /** Pixels as stored, before `orientation`; at least 1. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** Bits of one channel (of one palette index in a PNG with a palette): 1, 2, 4, 8 or 16. */
  readonly bitDepth: number;
  /** It can be seen through: has an alpha channel, or a transparent colour. */
  readonly hasAlpha: boolean;
  readonly animated: boolean;
}

/** The end of a walk. */
export type Walk =
  | { readonly ok: true; readonly facts: ImageFacts }
  | { readonly ok: false; readonly problem: ImageProblem };

/** Asked once by a walk, as soon as the header has told the size: a problem ends it there. */
export type SizeCheck = (width: number, height: number) => ImageProblem | undefined;

/** A walk that ended at `problem`. */
export function refused(
  problem: ImageProblem,
): { readonly ok: false; readonly problem: ImageProblem } {
  return { ok: false, problem };
}
