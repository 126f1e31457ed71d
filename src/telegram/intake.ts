/**
 * From messages to a job: pictures are fetched and checked, words are taken apart, what is missing is asked for.
 * Owns drafts. Everything here may happen twice for one update (after a kill) and makes one job all the same: the job's
 * id is made from the update's.
 */
import type { Message } from "grammy/types";
import { InvalidImageError } from "../errors.ts";
import { type ImageProblem, inspectImage } from "../image.ts";
import { parseInline } from "../inline_params.ts";
import type { Picture } from "../job.ts";
import { clampParam, drawSeed, type ParamValues } from "../params.ts";
import type { Seat } from "../settings.ts";
import { specsOf, type Template } from "../workflow.ts";
import type { Board } from "./board.ts";
import { answer, type BotContext, type ChatDeps, originOf, templateOf } from "./context.ts";
import { contentOf, download, type PictureSource, TooLargeError } from "./download.ts";

/** Most characters of a person's words: what still fits a model's attention, and a message that shows them. */
const maxWords = 3_000;

export interface IntakeDeps extends ChatDeps {
  readonly board: Board;
}

/** Pictures with words, ready to become a job. */
interface Edit {
  readonly pictures: readonly Picture[];
  readonly words: string;
  /** What the result replies to. */
  readonly message: Message;
}

export interface Intake {
  /** Messages with pictures: one, or the members of an album in order. */
  pictures(ctx: BotContext, seat: Seat, messages: readonly Message[]): Promise<void>;
  /** A text message that is no command and no awaited value. */
  words(ctx: BotContext, seat: Seat, message: Message): Promise<void>;
  /** Throws away what was begun in this chat; false where nothing was. */
  dropDraft(seat: Seat): Promise<boolean>;
}

/** A job's id, made from the update that asked for it: the same update makes the same job. */
export function jobIdOf(updateId: number): string {
  return updateId.toString(36);
}

export function createIntake(deps: IntakeDeps): Intake {
  const { queue, settings, storage, board } = deps;

  /** Fetches and checks the pictures; answers and gives nothing where one of them cannot be used. */
  async function fetchPictures(
    ctx: BotContext,
    sources: readonly PictureSource[],
  ): Promise<readonly Picture[] | undefined> {
    const max = templateOf(deps, ctx.person).pictures.length;
    if (sources.length > max) {
      await answer(ctx, ctx.text.image.tooManyPictures({ max }));
      return undefined;
    }
    const pictures: Picture[] = [];
    for (const [index, source] of sources.entries()) {
      const fetched = await fetchPicture(ctx, source, `${jobIdOf(ctx.update.update_id)}-${index}`);
      if (typeof fetched === "string") {
        await removeAll(pictures);
        await answer(ctx, fetched);
        return undefined;
      }
      pictures.push(fetched);
    }
    return pictures;
  }

  /** The picture, stored; or the sentence that says why not. */
  async function fetchPicture(
    ctx: BotContext,
    source: PictureSource,
    name: string,
  ): Promise<Picture | string> {
    const { image, telegram } = deps.config();
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await download(source, {
        api: ctx.api,
        apiRoot: telegram.apiRoot,
        token: telegram.token.reveal(),
        maxBytes: image.maxBytes,
      });
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
    const inspected = inspectImage(bytes, {
      maxBytes: image.maxBytes,
      allowedFormats: image.formats,
    });
    if (!inspected.ok) return problemText(ctx, inspected.problem);
    const { extension, mime, displayWidth, displayHeight } = inspected.image;
    const file = `${name}.${extension}`;
    await storage.saveInput(file, bytes);
    return {
      file,
      fileId: source.fileId,
      mime,
      width: displayWidth,
      height: displayHeight,
      asFile: source.asFile,
    };
  }

  async function removeAll(pictures: readonly Picture[]): Promise<void> {
    for (const { file } of pictures) await storage.removeInput(file);
  }

  /** Keeps the pictures until their words come. */
  async function keep(seat: Seat, pictures: readonly Picture[], messageId: number): Promise<void> {
    await settings.setDraft(seat, {
      v: 1,
      kind: "words",
      at: deps.now(),
      pictures: [...pictures],
      messageId,
    });
  }

  /** Makes the job, or says why there is none and keeps the pictures. */
  async function submit(ctx: BotContext, seat: Seat, edit: Edit): Promise<void> {
    const { text } = ctx;
    const template = templateOf(deps, ctx.person);
    const specs = specsOf(template);
    const inline = parseInline(withoutMention(edit.words, ctx.me.username), specs);
    const keepFor = async (sentence: string) => {
      await keep(seat, edit.pictures, edit.message.message_id);
      await answer(ctx, sentence);
    };
    if (inline.problems.length > 0) {
      const known = Object.keys(specs);
      const problems = inline.problems.map((problem) => text.inlineProblem(problem, known));
      return await keepFor(text.inlineProblems({ problems: problems.join("\n") }));
    }
    if (inline.promptText === "") return await keepFor(text.askWordsAgain);
    if (inline.promptText.length > maxWords) {
      return await keepFor(text.wordsTooLong({ max: maxWords }));
    }
    const enqueued = await queue.enqueue({
      id: jobIdOf(ctx.update.update_id),
      origin: originOf(ctx, seat, edit.message),
      promptText: inline.promptText,
      template: template.name,
      params: paramsFor(template, ctx.person.params, inline.values),
      pictures: [...edit.pictures],
      delivery: ctx.person.delivery,
    });
    switch (enqueued.type) {
      case "full":
        return await keepFor(text.queue.full({ max: enqueued.maxSize }));
      case "queued":
        board.open(enqueued.job);
        await supersedeDraft(seat, edit.pictures);
        return;
      case "duplicate":
        await supersedeDraft(seat, edit.pictures);
        return;
      default:
        enqueued satisfies never;
    }
  }

  /** What a job is made with: today's template, the person's choices, what the sentence says, a seed that is drawn. */
  function paramsFor(template: Template, chosen: ParamValues, inline: ParamValues): ParamValues {
    return Object.fromEntries(
      Object.entries(specsOf(template)).map(([name, spec]) => {
        const value = inline[name] ?? clampParam(spec, chosen[name] ?? spec.default);
        return [name, spec.kind === "seed" && value === 0 ? drawSeed(deps.random) : value];
      }),
    );
  }

  /** True where this very update has made its job before a kill; what was left to do after it is done then. */
  async function isKnown(ctx: BotContext, seat: Seat): Promise<boolean> {
    const job = await queue.get(jobIdOf(ctx.update.update_id));
    if (job) await supersedeDraft(seat, job.pictures);
    return job !== undefined;
  }

  /** What was begun is over: its pictures belong to a job now, or something else has taken its place. */
  async function supersedeDraft(seat: Seat, kept: readonly Picture[]): Promise<boolean> {
    const draft = await settings.clearDraft(seat);
    if (draft?.kind === "words") {
      await removeAll(draft.pictures.filter(({ file }) => !kept.some((p) => p.file === file)));
    }
    return draft !== undefined;
  }

  return {
    dropDraft: (seat) => supersedeDraft(seat, []),

    async pictures(ctx, seat, messages) {
      if (await isKnown(ctx, seat)) return;
      const contents = messages.map(contentOf);
      const sources = contents.flatMap((content) =>
        content.type === "picture" ? [content.source] : []
      );
      const message = messages[0]!;
      if (sources.length < messages.length) {
        await answer(ctx, ctx.text.notAPicture);
        return;
      }
      const pictures = await fetchPictures(ctx, sources);
      if (!pictures) return;
      const words = messages.map(({ caption }) => caption ?? "").find((caption) => caption !== "");
      if (words) return await submit(ctx, seat, { pictures, words, message });
      await supersedeDraft(seat, pictures);
      await keep(seat, pictures, message.message_id);
      await answer(ctx, ctx.text.askWords);
    },

    async words(ctx, seat, message) {
      if (await isKnown(ctx, seat)) return;
      const words = message.text ?? "";
      const replied = message.reply_to_message;
      if (replied) {
        const content = contentOf(replied);
        if (content.type === "picture") {
          const pictures = await fetchPictures(ctx, [content.source]);
          if (pictures) await submit(ctx, seat, { pictures, words, message });
          return;
        }
      }
      const draft = await settings.draft(seat);
      if (draft?.kind !== "words") {
        await answer(ctx, ctx.text.needPicture);
        return;
      }
      await submit(ctx, seat, { pictures: draft.pictures, words, message });
    },
  };
}

/** The words without the mention that addressed the bot in a group. */
function withoutMention(words: string, username: string): string {
  return words.replaceAll(new RegExp(`@${username}\\b`, "gi"), " ").trim();
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
