/**
 * Photos and documents as a bot sends them: uploaded, attached, or by `file_id`; their limits; captions.
 */

import { z } from "zod";
import type { Media } from "../chat/files.ts";
import { type Picture, readPicture } from "../chat/pictures.ts";
import { badRequest, Refusal } from "../refusal.ts";
import type { UploadedFile } from "../server/multipart.ts";
import type { Params } from "../server/params.ts";
import type { Content, World } from "../world.ts";
import { entitiesSchema, formatCaption, type TextInput } from "./text.ts";

const MAX_PHOTO_BYTES = 10 * 1024 * 1024;
const MAX_DOCUMENT_BYTES = 50 * 1024 * 1024;
const MAX_PHOTO_SIDES = 10_000;
const MAX_PHOTO_RATIO = 20;

/** The picture within a photo's bytes; throws a Refusal when Telegram would not take them as a photo. */
function checkPhoto(bytes: Uint8Array): Picture {
  if (bytes.length > MAX_PHOTO_BYTES) {
    throw badRequest(
      `File of size ${bytes.length} bytes is too big for a photo; the maximum size is ${MAX_PHOTO_BYTES} bytes`,
    );
  }
  const picture = readPicture(bytes);
  if (picture === undefined) throw badRequest("IMAGE_PROCESS_FAILED");
  const { width, height } = picture;
  const ratio = Math.max(width, height) / Math.min(width, height);
  if (width + height > MAX_PHOTO_SIDES || ratio > MAX_PHOTO_RATIO) {
    throw badRequest("PHOTO_INVALID_DIMENSIONS");
  }
  return picture;
}

function upload(
  world: World,
  type: Media["type"],
  file: UploadedFile,
  thumbnail: UploadedFile | undefined,
): Media {
  const { bytes, filename } = file;
  if (bytes.length === 0) throw badRequest("File must be non-empty");
  // A view into the request's body would keep all of it.
  const own = bytes.slice();
  if (type === "photo") return { type, photo: world.files.addPhoto(own, checkPhoto(own)) };
  if (own.length > MAX_DOCUMENT_BYTES) throw new Refusal(413, "Request Entity Too Large");
  const small = thumbnail === undefined ? {} : { thumbnail: thumbnail.bytes.slice() };
  return { type, document: world.files.addDocument(own, { filename, ...small }) };
}

/** The media that a parameter names: `attach://<part>`, a `file_id`, or the part of the parameter's own name. */
export function readMedia(
  world: World,
  params: Params,
  type: Media["type"],
  value: string,
  thumbnail = "",
): Media {
  const attached = /^attach:\/\/(.+)$/.exec(value)?.[1];
  const file = params.file(attached ?? type);
  if (attached === undefined && value !== "") return world.files.reuse(value, type);
  if (file === undefined) throw badRequest(`There is no ${type} in the request`);
  const thumbnailPart = /^attach:\/\/(.+)$/.exec(thumbnail)?.[1] ?? "thumbnail";
  return upload(world, type, file, params.file(thumbnailPart));
}

/** Media and caption as fields of a message. */
export function mediaContent(
  media: Media,
  input: TextInput,
  look: { readonly spoiler?: boolean | undefined; readonly captionAbove?: boolean | undefined },
): Content {
  const { text, entities } = formatCaption(input);
  return {
    ...(media.type === "photo" ? { photo: media.photo } : { document: media.document }),
    ...(text === "" ? {} : { caption: text }),
    ...(entities.length === 0 ? {} : { caption_entities: [...entities] }),
    ...(look.spoiler && media.type === "photo" ? { has_media_spoiler: true } : {}),
    ...(look.captionAbove ? { show_caption_above_media: true } : {}),
  };
}

const inputMediaSchema = z.looseObject({
  type: z.string(),
  media: z.string().default(""),
  thumbnail: z.string().optional(),
  caption: z.string().default(""),
  parse_mode: z.string().optional(),
  caption_entities: entitiesSchema.optional(),
  has_spoiler: z.boolean().optional(),
  show_caption_above_media: z.boolean().optional(),
});

type InputMedia = z.infer<typeof inputMediaSchema>;

function inputContent(world: World, params: Params, input: InputMedia): Content {
  const { type, caption, parse_mode, caption_entities } = input;
  if (type !== "photo" && type !== "document") {
    throw badRequest(`Can't parse InputMedia: type "${type}" is unsupported`);
  }
  if (input.media === "") throw badRequest("Can't parse InputMedia: media not found");
  const media = readMedia(world, params, type, input.media, input.thumbnail);
  return mediaContent(
    media,
    { text: caption, parseMode: parse_mode, entities: caption_entities },
    { spoiler: input.has_spoiler, captionAbove: input.show_caption_above_media },
  );
}

/** The `media` of `editMessageMedia`. */
export function readInputMedia(world: World, params: Params): Content {
  const input = params.json("media", inputMediaSchema, "InputMedia");
  if (input === undefined) throw badRequest('Parameter "media" is required');
  return inputContent(world, params, input);
}

/** The `media` of `sendMediaGroup`: 2–10 of one kind. */
export function readAlbum(world: World, params: Params): Content[] {
  const inputs = params.json("media", z.array(inputMediaSchema), "InputMedia") ?? [];
  if (inputs.length === 0) throw badRequest("There are no messages to send");
  if (inputs.length > 10) throw badRequest("Too many messages to send as an album");
  if (inputs.length < 2) throw badRequest("Too few messages to send as an album");
  if (new Set(inputs.map(({ type }) => type)).size > 1) {
    throw badRequest("Document can't be mixed with other media types");
  }
  return inputs.map((input) => inputContent(world, params, input));
}
