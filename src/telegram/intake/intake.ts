/**
 * From messages to a job: pictures and words find each other, what is missing is asked for. Owns drafts and the rules by
 * which a sentence finds its picture. Everything here may happen twice for one update (after a kill) and makes one job
 * all the same: the job's id is made from the update's.
 */
import type { Message } from "grammy/types";
import { type ChatUser, type JobRequest, type Picture } from "../../jobs/mod.ts";
import { type ParamValues, parseInline, specsOf, takesWords } from "../../templates/mod.ts";
import { type Draft } from "../../users/mod.ts";
import {
  answer,
  type BotContext,
  type ChatDeps,
  contentOf,
  originOf,
  templateOf,
} from "../api/mod.ts";
import { type StatusUpdater } from "../status/mod.ts";
import type { ImageFetcher, Source } from "./fetch_pictures.ts";
import { jobIdOf, paramsFor, rootOf } from "./job_request.ts";
import { permit, type Permitted, sayRefused } from "./permit.ts";
import { draftKeyboard } from "./preset_keyboard.ts";

/** Most characters of a user's words: what still fits a model's attention, and a message that shows them. */
const maxWords = 3_000;

export interface IntakeDeps extends ChatDeps {
  readonly statusUpdater: StatusUpdater;
  readonly imageFetcher: ImageFetcher;
}

/** What a user wants done, in their words. */
export interface Edit {
  readonly words: string;
  /** Pictures that are here already, or where to get them. */
  readonly pictures: readonly Picture[] | { readonly from: readonly Source[] };
  /** The message that the result replies to. */
  readonly messageId: number;
  readonly rootId?: string | undefined;
  /** Values that come with the words (a preset's); those in the words win. */
  readonly params?: ParamValues;
}

export interface Intake {
  /** Messages with pictures: one, or the members of an album in order. */
  pictures(ctx: BotContext, chatUser: ChatUser, messages: readonly Message[]): Promise<void>;
  /** A text message that is no command and no awaited value. */
  words(ctx: BotContext, chatUser: ChatUser, message: Message): Promise<void>;
  /** Makes a job of it, or says why there is none and keeps the pictures. */
  begin(ctx: BotContext, chatUser: ChatUser, edit: Edit): Promise<void>;
  /** Fetches the pictures and asks what to do with them, where the user's template wants to be told. */
  ask(
    ctx: BotContext,
    chatUser: ChatUser,
    sources: readonly Source[],
    rootId: string,
  ): Promise<void>;
  /** Puts a job into the queue and shows it. False where the queue is full and the like; that is said. */
  enqueue(ctx: BotContext, request: Permitted<JobRequest>): Promise<boolean>;
  /** Throws away what was begun in this chat; false where nothing was. */
  dropDraft(chatUser: ChatUser): Promise<boolean>;
}

export function createIntake(deps: IntakeDeps): Intake {
  const { queue, settings, statusUpdater, imageFetcher } = deps;

  /** Keeps the pictures until their words come. */
  async function keep(
    chatUser: ChatUser,
    pictures: readonly Picture[],
    messageId: number,
    more: { readonly collecting?: boolean; readonly rootId?: string | undefined } = {},
  ): Promise<void> {
    await supersedeDraft(chatUser, pictures);
    await settings.setDraft(chatUser, {
      v: 1,
      kind: "pictures",
      at: deps.now(),
      pictures: [...pictures],
      messageId,
      collecting: more.collecting ?? false,
      ...(more.rootId === undefined ? {} : { rootId: more.rootId }),
    });
  }

  /** What was begun is over: its pictures belong to a job now, or something else has taken its place. */
  async function supersedeDraft(chatUser: ChatUser, kept: readonly Picture[]): Promise<boolean> {
    const draft = await settings.clearDraft(chatUser);
    if (draft?.kind === "pictures") {
      await imageFetcher.remove(
        draft.pictures.filter(({ file }) => !kept.some((p) => p.file === file)),
      );
    }
    return draft !== undefined;
  }

  /** True where this very update has made its job before a kill; what was left to do after it is done then. */
  async function isKnown(ctx: BotContext, chatUser: ChatUser): Promise<boolean> {
    const job = await queue.get(jobIdOf(ctx));
    if (job) await supersedeDraft(chatUser, job.pictures);
    return job !== undefined;
  }

  async function begin(ctx: BotContext, chatUser: ChatUser, edit: Edit): Promise<void> {
    const words = withoutMention(edit.words, ctx.me.username);
    const template = templateOf(deps, ctx.user);
    const specs = specsOf(template);
    const inline = parseInline(words, specs);
    const given = { ...edit.params, ...inline.values };
    const isWordless = !takesWords(template);
    const title = template.title[ctx.language];
    const wish = permit({
      // What is done without words goes by the name of what does it.
      promptText: isWordless ? title : inline.promptText,
      template: template.name,
      params: paramsFor(template, ctx.user.params, given, deps.random),
    }, deps);
    if ("refused" in wish) {
      await supersedeDraft(chatUser, []);
      return await sayRefused(ctx, chatUser, wish);
    }
    const pictures = "from" in edit.pictures
      ? await imageFetcher.fetch(ctx, edit.pictures.from)
      : edit.pictures;
    if (!pictures) return;
    const keepFor = async (sentence: string) => {
      await keep(chatUser, pictures, edit.messageId, { rootId: edit.rootId });
      await answer(ctx, sentence);
    };
    const { text } = ctx;
    if (inline.problems.length > 0) {
      const known = Object.keys(specs);
      const problems = inline.problems.map((problem) => text.inlineProblem(problem, known));
      return await keepFor(text.inlineProblems({ problems: problems.join("\n") }));
    }
    if (isWordless && inline.promptText !== "") {
      return await keepFor(text.takesNoWords({ template: title }));
    }
    if (!isWordless && inline.promptText === "") return await keepFor(text.askWordsAgain);
    if (inline.promptText.length > maxWords) {
      return await keepFor(text.wordsTooLong({ max: maxWords }));
    }
    const isQueued = await enqueue(ctx, {
      ...wish,
      id: jobIdOf(ctx),
      origin: originOf(ctx, chatUser, edit.messageId),
      given: Object.keys(given).filter((name) => name in specs),
      pictures: [...pictures],
      delivery: ctx.user.delivery,
      ...(ctx.user.template === template.name ? {} : { isDefault: true }),
      ...(edit.rootId === undefined ? {} : { rootId: edit.rootId }),
    });
    if (isQueued) await supersedeDraft(chatUser, pictures);
    else await keep(chatUser, pictures, edit.messageId, { rootId: edit.rootId });
  }

  async function enqueue(ctx: BotContext, request: Permitted<JobRequest>): Promise<boolean> {
    const lacking = deps.lacking(request.template);
    if (lacking) {
      await answer(ctx, ctx.text.queue.lacking({ ...lacking, template: request.template }));
      return false;
    }
    const enqueued = await queue.enqueue(request);
    switch (enqueued.type) {
      case "full":
        await answer(ctx, ctx.text.queue.full({ max: enqueued.maxSize }));
        return false;
      case "too_large":
        await answer(ctx, ctx.text.tooMuchText);
        return false;
      case "closed":
        await answer(ctx, ctx.text.queue.closed(enqueued.reason));
        return false;
      case "limit":
        await answer(ctx, ctx.text.queue.limit(enqueued));
        return false;
      case "queued": {
        const { noticeId: statusMessageId } = ctx;
        statusUpdater.open(
          statusMessageId === undefined
            ? enqueued.job
            : await queue.update(request.id, { statusMessageId }),
        );
        return true;
      }
      case "duplicate":
        return true;
      default:
        return enqueued satisfies never;
    }
  }

  /** Pictures without words: they are added to those that `/new` collects, or take the place of what waited. */
  async function collect(
    ctx: BotContext,
    chatUser: ChatUser,
    draft: Draft | undefined,
    fetched: readonly Picture[],
  ): Promise<void> {
    const template = templateOf(deps, ctx.user);
    const collecting = draft?.kind === "pictures" && draft.collecting;
    const before = collecting ? draft.pictures : [];
    const max = template.pictures.length;
    if (before.length + fetched.length > max) {
      await imageFetcher.remove(fetched);
      await answer(ctx, ctx.text.image.tooManyPictures({ max }));
      return;
    }
    const pictures = [...before, ...fetched];
    await keep(chatUser, pictures, ctx.msgId ?? 0, { collecting });
    const keyboard = draftKeyboard(ctx, chatUser, deps.config().presets, {
      collecting: collecting && pictures.length < max,
    });
    const more = collecting && pictures.length < max;
    await answer(
      ctx,
      more
        ? ctx.text.collected({ count: pictures.length, max })
        : ctx.text.askWords({ count: pictures.length }),
      { keyboard },
    );
  }

  return {
    begin,
    enqueue,
    dropDraft: (chatUser) => supersedeDraft(chatUser, []),

    async pictures(ctx, chatUser, messages) {
      if (await isKnown(ctx, chatUser)) return;
      const sources = messages.map(contentOf).flatMap((content) =>
        content.type === "picture" ? [{ type: "telegram" as const, ...content.source }] : []
      );
      const message = messages[0];
      if (!message) return;
      if (sources.length < messages.length) {
        await answer(ctx, ctx.text.notAPicture);
        return;
      }
      const words = messages.map(({ caption }) => caption ?? "").find((caption) => caption !== "");
      const draft = await settings.draft(chatUser);
      const waiting = draft?.kind === "pictures" && draft.collecting ? draft.pictures : [];
      const isWordless = !takesWords(templateOf(deps, ctx.user));
      if ((words || isWordless) && waiting.length === 0) {
        return await begin(ctx, chatUser, {
          words: words ?? "",
          pictures: { from: sources },
          messageId: message.message_id,
        });
      }
      const fetched = await imageFetcher.fetch(ctx, sources);
      if (!fetched) return;
      if (!words) return await collect(ctx, chatUser, draft, fetched);
      await begin(ctx, chatUser, {
        words,
        pictures: [...waiting, ...fetched],
        messageId: message.message_id,
      });
    },

    async words(ctx, chatUser, message) {
      if (await isKnown(ctx, chatUser)) return;
      const words = message.text ?? "";
      const messageId = message.message_id;
      const replied = message.reply_to_message ?? message.external_reply;
      const content = replied && contentOf(replied);
      if (replied && content?.type === "picture") {
        // Of a message in another chat Telegram says where it is if that is no private one.
        const { chat, message_id: id } = replied;
        const job = chat && id !== undefined ? await queue.byResult(chat.id, id) : undefined;
        const source: Source = job
          ? { type: "result", job }
          : { type: "telegram", ...content.source };
        const rootId = job && rootOf(job);
        return await begin(ctx, chatUser, {
          words,
          pictures: { from: [source] },
          messageId,
          rootId,
        });
      }
      const draft = await settings.draft(chatUser);
      if (draft?.kind === "pictures" && draft.pictures.length > 0) {
        const { pictures, rootId } = draft;
        return await begin(ctx, chatUser, { words, pictures, messageId, rootId });
      }
      const last = message.chat.type === "private" && !draft
        ? await queue.lastDelivered(chatUser)
        : undefined;
      if (last) {
        const from: readonly Source[] = [{ type: "result", job: last }];
        return await begin(ctx, chatUser, {
          words,
          pictures: { from },
          messageId,
          rootId: rootOf(last),
        });
      }
      await answer(ctx, draft ? ctx.text.askPicture : ctx.text.needPicture);
    },

    async ask(ctx, chatUser, sources, rootId) {
      if (!takesWords(templateOf(deps, ctx.user))) {
        const edit = { words: "", pictures: { from: sources }, messageId: ctx.msgId ?? 0, rootId };
        return await begin(ctx, chatUser, edit);
      }
      const pictures = await imageFetcher.fetch(ctx, sources);
      if (!pictures) return;
      await keep(chatUser, pictures, ctx.msgId ?? 0, { rootId });
      await answer(ctx, ctx.text.askWords({ count: pictures.length }), {
        keyboard: draftKeyboard(ctx, chatUser, deps.config().presets, { collecting: false }),
      });
    },
  };
}

/** The words without the mention that addressed the bot in a group. */
function withoutMention(words: string, username: string): string {
  return words.replaceAll(new RegExp(`@${username}\\b`, "gi"), " ").trim();
}
