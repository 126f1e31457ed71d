/**
 * Gets a message's pictures, stored and checked: from Telegram, or from a lossless result that the bot still has. Owns the
 * files of DATA_DIR/input until a job or a draft refers to them, and the answer for a picture that cannot be used or
 * stored.
 */
import { type Drawing, samplePicture, takePicture } from "../../images/drawing/mod.ts";
import { type ImageProblem } from "../../images/mod.ts";
import { type Job, maxBatch, type Picture } from "../../jobs/mod.ts";
import { InvalidImageError } from "../../lib/mod.ts";
import {
  type BotContext,
  type ChatDeps,
  download,
  type PictureSource,
  refuse,
  TooLargeError,
} from "../api/mod.ts";

/** Where a picture comes from. */
export type Source =
  | ({ readonly type: "telegram" } & PictureSource)
  /** A job's result: its lossless file where that is still there, else what Telegram keeps of it. */
  | { readonly type: "result"; readonly job: Job }
  /** The one that the program brings. */
  | { readonly type: "sample" };

export interface ImageFetcher {
  /**
   * Fetches and checks the pictures; answers and gives undefined where one of them cannot be used, or there are more than
   * `max` (default: as many as there are jobs of a batch).
   */
  fetch(
    ctx: BotContext,
    sources: readonly Source[],
    max?: number,
  ): Promise<readonly Picture[] | undefined>;
  /** The pictures in files of other names, by `index`; those that are gone stay as they are. */
  copy(pictures: readonly Picture[], index: number): Promise<readonly Picture[]>;
  /** Where pictures of a job or a draft can be had again. */
  sourcesOf(pictures: readonly Picture[]): Promise<readonly Source[]>;
  remove(pictures: readonly Picture[]): Promise<void>;
}

/** True for a picture that was fetched for this update, also before a kill. */
export function isFetchedFor(ctx: BotContext, { file }: Picture): boolean {
  return file.startsWith(prefixOf(ctx));
}

/** `signal` ends the wait for a Telegram that is away. */
export function createImageFetcher(
  deps: ChatDeps & { readonly drawing: Pick<Drawing, "convert"> },
  signal: AbortSignal,
): ImageFetcher {
  const { queue, storage, drawing } = deps;

  async function remove(pictures: readonly Picture[]): Promise<void> {
    for (const { file } of pictures) await storage.removeInput(file);
  }

  /** The picture, stored under a name that begins with `name`; or the sentence that says why not. */
  async function fetchOne(
    ctx: BotContext,
    source: Source,
    name: string,
  ): Promise<Picture | string> {
    const { image } = deps.config();
    try {
      // A result may be larger than what users may send, and of another format.
      const taken = await takePicture(
        await bytesOf(ctx, source),
        source.type === "telegram"
          ? { maxBytes: image.maxBytes, allowedFormats: image.formats }
          : { maxBytes: Infinity, allowedFormats: ["jpeg", "png", "webp"] },
        drawing,
      );
      if (!taken.ok) return problemText(ctx, taken.problem);
      const { extension, mime, displayWidth: width, displayHeight: height } = taken.image;
      const file = `${name}.${extension}`;
      await storage.saveInput(file, taken.bytes);
      const fileId = fileIdOf(source);
      return {
        file,
        mime,
        width,
        height,
        asFile: isFile(source),
        ...(fileId === undefined ? {} : { fileId }),
        ...(source.type === "result" ? { resultOf: source.job.id } : {}),
        ...(source.type === "sample" ? { isSample: true } : {}),
      };
    } catch (error) {
      if (error instanceof TooLargeError) {
        return problemText(ctx, {
          kind: "too_large",
          bytes: error.bytes,
          maxBytes: error.maxBytes,
        });
      }
      if (error instanceof InvalidImageError) return ctx.text.image.unavailable;
      throw error;
    }
  }

  async function bytesOf(ctx: BotContext, source: Source): Promise<Uint8Array<ArrayBuffer>> {
    if (source.type === "sample") return await samplePicture();
    if (source.type === "result" && source.job.resultFile) {
      const kept = await storage.readResult(source.job.resultFile);
      if (kept) return kept;
    }
    const fileId = fileIdOf(source);
    if (fileId === undefined) {
      throw new InvalidImageError("Cannot fetch: it is stored nowhere any more");
    }
    const { image, telegram } = deps.config();
    return await download(
      {
        fileId,
        bytes: source.type === "telegram" ? source.bytes : undefined,
        asFile: isFile(source),
      },
      {
        api: ctx.api,
        apiRoot: telegram.apiRoot,
        token: telegram.token.reveal(),
        maxBytes: image.maxBytes,
        signal,
      },
    );
  }

  async function sourceOf(picture: Picture): Promise<Source> {
    if (picture.isSample) return { type: "sample" };
    const job = picture.resultOf === undefined ? undefined : await queue.get(picture.resultOf);
    return job ? { type: "result", job } : {
      type: "telegram",
      fileId: picture.fileId ?? "",
      bytes: undefined,
      asFile: picture.asFile,
    };
  }

  return {
    remove,

    async fetch(ctx, sources, max = maxBatch) {
      if (deps.isDiskFull()) {
        await refuse(ctx, ctx.text.image.noRoom);
        return undefined;
      }
      if (sources.length > max) {
        await refuse(ctx, ctx.text.image.tooManyPictures({ max }));
        return undefined;
      }
      const pictures: Picture[] = [];
      for (const [index, source] of sources.entries()) {
        const fetched = await fetchOne(
          ctx,
          source,
          `${prefixOf(ctx)}${index}`,
        );
        if (typeof fetched === "string") {
          await remove(pictures);
          await refuse(ctx, fetched);
          return undefined;
        }
        pictures.push(fetched);
      }
      return pictures;
    },

    copy: (pictures, index) =>
      Promise.all(pictures.map(async (picture) => {
        const bytes = await storage.readInput(picture.file);
        if (!bytes) return picture;
        const file = picture.file.replace(/(?=\.[^.]*$)/, `-${index}`);
        await storage.saveInput(file, bytes);
        return { ...picture, file };
      })),

    sourcesOf: (pictures) => Promise.all(pictures.map(sourceOf)),
  };
}

/** Begins the names of the files that are fetched for an update. */
function prefixOf({ update }: BotContext): string {
  return `${update.update_id.toString(36)}-`;
}

function fileIdOf(source: Source): string | undefined {
  if (source.type === "telegram") return source.fileId;
  if (source.type === "sample") return undefined;
  return source.job.delivered?.documentFileId ?? source.job.delivered?.photoFileId;
}

/** A chain of edits that began with a file stays lossless to its end. */
function isFile(source: Source): boolean {
  if (source.type === "sample") return false;
  return source.type === "telegram"
    ? source.asFile
    : source.job.pictures.some((picture) => picture.asFile);
}

/** One sentence for a picture that cannot be taken. */
function problemText(ctx: BotContext, problem: ImageProblem): string {
  const { image } = ctx.text;
  const megabytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024 * 10) / 10;
  switch (problem.kind) {
    case "empty":
      return image.empty;
    case "too_large":
      return image.tooLarge({ mb: megabytes(problem.bytes), maxMb: megabytes(problem.maxBytes) });
    case "not_an_image":
      return image.notAnImage;
    case "format_not_allowed":
      return image.format({
        format: problem.format.toUpperCase(),
        allowed: problem.allowed.map((format) => format.toUpperCase()).join(", "),
      });
    case "too_many_pixels":
      return image.tooManyPixels({
        width: problem.width,
        height: problem.height,
        maxMegapixels: Math.floor(problem.maxPixels / 1e6),
      });
    case "animated":
      return image.animated;
    case "truncated":
    case "damaged":
    case "side_too_long":
    case "ratio":
      return image.damaged;
    default:
      return problem satisfies never;
  }
}
