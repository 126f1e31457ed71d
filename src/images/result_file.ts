/**
 * What a backend's result is, told by its bytes: what its file is called, whether it is a still picture, and the same without
 * the words in it. Whatever a backend saves is a result. Knows neither its MIME type nor the name that the backend gave it.
 */
import { stripGif } from "./gif.ts";
import { type ImageInfo, inspectImage } from "./inspect.ts";
import { stripJpeg } from "./jpeg.ts";
import { stripMatroska } from "./matroska.ts";
import { stripMp4 } from "./mp4.ts";
import { stripPng } from "./png.ts";
import { recognise } from "./sniff.ts";
import { stripWebp } from "./webp.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The file name's ending for these bytes, without a dot: `png`, `webp`, `mp4`; `bin` for what is not known. */
export function extensionOf(bytes: Uint8Array): string {
  const recognised = recognise(bytes);
  if (recognised.type === "other") return otherExtension(bytes, recognised.looksLike);
  return recognised.format === "jpeg" ? "jpg" : recognised.format;
}

function otherExtension(bytes: Uint8Array, looksLike: string | undefined): string {
  if (looksLike === "video") {
    if (isMatroska(bytes)) return hasWebmType(bytes) ? "webm" : "mkv";
    return String.fromCharCode(...bytes.subarray(0, 4)) === "RIFF" ? "avi" : "mp4";
  }
  if (looksLike === "audio") {
    const start = String.fromCharCode(...bytes.subarray(0, 4));
    if (start === "OggS") return "ogg";
    if (start === "fLaC") return "flac";
    if (start === "RIFF") return "wav";
    return start.startsWith("ID3") ? "mp3" : "m4a";
  }
  return looksLike ?? "bin";
}

/** What is known of a picture that does not move; undefined for an animation, a video, and whatever else is no such picture. */
export function stillOf(bytes: Uint8Array): ImageInfo | undefined {
  const inspected = inspectImage(bytes, {
    maxBytes: Infinity,
    maxPixels: Infinity,
    allowedFormats: ["jpeg", "png", "webp"],
  });
  return inspected.ok ? inspected.image : undefined;
}

/**
 * The same without the words and the graph that a backend writes into it; what is seen and heard stays as it is. The bytes
 * themselves, where there is nothing to leave out or the format is none that is known here. Never throws.
 */
export function withoutMetadata(bytes: Bytes): Bytes {
  const recognised = recognise(bytes);
  if (recognised.type === "image") {
    switch (recognised.format) {
      case "png":
        return stripPng(bytes);
      case "jpeg":
        return stripJpeg(bytes);
      case "webp":
        return stripWebp(bytes);
      case "gif":
        return stripGif(bytes);
      default:
        return bytes;
    }
  }
  if (recognised.looksLike === "video" || recognised.looksLike === "audio") {
    return isMatroska(bytes) ? stripMatroska(bytes) : stripMp4(bytes);
  }
  return bytes;
}

function isMatroska(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1a && bytes[1] === 0x45;
}

/** The DocType in the first bytes of an EBML file. */
function hasWebmType(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 64)).includes("webm");
}
