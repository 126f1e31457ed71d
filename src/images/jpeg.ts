/**
 * JPEG as a sequence of marker segments (ITU-T T.81, annex B): walks them from SOI to EOI. Decodes no coefficients.
 */
import { hasExifPrefix, readOrientation } from "./exif.ts";
import { type Part, without } from "./parts.ts";
import { type Orientation, refused, type SizeCheck, type Walk } from "./problem.ts";

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COM = 0xfe;
const TEM = 0x01;
/** DHT, JPG and DAC are in the range of frame headers C0–CF but are none. */
const NOT_A_FRAME: readonly number[] = [0xc4, 0xc8, 0xcc];
/** Baseline, extended, progressive, and the last two with arithmetic coding: what libjpeg-turbo decodes. */
const DECODABLE_FRAMES: readonly number[] = [0xc0, 0xc1, 0xc2, 0xc9, 0xca];
/** Grey, YCbCr or RGB, CMYK or YCCK. */
const COMPONENT_COUNTS: readonly number[] = [1, 3, 4];

/** Where a marker is: `code` is the byte after its 0xff, `end` the offset behind it. */
interface Marker {
  readonly code: number;
  readonly end: number;
}

/**
 * Walks a JPEG to its first scan, or the first byte of it; what follows is left to the decoder, which shows as much as there
 * is: without an end (some cameras write none), with a phone's second picture or clip behind it. As decoders do, it skips stray
 * bytes between segments. A preview inside APP1 is skipped with its segment. Linear in the file.
 */
export function walkJpeg(bytes: Uint8Array, checkSize: SizeCheck): Walk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size: { readonly width: number; readonly height: number } | undefined;
  let orientation: Orientation | undefined;
  for (let at = 2;;) {
    const marker = nextMarker(bytes, at);
    if (marker === undefined) return truncated();
    if (marker.code === EOI) return damaged("there is no scan");
    at = marker.end;
    if (standsAlone(marker.code)) continue;
    if (marker.code === SOI) return damaged("there is a second SOI");

    if (at + 2 > bytes.length) return truncated();
    // A length that does not even count itself is that of an empty segment.
    const end = at + Math.max(2, view.getUint16(at));
    if (end > bytes.length) return truncated();

    if (isFrame(marker.code)) {
      if (size !== undefined) return damaged("there is a second frame header");
      const frame = readFrame(marker.code, bytes.subarray(at + 2, end));
      if (typeof frame === "string") return damaged(frame);
      const sizeProblem = checkSize(frame.width, frame.height);
      if (sizeProblem !== undefined) return refused(sizeProblem);
      size = frame;
    } else if (marker.code === APP1 && orientation === undefined) {
      const data = bytes.subarray(at + 2, end);
      if (hasExifPrefix(data)) orientation = readOrientation(data);
    } else if (marker.code === SOS) {
      if (size === undefined) return damaged("a scan comes before the frame header");
      if (end === bytes.length) return truncated();
      return {
        ok: true,
        facts: {
          ...size,
          orientation: orientation ?? 1,
          bitDepth: 8,
          hasAlpha: false,
          animated: false,
        },
      };
    }
    at = end;
  }
}

/**
 * The JPEG without its comments and without what programs keep in it (EXIF, XMP, IPTC and the like), and without what follows its
 * end. What the colours need stays: JFIF, the ICC profile, Adobe's marker; a result is upright without EXIF. From a broken
 * place on, nothing is changed. Never throws.
 */
export function stripJpeg<T extends ArrayBufferLike>(
  bytes: Uint8Array<T>,
): Uint8Array<T | ArrayBuffer> {
  const parts: Part[] = [];
  for (let at = 2;;) {
    const marker = nextMarker(bytes, at);
    if (marker === undefined) break;
    at = marker.end;
    if (marker.code === EOI) {
      if (at < bytes.length) parts.push({ start: at, end: bytes.length });
      break;
    }
    if (standsAlone(marker.code) || at + 2 > bytes.length) continue;
    const end = at + Math.max(2, bytes[at]! * 256 + bytes[at + 1]!);
    if (end > bytes.length) break;
    const data = bytes.subarray(at + 2, end);
    if (isWords(marker.code, data)) parts.push({ start: marker.end - 2, end });
    at = end;
  }
  return without(bytes, parts);
}

/** True for a comment and for an APP segment that the colours do not need. */
function isWords(code: number, data: Uint8Array): boolean {
  const begins = (name: string) => [...name].every((letter, i) => data[i] === letter.charCodeAt(0));
  switch (code) {
    case COM:
      return true;
    case APP0:
      return !begins("JFIF\0");
    case APP2:
      return !begins("ICC_PROFILE\0");
    case APP14:
      return !begins("Adobe");
    default:
      return code > APP0 && code <= APP15;
  }
}

/**
 * The first marker at or after `at`: over stray bytes, fill bytes (any number of 0xff before the code) and the entropy-coded
 * data of a scan, in which 0xff00 stands for a byte 0xff.
 */
function nextMarker(bytes: Uint8Array, at: number): Marker | undefined {
  for (let index = at; index + 1 < bytes.length; index++) {
    const code = bytes[index + 1]!;
    if (bytes[index] === 0xff && code !== 0xff && code !== 0x00) return { code, end: index + 2 };
  }
  return undefined;
}

/** The size that a frame header declares, or what is wrong with it. */
function readFrame(code: number, data: Uint8Array): { width: number; height: number } | string {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < 6) return "the frame header is too short";
  const precision = view.getUint8(0);
  const height = view.getUint16(1);
  const width = view.getUint16(3);
  const components = view.getUint8(5);
  if (!DECODABLE_FRAMES.includes(code)) return `coding process SOF${code - 0xc0} is not decodable`;
  if (precision !== 8) return `a sample has ${precision} bits`;
  if (!COMPONENT_COUNTS.includes(components)) return `there are ${components} components`;
  if (data.length !== 6 + 3 * components) return "the frame header's length is wrong";
  if (width === 0 || height === 0) return `the size is ${width}x${height}`;
  return { width, height };
}

function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && !NOT_A_FRAME.includes(code);
}

/** Markers without a length that may be anywhere: TEM, and the restart markers that divide a scan. */
function standsAlone(code: number): boolean {
  return code === TEM || (code >= 0xd0 && code <= 0xd7);
}

function truncated(): Walk {
  return refused({ kind: "truncated", format: "jpeg" });
}

function damaged(detail: string): Walk {
  return refused({ kind: "damaged", format: "jpeg", detail });
}
