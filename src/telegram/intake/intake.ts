/**
 * From messages to a job: matches pictures and texts, and asks for what is missing. Owns the rules by
 * which a text finds its picture. Everything here may happen twice for one update (after a kill) and makes one job
 * all the same: the job's id is made from the update's, or from the question's whose button was pressed.
 */
import type { Message } from "grammy/types";
import {
  type ChatUser,
  type Job,
  type JobRequest,
  type Picture,
  resultAt,
  type Task,
} from "../../jobs/mod.ts";
import {
  type ParamValues,
  parseInline,
  specsOf,
  takesWords,
  type Template,
} from "../../templates/mod.ts";
import { type PictureDraft } from "../../users/mod.ts";
import {
  answer,
  type BotContext,
  type ChatDeps,
  contentOf,
  originOf,
  type PressAnswer,
  templateOf,
} from "../api/mod.ts";
import { type StatusUpdater } from "../status/mod.ts";
import { createDrafts } from "./drafts.ts";
import type { ImageFetcher, Source } from "./fetch_pictures.ts";
import { isUnderway, jobIdOf, paramsFor, rootOf } from "./job_request.ts";
import { permit, type Permitted, sayRefused } from "./permit.ts";
import { draftKeyboard } from "./preset_keyboard.ts";

/** Most characters of a user's words: what still fits a model's attention, and a message that shows them. */
const maxWords = 3_000;

/** A second press of a button that asks is a second tap of the first within that time. */
const secondTapMs = 60_000;

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
  /** What is done without words of the user's: `words` is what it is called. */
  readonly task?: { readonly kind: Task; readonly template: Template };
  /** The words are about what is circled in the picture. */
  readonly isMarked?: boolean | undefined;
  /** The job's id, where it is not made from the update's. */
  readonly id?: string;
  /** The draft in which the pictures waited, or wait on. */
  readonly draftId?: string | undefined;
  /** What waits in the chat is another matter, and goes on waiting. */
  readonly isApart?: boolean;
}

/** Pictures to be edited in another way than their message says. */
export interface Asked {
  readonly sources: () => Promise<readonly Source[]>;
  readonly rootId: string;
}

export interface Intake {
  /** Messages with pictures: one, or the members of an album in order. */
  pictures(ctx: BotContext, chatUser: ChatUser, messages: readonly Message[]): Promise<void>;
  /** A text message that is no command and no awaited value. */
  words(ctx: BotContext, chatUser: ChatUser, message: Message): Promise<void>;
  /** Makes a job of it, or says why there is none and keeps the pictures. */
  begin(ctx: BotContext, chatUser: ChatUser, edit: Edit): Promise<void>;
  /** Does what a button asks for: fetches the pictures and asks what to do with them, where the user's template wants to be told. */
  ask(ctx: BotContext, chatUser: ChatUser, asked: Asked): Promise<PressAnswer>;
  /** Applies ready words to the pictures that a question is about, once. False where they are not to be had any more. */
  apply(
    ctx: BotContext,
    chatUser: ChatUser,
    draftId: string | undefined,
    preset: { readonly words: string; readonly params: ParamValues },
  ): Promise<boolean>;
  /** The next words are about what is circled in the pictures of a question. False where they are not to be had any more. */
  mark(ctx: BotContext, chatUser: ChatUser, draftId: string | undefined): Promise<boolean>;
  /** The job with that id, where it is made already; its pictures wait for nothing more. */
  made(chatUser: ChatUser, id: string): Promise<Job | undefined>;
  /** Puts a job into the queue and shows it. False where the queue is full and the like; that is said. */
  enqueue(ctx: BotContext, request: Permitted<JobRequest>): Promise<boolean>;
  /** Throws away what was begun in this chat; false where nothing was. */
  dropDraft(chatUser: ChatUser): Promise<boolean>;
}

export function createIntake(deps: IntakeDeps): Intake {
  const { queue, settings, statusUpdater, imageFetcher } = deps;
  const drafts = createDrafts(deps);

  /** True where its user has asked to be forgotten since; nothing is kept of it. */
  async function isErased(ctx: BotContext, pictures: readonly Picture[]): Promise<boolean> {
    if (!deps.erasure.isErased(ctx.sender, ctx.update.update_id)) return false;
    await imageFetcher.remove(pictures);
    ctx.goesUnanswered = true;
    return true;
  }

  async function keep(
    ctx: BotContext,
    ...[chatUser, pictures, draft]: Parameters<typeof drafts.keep>
  ): Promise<void> {
    if (!await isErased(ctx, pictures)) await drafts.keep(chatUser, pictures, draft);
  }

  /** The job with that id where it was made before a kill; what was left to do after it is done then. */
  async function made(chatUser: ChatUser, id: string): Promise<Job | undefined> {
    const job = await queue.get(id);
    const draft = job && await settings.draft(chatUser);
    const isItsOwn = draft?.pictures.every(({ file }) =>
      job?.pictures.some((p) => p.file === file)
    );
    if (job && isItsOwn) await drafts.supersede(chatUser, job.pictures);
    return job;
  }

  /** The job whose result is being sent to the chat: its user may have it before that is noted. */
  function arriving({ userId, chatId }: ChatUser): Job | undefined {
    return queue.live(userId).find(({ state, origin }) =>
      state === "delivering" && origin.chatId === chatId
    );
  }

  async function begin(ctx: BotContext, chatUser: ChatUser, edit: Edit): Promise<void> {
    const { task } = edit;
    const written = withoutMention(edit.words, ctx.me.username);
    const words = edit.isMarked && written !== "" ? ctx.text.marked({ words: written }) : written;
    const template = task?.template ?? templateOf(deps, ctx.user);
    const specs = specsOf(template);
    const inline = task
      ? { promptText: words, values: {}, problems: [] }
      : parseInline(words, specs);
    const given = { ...edit.params, ...inline.values };
    const isWordless = !task && !takesWords(template);
    const title = template.title[ctx.language];
    const wish = permit({
      // What is done without words goes by the name of what does it.
      promptText: isWordless ? title : inline.promptText,
      template: template.name,
      params: paramsFor(template, ctx.user.params, given, deps.random),
    }, deps);
    if ("refused" in wish) {
      if (!edit.isApart) await drafts.supersede(chatUser, []);
      return await sayRefused(ctx, chatUser, wish);
    }
    const pictures = "from" in edit.pictures
      ? await imageFetcher.fetch(ctx, edit.pictures.from, template.pictures.length)
      : edit.pictures;
    if (!pictures) return;
    /** They wait on; what is apart is fetched again when its button is pressed again. */
    const keepOn = async () => {
      if (edit.isApart) return await imageFetcher.remove(pictures);
      const { messageId, rootId, isMarked, draftId: id = jobIdOf(ctx) } = edit;
      await keep(ctx, chatUser, pictures, { messageId, rootId, isMarked, id });
    };
    const keepFor = async (sentence: string) => {
      await keepOn();
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
      id: edit.id ?? jobIdOf(ctx),
      origin: originOf(ctx, chatUser, edit.messageId),
      given: Object.keys(given).filter((name) => name in specs),
      pictures: [...pictures],
      delivery: ctx.user.delivery,
      ...(task || ctx.user.template === template.name ? {} : { isDefault: true }),
      ...taskOf(edit, template),
      ...(edit.rootId === undefined ? {} : { rootId: edit.rootId }),
    });
    if (!isQueued) await keepOn();
    else if (!edit.isApart) await drafts.supersede(chatUser, pictures);
  }

  async function enqueue(ctx: BotContext, request: Permitted<JobRequest>): Promise<boolean> {
    const lacking = deps.lacking(request.template);
    if (lacking) {
      await answer(ctx, ctx.text.queue.lacking({ ...lacking, template: request.template }));
      return false;
    }
    if (await isErased(ctx, request.pictures)) return true;
    const { noticeId: statusMessageId } = ctx;
    const pressedOn = ctx.callbackQuery?.data;
    const enqueued = await queue.enqueue({
      ...request,
      ...(pressedOn === undefined ? {} : { pressedOn }),
      ...(statusMessageId === undefined ? {} : { statusMessageId }),
    });
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
      case "queued":
        statusUpdater.open(enqueued.job);
        return true;
      case "duplicate":
        return true;
      default:
        return enqueued satisfies never;
    }
  }

  const offersOf = (ctx: BotContext) => ({
    presets: deps.config().presets,
    marks: templateOf(deps, ctx.user).marks !== undefined,
  });

  /** Pictures without words: they are added to those that `/new` collects, or take the place of what waited. */
  async function collect(
    ctx: BotContext,
    chatUser: ChatUser,
    draft: PictureDraft | undefined,
    fetched: readonly Picture[],
  ): Promise<void> {
    const template = templateOf(deps, ctx.user);
    const before = draft?.collecting ? draft.pictures : [];
    const id = draft?.collecting && draft.id || jobIdOf(ctx);
    const max = template.pictures.length;
    if (before.length + fetched.length > max) {
      await imageFetcher.remove(fetched);
      await answer(ctx, ctx.text.image.tooManyPictures({ max }));
      return;
    }
    const pictures = [...before, ...fetched];
    const collecting = draft?.collecting ?? false;
    await keep(ctx, chatUser, pictures, { messageId: ctx.msgId ?? 0, collecting, id });
    const more = collecting && pictures.length < max;
    const keyboard = draftKeyboard(ctx, chatUser, offersOf(ctx), {
      draftId: id,
      collecting: more,
    });
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
    made,
    dropDraft: drafts.drop,

    async pictures(ctx, chatUser, messages) {
      if (await made(chatUser, jobIdOf(ctx))) return;
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
      const waiting = draft?.collecting ? draft.pictures : [];
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
        draftId: waiting.length > 0 ? draft?.id : undefined,
      });
    },

    async words(ctx, chatUser, message) {
      if (await made(chatUser, jobIdOf(ctx))) return;
      const words = message.text ?? "";
      const messageId = message.message_id;
      const replied = message.reply_to_message ?? message.external_reply;
      const content = replied && contentOf(replied);
      if (replied && content?.type === "picture") {
        // Of a message in another chat Telegram says where it is if that is no private one.
        const { chat, message_id: id } = replied;
        const job = chat && id !== undefined ? await queue.byResult(chat.id, id) : undefined;
        const source: Source = job
          ? { type: "result", job: resultAt(job, id!) }
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
      if (draft && draft.pictures.length > 0) {
        const { pictures, rootId, isMarked, id: draftId } = draft;
        const edit: Edit = { words, pictures, messageId, rootId, draftId, isMarked };
        return await begin(ctx, chatUser, edit);
      }
      const last = message.chat.type === "private" && !draft
        ? arriving(chatUser) ?? await queue.lastDelivered(chatUser)
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

    async ask(ctx, chatUser, { sources, rootId }) {
      const id = jobIdOf(ctx);
      const pressedOn = ctx.callbackQuery?.data ?? "";
      const draft = await settings.draft(chatUser);
      const isTapped = draft?.pressedOn === pressedOn && draft.id !== id &&
        deps.now() - draft.at < secondTapMs;
      if (isTapped) return { text: ctx.text.askWords({ count: draft.pictures.length }) };
      if (!takesWords(templateOf(deps, ctx.user))) {
        if (isUnderway(ctx, chatUser, queue)) return { text: ctx.text.underway };
        const pictures = { from: await sources() };
        await begin(ctx, chatUser, { words: "", pictures, messageId: ctx.msgId ?? 0, rootId });
        return {};
      }
      const pictures = await imageFetcher.fetch(ctx, await sources());
      if (!pictures) return {};
      await keep(ctx, chatUser, pictures, { messageId: ctx.msgId ?? 0, rootId, id, pressedOn });
      await answer(ctx, ctx.text.askWords({ count: pictures.length }), {
        keyboard: draftKeyboard(ctx, chatUser, offersOf(ctx), { draftId: id }),
      });
      return {};
    },

    async mark(ctx, chatUser, draftId) {
      const draft = await settings.draft(chatUser);
      if (draft && draft.pictures.length > 0 && (draftId === undefined || draft.id === draftId)) {
        await settings.setDraft(chatUser, { ...draft, isMarked: true });
        return true;
      }
      const overtaken = (await settings.overtaken(chatUser)).find(({ id }) => id === draftId);
      if (!overtaken) return false;
      const { id, messageId, rootId } = overtaken;
      const sources = await Promise.all(overtaken.pictures.map(imageFetcher.sourceOf));
      const pictures = await imageFetcher.fetch(ctx, sources);
      if (!pictures) return false;
      await keep(ctx, chatUser, pictures, { id, messageId, rootId, isMarked: true });
      return true;
    },

    async apply(ctx, chatUser, draftId, preset) {
      const draft = await settings.draft(chatUser);
      const id = draftId ?? draft?.id ?? jobIdOf(ctx);
      // The question becomes the status message.
      const become = () => {
        if (ctx.msgId !== undefined) ctx.noticeId = ctx.msgId;
      };
      if (draft && draft.pictures.length > 0 && (draftId === undefined || draft.id === draftId)) {
        const { pictures, messageId, rootId } = draft;
        become();
        const edit: Edit = { ...preset, id, draftId: draft.id, pictures, messageId, rootId };
        await begin(ctx, chatUser, edit);
        return true;
      }
      const overtaken = (await settings.overtaken(chatUser)).find((other) => other.id === draftId);
      if (!overtaken) return false;
      become();
      const { messageId, rootId } = overtaken;
      const from = await Promise.all(overtaken.pictures.map(imageFetcher.sourceOf));
      const isApart = true;
      await begin(ctx, chatUser, { ...preset, id, pictures: { from }, messageId, rootId, isApart });
      return true;
    },
  };
}

/** The task of the button that was pressed, or of an upscaler that its user has chosen. */
function taskOf({ task }: Edit, { kind }: Template): { readonly task?: Task } {
  const name = task?.kind ?? (kind === "upscale" ? "bigger" : undefined);
  return name === undefined ? {} : { task: name };
}

/** The words without the mention that addressed the bot in a group. */
function withoutMention(words: string, username: string): string {
  return words.replaceAll(new RegExp(`@${username}\\b`, "gi"), " ").trim();
}
