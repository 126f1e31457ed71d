/**
 * The files on Telegram's servers: ids, kinds, bytes, download links. Photos keep what was uploaded and are scaled or
 * recompressed when they are downloaded. It does not know messages.
 */

import type { Document, PhotoSize } from "grammy/types";
import { badRequest } from "../refusal.ts";
import {
  type Dimensions,
  isDecodable,
  photoSizes,
  type Picture,
  readPicture,
  recompress,
} from "./pictures.ts";

/** `getFile` refuses larger files. */
const MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024;
/** How long a link from `getFile` works. */
const LINK_MS = 3_600_000;

/** Names as `Can't use file of type X as Y` has them. */
export type FileType = "Photo" | "Document" | "Thumbnail";

/** What a message may carry: sent again by its `file_id`. */
export type Media =
  | { readonly type: "photo"; readonly photo: PhotoSize[] }
  | { readonly type: "document"; readonly document: Document };

/** Bytes that several files share: a photo's sizes, a document and its thumbnail. */
interface Upload {
  bytes: Uint8Array | undefined;
  readonly size: number;
}

interface StoredFile {
  readonly id: string;
  readonly uniqueId: string;
  readonly type: FileType;
  readonly extension: string;
  readonly upload: Upload;
  /** The size to recompress to at a download; undefined: the upload as it is. */
  readonly scale?: Dimensions;
  media?: Media;
}

const MIME_BY_EXTENSION: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  bmp: "image/bmp",
  tif: "image/tiff",
  tiff: "image/tiff",
  pdf: "application/pdf",
  txt: "text/plain",
  json: "application/json",
  zip: "application/zip",
  mp4: "video/mp4",
  heic: "image/heic",
};

function extensionOf(filename: string): string {
  return /\.([a-z0-9]{1,8})$/i.exec(filename)?.[1]?.toLowerCase() ?? "";
}

/** The MIME type that Telegram gives a file by its name. */
export function mimeOf(filename: string): string {
  return MIME_BY_EXTENSION[extensionOf(filename)] ?? "application/octet-stream";
}

/** All files of one Telegram. Bounded by `keepBytes`: the oldest uploads lose their bytes first, ids stay known. */
export class Files {
  readonly #files = new Map<string, StoredFile>();
  readonly #links = new Map<string, { readonly fileId: string; readonly until: number }>();
  readonly #uploads: Upload[] = [];
  readonly #options: { botId: number; photoSide: number; keepBytes: number; now: () => number };
  #kept = 0;
  #count = 0;
  #linkCount = 0;

  constructor(
    options: { botId: number; photoSide: number; keepBytes: number; now: () => number },
  ) {
    this.#options = options;
  }

  /** Ids look like Telegram's: some 80 characters that say nothing, far too long for `callback_data`. */
  #newId(prefix: string): { id: string; uniqueId: string } {
    this.#count += 1;
    const seed =
      `${this.#options.botId}:${this.#count}:${prefix}:emulated telegram file store, volume 1`;
    const tail = btoa(seed).replace(/[+/=]/g, "_");
    const unique = btoa(`${this.#count}:unique id`).replace(/[+/=]/g, "_").slice(0, 11);
    return { id: `${prefix}${tail}`, uniqueId: `AQAD${unique}` };
  }

  #keep(bytes: Uint8Array): Upload {
    const upload: Upload = { bytes, size: bytes.length };
    this.#uploads.push(upload);
    this.#kept += bytes.length;
    while (this.#kept > this.#options.keepBytes && this.#uploads.length > 1) {
      const oldest = this.#uploads.shift();
      if (oldest === undefined) break;
      oldest.bytes = undefined;
      this.#kept -= oldest.size;
    }
    return upload;
  }

  #add(type: FileType, extension: string, upload: Upload, scale?: Dimensions): StoredFile {
    const prefix = type === "Document" ? "BQACAgIAAxkBAA" : "AgACAgIAAxkBAA";
    const file: StoredFile = {
      ...this.#newId(prefix),
      type,
      extension,
      upload,
      ...(scale === undefined ? {} : { scale }),
    };
    this.#files.set(file.id, file);
    return file;
  }

  /**
   * Takes a photo's bytes and gives its sizes. What is not a JPEG within `photoSide` is recompressed at a download;
   * its `file_size` is not known before, and not given. What cannot be decoded here stays as it is in every size.
   */
  addPhoto(bytes: Uint8Array, picture: Picture): PhotoSize[] {
    const upload = this.#keep(bytes);
    const sizes = photoSizes(picture, this.#options.photoSide);
    const files = sizes.map((size) => {
      const same = size.width === picture.width && size.height === picture.height;
      const asIs = (same && picture.format === "jpeg") || !isDecodable(picture);
      const file = this.#add("Photo", "jpg", upload, asIs ? undefined : size);
      const photo: PhotoSize = {
        file_id: file.id,
        file_unique_id: file.uniqueId,
        ...size,
        ...(asIs ? { file_size: upload.size } : {}),
      };
      return { file, photo };
    });
    const media: Media = { type: "photo", photo: files.map(({ photo }) => photo) };
    for (const { file } of files) file.media = media;
    return media.photo;
  }

  /** Takes a file, kept byte for byte; a picture gets a thumbnail made, unless one is given. */
  addDocument(
    bytes: Uint8Array,
    { filename, mime, thumbnail }: { filename: string; mime?: string; thumbnail?: Uint8Array },
  ): Document {
    const upload = this.#keep(bytes);
    const file = this.#add("Document", extensionOf(filename), upload);
    const document: Document = {
      file_name: filename,
      mime_type: mime ?? mimeOf(filename),
      file_id: file.id,
      file_unique_id: file.uniqueId,
      file_size: bytes.length,
    };
    const small = this.#thumbnail(upload, thumbnail);
    if (small !== undefined) document.thumbnail = small;
    file.media = { type: "document", document };
    return document;
  }

  #thumbnail(upload: Upload, given: Uint8Array | undefined): PhotoSize | undefined {
    const bytes = given ?? upload.bytes;
    const picture = bytes === undefined ? undefined : readPicture(bytes);
    if (bytes === undefined || picture === undefined) return undefined;
    if (given === undefined && !isDecodable(picture)) return undefined;
    const size = photoSizes(picture, 320).at(-1) ?? picture;
    const file = given === undefined
      ? this.#add("Thumbnail", "jpg", upload, size)
      : this.#add("Thumbnail", "jpg", this.#keep(given));
    return { file_id: file.id, file_unique_id: file.uniqueId, ...size };
  }

  /** The media that a `file_id` stands for when it is sent again as `type`; throws a Refusal. */
  reuse(fileId: string, type: Media["type"]): Media {
    const file = this.#files.get(fileId);
    if (file === undefined) throw badRequest("Wrong file identifier/HTTP URL specified");
    const wanted = type === "photo" ? "Photo" : "Document";
    if (file.type !== wanted || file.media === undefined) {
      throw badRequest(`Can't use file of type ${file.type} as ${wanted}`);
    }
    return file.media;
  }

  /** `getFile`: a fresh link of an hour; throws a Refusal for what is unknown, too big, or no longer kept. */
  link(fileId: string): {
    file_id: string;
    file_unique_id: string;
    file_size?: number;
    file_path: string;
  } {
    const file = this.#files.get(fileId);
    if (file === undefined) throw badRequest("invalid file_id");
    if (file.upload.size > MAX_DOWNLOAD_BYTES) throw badRequest("File is too big");
    if (file.upload.bytes === undefined) {
      throw badRequest("wrong file_id or the file is temporarily unavailable");
    }
    const now = this.#options.now();
    for (const [path, { until }] of this.#links) {
      if (until > now) break;
      this.#links.delete(path);
    }
    const folder = { Photo: "photos", Document: "documents", Thumbnail: "thumbnails" }[file.type];
    const ending = file.extension === "" ? "" : `.${file.extension}`;
    const file_path = `${folder}/file_${this.#linkCount++}${ending}`;
    this.#links.set(file_path, { fileId, until: now + LINK_MS });
    return {
      file_id: file.id,
      file_unique_id: file.uniqueId,
      ...(file.scale === undefined ? { file_size: file.upload.size } : {}),
      file_path,
    };
  }

  /** The file that a link from `getFile` leads to; undefined when it never did or no longer does. */
  linked(path: string): string | undefined {
    const link = this.#links.get(path);
    return link === undefined || link.until <= this.#options.now() ? undefined : link.fileId;
  }

  /** What a download gives; undefined for an unknown file or one whose bytes are no longer kept. */
  async bytes(fileId: string): Promise<Uint8Array | undefined> {
    const file = this.#files.get(fileId);
    if (file?.upload.bytes === undefined) return undefined;
    if (file.scale === undefined) return file.upload.bytes;
    return await recompress(file.upload.bytes, file.scale);
  }
}
