/**
 * The visible change: what the words do to a picture. Pure and repeatable: the same words, seed and picture give the same pixels.
 */
import { type Bitmap, blank, paste } from "./bitmap.ts";
import { fillEdges } from "./filled_edges.ts";

/** What the sampler was told. */
export interface Change {
  readonly words: string;
  readonly seed: number | bigint;
  /** `denoise`: 0 leaves the picture as it is, 1 changes it fully. */
  readonly strength: number;
}

/** A pixel's new colour, written over `rgb`. */
type Tint = (rgb: [number, number, number], x: number, y: number) => void;

type Effect =
  | { readonly type: "tint"; readonly of: (bitmap: Bitmap) => Tint }
  | { readonly type: "blur" };

const tint = (of: Tint): Effect => ({ type: "tint", of: () => of });
const luma = ([r, g, b]: readonly [number, number, number]) => 0.299 * r + 0.587 * g + 0.114 * b;

/** Which words do what, first match; stems in English and Russian. `(?<!…)` keeps out words that only contain one. */
const EFFECTS: readonly (readonly [RegExp, Effect])[] = [
  [
    /\bnight|(?<![а-яё])ноч/,
    tint((rgb) => {
      const light = luma(rgb);
      rgb[0] = 0.18 * rgb[0] + 0.08 * light;
      rgb[1] = 0.22 * rgb[1] + 0.1 * light;
      rgb[2] = 0.35 * rgb[2] + 0.25 * light + 18;
    }),
  ],
  [
    /black[ -](and|&|n)[ -]white|\bb ?& ?w\b|gr[ae]yscale|monochrome|(?<![а-яё])ч ?[/-]? ?б(?![а-яё])|ч[её]рно[ -]*бел/,
    tint((rgb) => rgb.fill(luma(rgb))),
  ],
  [
    /\bwinter|\bsnow|(?<![а-яё])зим|снег|снеж/,
    tint((rgb) => {
      const light = luma(rgb);
      rgb[0] = 0.15 * rgb[0] + 0.55 * light + 45;
      rgb[1] = 0.15 * rgb[1] + 0.6 * light + 55;
      rgb[2] = 0.15 * rgb[2] + 0.65 * light + 80;
    }),
  ],
  [
    /\bsunset|\bwarm|закат|(?<![а-яё])т[её]пл/,
    tint((rgb) => {
      rgb[0] = 1.1 * rgb[0] + 35;
      rgb[1] = 0.88 * rgb[1] + 8;
      rgb[2] = 0.55 * rgb[2];
    }),
  ],
  [
    /\binvert|\bnegative|инверт|негатив/,
    tint((rgb) => {
      for (const i of [0, 1, 2] as const) rgb[i] = 255 - rgb[i];
    }),
  ],
  [/\bblur|размы|размо/, { type: "blur" }],
  [
    /\bsepia|\bvintage|\bold\b|сепи|(?<![а-яё])стар/,
    tint((rgb) => {
      const [r, g, b] = rgb;
      rgb[0] = 0.393 * r + 0.769 * g + 0.189 * b;
      rgb[1] = 0.349 * r + 0.686 * g + 0.168 * b;
      rgb[2] = 0.272 * r + 0.534 * g + 0.131 * b;
    }),
  ],
  [/\bbackground|(?<![а-яё])фон(?!арь|тан)/, { type: "tint", of: vignette }],
];

/** The changed picture: `pictures[0]` with the change, the others small in its lower right corner. */
export function changePicture(
  picture: Bitmap,
  insets: readonly Bitmap[],
  change: Change,
): Bitmap {
  const strength = Math.min(1, Math.max(0, change.strength));
  const words = change.words.toLowerCase();
  if (/plain grey areas/.test(words)) return fillEdges(picture);
  const named = EFFECTS.find(([stem]) => stem.test(words))?.[1];
  const effect = named ?? tint(hueShift(40 + 280 * chance(`${words}\n${change.seed}`)));
  const result = effect.type === "blur" ? blurred(picture) : tinted(picture, effect.of(picture));
  // A new seed is to be seen even where the words alone say what to do.
  const light = named === undefined ? 1 : 0.92 + 0.16 * chance(String(change.seed));
  mix(result, picture, strength, light);
  if (/drawn by hand on the picture/.test(words)) wipeMarks(result, picture);
  if (strength > 0) drawInsets(result, insets);
  return result;
}

/** Takes lines of strong red out, in place: each row goes on beneath them as it was before. */
function wipeMarks(result: Bitmap, { width, rgba }: Bitmap): void {
  for (let at = 4; at < rgba.length; at += 4) {
    const [r = 0, g = 0, b = 0] = rgba.subarray(at, at + 3);
    const isMark = r > 170 && g < 90 && b < 90;
    if (isMark && at / 4 % width > 0) result.rgba.copyWithin(at, at - 4, at);
  }
}

/** The picture as it forms: `share` 0 is coarse and mostly `before`, 1 is `after`. */
export function formingPicture(before: Bitmap, after: Bitmap, share: number): Bitmap {
  const block = Math.max(1, Math.round(24 * (1 - share)));
  const forming = blank(after.width, after.height);
  const { width } = after;
  for (let y = 0; y < after.height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((y - y % block) * width + (x - x % block)) * 4;
      const to = (y * width + x) * 4;
      for (let channel = 0; channel < 3; channel++) {
        forming.rgba[to + channel] = (before.rgba[from + channel] ?? 0) * (1 - share) +
          (after.rgba[from + channel] ?? 0) * share;
      }
      forming.rgba[to + 3] = 255;
    }
  }
  return forming;
}

/** Inverted, as ImageInvert does. */
export function inverted(picture: Bitmap): Bitmap {
  return tinted(picture, (rgb) => {
    for (const i of [0, 1, 2] as const) rgb[i] = 255 - rgb[i];
  });
}

/** Blurred by a box of 1/40 of the longer side. */
export function blurred(picture: Bitmap): Bitmap {
  const radius = Math.max(1, Math.round(Math.max(picture.width, picture.height) / 80));
  const across = blank(picture.width, picture.height);
  slide(picture, across, picture.height, picture.width * 4, picture.width, 4, radius);
  const both = blank(picture.width, picture.height);
  slide(across, both, picture.width, 4, picture.height, picture.width * 4, radius);
  return both;
}

/** A running mean along `lines` lines that are `lineStep` bytes apart, each of `length` pixels `step` bytes apart. */
function slide(
  from: Bitmap,
  to: Bitmap,
  lines: number,
  lineStep: number,
  length: number,
  step: number,
  radius: number,
): void {
  const at = (base: number, i: number) =>
    from.rgba[base + Math.min(length - 1, Math.max(0, i)) * step] ?? 0;
  for (let line = 0; line < lines; line++) {
    for (let channel = 0; channel < 4; channel++) {
      const base = line * lineStep + channel;
      let sum = 0;
      for (let i = -radius; i <= radius; i++) sum += at(base, i);
      for (let i = 0; i < length; i++) {
        to.rgba[base + i * step] = sum / (2 * radius + 1);
        sum += at(base, i + radius + 1) - at(base, i - radius);
      }
    }
  }
}

function tinted(picture: Bitmap, change: Tint): Bitmap {
  const result = blank(picture.width, picture.height);
  const rgb: [number, number, number] = [0, 0, 0];
  let at = 0;
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++, at += 4) {
      rgb[0] = picture.rgba[at] ?? 0;
      rgb[1] = picture.rgba[at + 1] ?? 0;
      rgb[2] = picture.rgba[at + 2] ?? 0;
      change(rgb, x, y);
      result.rgba[at] = rgb[0];
      result.rgba[at + 1] = rgb[1];
      result.rgba[at + 2] = rgb[2];
      result.rgba[at + 3] = 255;
    }
  }
  return result;
}

/** Mixes `result` back towards `picture`, in place, and brightens it by `light`. */
function mix(result: Bitmap, picture: Bitmap, strength: number, light: number): void {
  for (let at = 0; at < result.rgba.length; at++) {
    if ((at & 3) === 3) continue;
    const before = picture.rgba[at] ?? 0;
    result.rgba[at] = before + ((result.rgba[at] ?? 0) * light - before) * strength;
  }
}

function vignette({ width, height }: Bitmap): Tint {
  return (rgb, x, y) => {
    const dx = (2 * x) / width - 1;
    const dy = (2 * y) / height - 1;
    const edge = Math.min(1, Math.max(0, (Math.sqrt(dx * dx + dy * dy) - 0.6) / 0.25));
    for (const i of [0, 1, 2] as const) rgb[i] += (255 - rgb[i]) * edge;
  };
}

/** Turns the hue by `degrees`, keeping the light (the usual YIQ rotation). */
function hueShift(degrees: number): Tint {
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  return (rgb) => {
    const [r, g, b] = rgb;
    const y = luma(rgb);
    const i = 0.596 * r - 0.274 * g - 0.322 * b;
    const q = 0.211 * r - 0.523 * g + 0.312 * b;
    const i2 = i * cos - q * sin;
    const q2 = i * sin + q * cos;
    rgb[0] = y + 0.956 * i2 + 0.621 * q2;
    rgb[1] = y - 0.272 * i2 - 0.647 * q2;
    rgb[2] = y - 1.106 * i2 + 1.703 * q2;
  };
}

function drawInsets(onto: Bitmap, insets: readonly Bitmap[]): void {
  let right = onto.width - 4;
  for (const inset of [...insets].reverse()) {
    const frame = blank(inset.width + 4, inset.height + 4);
    frame.rgba.fill(255);
    paste(frame, inset, 2, 2);
    const left = right - frame.width;
    const top = onto.height - frame.height - 4;
    if (left < 0 || top < 0) return;
    paste(onto, frame, left, top);
    right = left - 4;
  }
}

/** A number 0…1 from a text (FNV-1a, then mixed). */
function chance(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 12)) >>> 0) / 2 ** 32;
}
