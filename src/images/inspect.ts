/**
 * Inspects a file: format, size and orientation of a picture, or why it is refused. Reads the structure, never the pixels: memory is
 * bounded and time linear in the file's length, whatever size it declares. Knows neither file names nor texts for users.
 */
import { walkHeif } from "./heif.ts";
import { walkJpeg } from "./jpeg.ts";
import { walkPng } from "./png.ts";
import {
  type ImageFormat,
  type ImageProblem,
  type Orientation,
  refused,
  type SizeCheck,
  type Walk,
} from "./problem.ts";
import { recognise } from "./sniff.ts";
import { walkWebp } from "./webp.ts";

export type {
  ImageFormat,
  ImageProblem,
  NotAnImage,
  Orientation,
  OtherImageFormat,
} from "./problem.ts";

/** Pixels that a picture may have where the limits do not say. */
const DEFAULT_MAX_PIXELS = 100_000_000;

/** What is accepted. */
export interface ImageLimits {
  readonly maxBytes: number;
  /** As config.yaml spells them; `jpg` and `jpeg` are one. */
  readonly allowedFormats: readonly ("jpg" | ImageFormat)[];
  /** Width times height; DEFAULT_MAX_PIXELS unless given. */
  readonly maxPixels?: number;
  /** Pixels of the longer side; no limit unless given. */
  readonly maxSide?: number;
  /** Longer side by shorter side; no limit unless given. */
  readonly maxRatio?: number;
}

/** A picture that decoders begin to show. How much of it they do is for the backend to find out. */
export interface ImageInfo {
  readonly format: ImageFormat;
  readonly mime: `image/${ImageFormat}`;
  /** Without a dot. */
  readonly extension: "jpg" | Exclude<ImageFormat, "jpeg">;
  /** Pixels as stored. */
  readonly width: number;
  readonly height: number;
  /** From EXIF; ComfyUI's LoadImage turns the picture by it. */
  readonly orientation: Orientation;
  /** Pixels as seen, after `orientation`. */
  readonly displayWidth: number;
  readonly displayHeight: number;
  /** Size of the file. */
  readonly bytes: number;
  /** Bits of one channel: 16 only in a PNG, 10 and 12 only in HEIC and AVIF. */
  readonly bitDepth: number;
  /** It can be seen through. */
  readonly hasAlpha: boolean;
}

/** The outcome of {@linkcode inspectImage}. */
export type ImageInspection =
  | { readonly ok: true; readonly image: ImageInfo }
  | { readonly ok: false; readonly problem: ImageProblem };

const FORMATS: Readonly<
  Record<ImageFormat, {
    readonly mime: ImageInfo["mime"];
    readonly extension: ImageInfo["extension"];
    readonly walk: (bytes: Uint8Array, checkSize: SizeCheck) => Walk;
    /** Its decoder holds all pixels at once: more of them would take too much memory. */
    readonly maxPixels?: number;
  }>
> = {
  jpeg: { mime: "image/jpeg", extension: "jpg", walk: walkJpeg },
  png: { mime: "image/png", extension: "png", walk: walkPng },
  webp: { mime: "image/webp", extension: "webp", walk: walkWebp },
  // What telephones make has 48 megapixels at most.
  heic: { mime: "image/heic", extension: "heic", walk: walkHeif("heic"), maxPixels: 50_000_000 },
  avif: { mime: "image/avif", extension: "avif", walk: walkHeif("avif"), maxPixels: 16_000_000 },
};

/**
 * Inspects a file that a stranger sent. The format is found from its bytes alone; the size that it declares is judged before the
 * rest of it is looked at. Never throws.
 */
export function inspectImage(bytes: Uint8Array, limits: ImageLimits): ImageInspection {
  if (bytes.length === 0) return refused({ kind: "empty" });
  if (bytes.length > limits.maxBytes) {
    return refused({ kind: "too_large", bytes: bytes.length, maxBytes: limits.maxBytes });
  }
  const recognised = recognise(bytes);
  if (recognised.type === "other") {
    const { looksLike } = recognised;
    return refused({ kind: "not_an_image", ...(looksLike === undefined ? {} : { looksLike }) });
  }
  const allowed = [
    ...new Set(limits.allowedFormats.map((name): ImageFormat => name === "jpg" ? "jpeg" : name)),
  ];
  const format = allowed.find((candidate) => candidate === recognised.format);
  if (format === undefined) {
    return refused({ kind: "format_not_allowed", format: recognised.format, allowed });
  }
  const { mime, extension, walk, maxPixels = Infinity } = FORMATS[format];
  const within = {
    ...limits,
    maxPixels: Math.min(limits.maxPixels ?? DEFAULT_MAX_PIXELS, maxPixels),
  };
  const walked = walk(bytes, (width, height) => sizeProblem(width, height, within));
  if (!walked.ok) return walked;
  const { width, height, orientation, bitDepth, hasAlpha, animated } = walked.facts;
  if (animated) return refused({ kind: "animated", format });
  const sidesSwapped = orientation >= 5;
  return {
    ok: true,
    image: {
      format,
      mime,
      extension,
      width,
      height,
      orientation,
      displayWidth: sidesSwapped ? height : width,
      displayHeight: sidesSwapped ? width : height,
      bytes: bytes.length,
      bitDepth,
      hasAlpha,
    },
  };
}

function sizeProblem(width: number, height: number, limits: ImageLimits): ImageProblem | undefined {
  const { maxPixels = DEFAULT_MAX_PIXELS, maxSide = Infinity, maxRatio = Infinity } = limits;
  if (width * height > maxPixels) return { kind: "too_many_pixels", width, height, maxPixels };
  if (Math.max(width, height) > maxSide) return { kind: "side_too_long", width, height, maxSide };
  if (ratioOf(width, height) > maxRatio) return { kind: "ratio", width, height, maxRatio };
  return undefined;
}

function ratioOf(width: number, height: number): number {
  return Math.max(width, height) / Math.min(width, height);
}

/**
 * Bot API, `sendPhoto`: "The photo must be at most 10 MB in size. The photo's width and height must not exceed 10000 in
 * total. Width and height ratio must be at most 20."
 */
const MAX_PHOTO_BYTES = 10 * 1024 * 1024;
const MAX_PHOTO_SIDES = 10_000;
const MAX_PHOTO_RATIO = 20;
/** Bot API, `sendDocument`: "Bots can currently send files of any type of up to 50 MB in size". */
const MAX_DOCUMENT_BYTES = 50 * 1024 * 1024;

/** Why Telegram would refuse a picture as a photo; `sum` is width plus height in pixels. */
export type PhotoProblem =
  | { readonly kind: "too_large"; readonly bytes: number; readonly maxBytes: number }
  | { readonly kind: "sides_too_long"; readonly sum: number; readonly maxSum: number }
  | { readonly kind: "ratio"; readonly ratio: number; readonly maxRatio: number };

/** Why Telegram would refuse `picture` in `sendPhoto`: such a picture goes as a document. Undefined where it would not. */
export function photoProblem(
  picture: { readonly bytes: number; readonly width: number; readonly height: number },
): PhotoProblem | undefined {
  const { bytes, width, height } = picture;
  if (bytes > MAX_PHOTO_BYTES) return { kind: "too_large", bytes, maxBytes: MAX_PHOTO_BYTES };
  const sum = width + height;
  if (sum > MAX_PHOTO_SIDES) return { kind: "sides_too_long", sum, maxSum: MAX_PHOTO_SIDES };
  const ratio = ratioOf(width, height);
  if (ratio > MAX_PHOTO_RATIO) return { kind: "ratio", ratio, maxRatio: MAX_PHOTO_RATIO };
  return undefined;
}

/** Telegram keeps no more of a photo, in pixels of its longer side. */
export const longestPhotoSide = 2560;

/** Why the Bot API's cloud would refuse a file in `sendDocument` (a Bot API server of one's own takes 2000 MB). */
export function documentProblem(
  file: { readonly bytes: number },
): Extract<PhotoProblem, { kind: "too_large" }> | undefined {
  return file.bytes > MAX_DOCUMENT_BYTES
    ? { kind: "too_large", bytes: file.bytes, maxBytes: MAX_DOCUMENT_BYTES }
    : undefined;
}
