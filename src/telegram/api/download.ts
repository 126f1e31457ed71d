/**
 * Pictures in messages: which message has one, and its bytes from Telegram, within limits. Owns what is refused before
 * anything is downloaded; whether bytes are a picture is images/inspect.ts's to say.
 */
import { type Api, GrammyError } from "grammy";
import type { ExternalReplyInfo, File, Message } from "grammy/types";
import { setTimeout as pause } from "node:timers/promises";
import { InvalidImageError } from "../../lib/mod.ts";
import { DownloadError, isTransient, longRetries, retryUntilDelivered } from "./retry.ts";

/** A picture as a message announces it. */
export interface PictureSource {
  readonly fileId: string;
  /** Bytes, where Telegram says. */
  readonly bytes: number | undefined;
  /** Sent as a file: not recompressed by Telegram. */
  readonly asFile: boolean;
}

/** What a message holds, as far as an edit is concerned. */
export type MessageContent =
  | { readonly type: "picture"; readonly source: PictureSource }
  /** Some medium that is no picture: a video, a sticker, a voice message, a PDF. */
  | { readonly type: "other" }
  | { readonly type: "words" };

/** `getFile` gives no more on Telegram's own server (Bot API documentation of getFile). */
const cloudMaxBytes = 20 * 1024 * 1024;

/** Pauses before what is often there a few seconds later is asked for again, in milliseconds. */
const unavailablePausesMs = [500, 1_500, 3_000];

const otherMedia = [
  "animation",
  "audio",
  "contact",
  "dice",
  "location",
  "poll",
  "sticker",
  "story",
  "venue",
  "video",
  "video_note",
  "voice",
] as const satisfies readonly (keyof Message)[];

/** Finds the picture of a message, or of one quoted from another chat. */
export function contentOf(message: Message | ExternalReplyInfo): MessageContent {
  const photo = message.photo?.at(-1);
  if (photo) {
    return {
      type: "picture",
      source: { fileId: photo.file_id, bytes: photo.file_size, asFile: false },
    };
  }
  const { document } = message;
  // An animation comes with a document beside it.
  if (
    document && !message.animation &&
    /^(image\/|application\/octet-stream|$)/.test(document.mime_type ?? "")
  ) {
    return {
      type: "picture",
      source: { fileId: document.file_id, bytes: document.file_size, asFile: true },
    };
  }
  return document || otherMedia.some((medium) => message[medium] !== undefined)
    ? { type: "other" }
    : { type: "words" };
}

/** A file is too large to be asked for. */
export class TooLargeError extends InvalidImageError {
  constructor(readonly bytes: number, readonly maxBytes: number) {
    super(`Cannot download: ${bytes} bytes (wanted at most ${maxBytes})`);
  }
}

export interface DownloadOptions {
  readonly api: Api;
  readonly apiRoot: string;
  readonly token: string;
  readonly maxBytes: number;
  /** For one try. */
  readonly timeoutMs?: number;
  /** Ends the wait for a Telegram that is away. */
  readonly signal: AbortSignal;
}

/**
 * A picture's bytes. Throws TooLargeError before or while downloading more than `maxBytes`, InvalidImageError where
 * Telegram does not give it; messages hold no link, for links hold the token.
 */
export async function download(
  source: PictureSource,
  options: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { api, apiRoot, token, timeoutMs = 60_000 } = options;
  const isCloud = new URL(apiRoot).hostname === "api.telegram.org";
  const maxBytes = isCloud ? Math.min(options.maxBytes, cloudMaxBytes) : options.maxBytes;
  if ((source.bytes ?? 0) > maxBytes) throw new TooLargeError(source.bytes ?? 0, maxBytes);

  let path: string | undefined;
  try {
    path = (await fileAt(api, source.fileId, options.signal)).file_path;
  } catch (error) {
    if (!(error instanceof GrammyError) || isTransient(error)) throw error;
    if (/too big/.test(error.description)) throw new TooLargeError(cloudMaxBytes + 1, maxBytes);
    throw new InvalidImageError(`Cannot download: ${error.description}`);
  }
  if (path === undefined) throw new InvalidImageError("Cannot download: Telegram gave no path");
  // A Bot API server of one's own, run with --local, gives a path on its disk.
  if (path.startsWith("/") && !isCloud) return await Deno.readFile(path);

  const url = `${apiRoot}/file/bot${token}/${path}`;
  try {
    return await retryUntilDelivered(() => fetchFile(url, { maxBytes, timeoutMs }), {
      what: "the download of a picture",
      maxTries: longRetries,
      signal: options.signal,
    });
  } catch (error) {
    if (error instanceof DownloadError) throw new InvalidImageError(error.message);
    throw error;
  }
}

/** Where Telegram has the file; what it calls "temporarily unavailable" is asked for a few times. */
async function fileAt(api: Api, fileId: string, signal: AbortSignal): Promise<File> {
  for (const pauseMs of unavailablePausesMs) {
    try {
      return await api.getFile(fileId);
    } catch (error) {
      const isUnavailable = error instanceof GrammyError &&
        /temporarily unavailable/i.test(error.description);
      if (!isUnavailable) throw error;
      await pause(pauseMs, undefined, { signal });
    }
  }
  return await api.getFile(fileId);
}

/** One try: DownloadTrouble where another one may succeed. */
async function fetchFile(
  url: string,
  { maxBytes, timeoutMs }: { readonly maxBytes: number; readonly timeoutMs: number },
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // A GET: the runtime may repeat it.
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (response.ok && response.body) return await readAtMost(response.body, maxBytes);
    await response.body?.cancel();
    const problem = `Cannot download: Telegram answered ${response.status}`;
    // Telegram does not take the token for now (401): neither does it take other calls.
    const isPassing = response.status >= 500 || [401, 429].includes(response.status);
    throw isPassing ? new DownloadError(problem) : new InvalidImageError(problem);
  } catch (error) {
    if (error instanceof InvalidImageError || error instanceof DownloadError) throw error;
    // The network's own words have the URL in them, and that the token.
    throw new DownloadError("Cannot download: the connection broke");
  }
}

async function readAtMost(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new TooLargeError(length, maxBytes);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
