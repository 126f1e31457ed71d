/**
 * The types of an inspection: the formats, what a walk through a file finds, and what can be wrong with it.
 * Knows no bytes and no text that a user sees.
 */

/** The formats whose structure is walked. ComfyUI reads the first three; the others are turned into one of those. */
export type ImageFormat = "jpeg" | "png" | "webp" | "heic" | "avif";

/** Formats that are recognised only so that the answer can name them. `tiff` is most cameras' raw format too. */
export type OtherImageFormat =
  | "gif"
  | "bmp"
  | "tiff"
  | "jxl"
  | "psd"
  | "ico";

/** Other formats that are recognised by their first bytes. `zip` is also every office document. */
export type NotAnImage = "svg" | "html" | "pdf" | "zip" | "video" | "audio";

/** Why a file is refused: the first problem found, the cheapest checks first. */
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
  /** Declared by the header; found before the rest of the file is read. */
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
  /** More than one frame: an edit would silently drop all but the first. */
  | { readonly kind: "animated"; readonly format: ImageFormat };

/** EXIF tag 0x0112: 1 = as stored, 2–4 mirrored or upside down, 5–8 with the sides swapped. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What a walk through a whole file finds. */
export interface ImageFacts {
  /** Pixels as stored, before `orientation`; at least 1. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** Bits of one channel (of one palette index in a PNG with a palette): 1, 2, 4, 8, 10, 12 or 16. */
  readonly bitDepth: number;
  /** Has an alpha channel or a transparent colour. */
  readonly hasAlpha: boolean;
  readonly animated: boolean;
}

/** The end of a walk. */
export type Walk =
  | { readonly ok: true; readonly facts: ImageFacts }
  | { readonly ok: false; readonly problem: ImageProblem };

/** Called once by a walk, as soon as the header gives the size; a problem ends the walk. */
export type SizeCheck = (width: number, height: number) => ImageProblem | undefined;

/** A walk that ended at `problem`. */
export function refused(
  problem: ImageProblem,
): { readonly ok: false; readonly problem: ImageProblem } {
  return { ok: false, problem };
}
