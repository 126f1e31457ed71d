/**
 * From messages to a job: matches pictures and texts, and asks for what is missing. Owns the rules by
 * which a text finds its picture. Everything here may happen twice for one update (after a kill) and makes one job
 * all the same: the job's id is made from the update's, or from the question's whose button was pressed.
 */
import type { Message } from "grammy/types";
import {
  type ChatUser,
  type Format,
  type Job,
  maxBatch,
  type Picture,
  resultAt,
  type Task,
} from "../../jobs/mod.ts";
import {
  namesPictures,
  paramsFor,
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
  refuse,
  templateOf,
} from "../api/mod.ts";
import { type StatusUpdater } from "../status/mod.ts";
import { type DraftModeButton } from "../buttons/mod.ts";
import {
  countIn,
  maxSeeds,
  paramsOf,
  picturesFor,
  requestsFor,
  withCount,
} from "./batch_request.ts";
import { createDrafts, type Drafts } from "./drafts.ts";
import { createEnqueue, type Enqueue } from "./enqueue.ts";
import { type ImageFetcher, isFetchedFor, type Source } from "./fetch_pictures.ts";
import { isLater, isUnderway, jobIdOf, rootOf } from "./job_request.ts";
import { permit, sayRefused } from "./permit.ts";
import { type Asked, canBeOne, draftKeyboard, questionOf } from "./preset_keyboard.ts";

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
  /** What the picture's format is to be, likewise. */
  readonly format?: Format;
  /** The words are about what is circled in the picture. */
  readonly isMarked?: boolean | undefined;
  /** The job's id, where it is not made from the update's. */
  readonly id?: string;
  /** The draft in which the pictures waited, or wait on. */
  readonly draftId?: string | undefined;
  /** What waits in the chat is another matter, and goes on waiting. */
  readonly isApart?: boolean;
  /** Each picture by itself, or one of all; undefined where that was not chosen. */
  readonly each?: boolean | undefined;
  /** How many results of each; what the words say wins. */
  readonly n?: number | undefined;
  /** An album came with these words: whether one picture of all is meant is to be asked, unless the words tell. */
  readonly isAlbum?: boolean;
}

/** Pictures to be edited in another way than their message says. */
export interface OtherSources {
  readonly sources: () => Promise<readonly Source[]>;
  readonly rootId?: string;
}

export interface Intake {
  /** Messages with pictures: one, or the members of an album in order. */
  pictures(ctx: BotContext, chatUser: ChatUser, messages: readonly Message[]): Promise<void>;
  /** A text message that is no command and no awaited value. */
  words(ctx: BotContext, chatUser: ChatUser, message: Message): Promise<void>;
  /** Makes a job of it, or says why there is none and keeps the pictures. */
  begin(ctx: BotContext, chatUser: ChatUser, edit: Edit): Promise<void>;
  /** Does what a button asks for: fetches the pictures and asks what to do with them, where the user's template wants to be told. */
  ask(ctx: BotContext, chatUser: ChatUser, other: OtherSources): Promise<PressAnswer>;
  /** The pictures that a question is about, also where newer ones have taken their place. */
  asked(chatUser: ChatUser, draftId: string | undefined): Promise<Asked | undefined>;
  /**
   * Notes how they are to be edited, and gives them; where their words wait for that alone, the job is made. Undefined where
   * they are not to be had any more.
   */
  choose(
    ctx: BotContext,
    chatUser: ChatUser,
    draftId: string | undefined,
    mode: DraftModeButton,
  ): Promise<Asked | "begun" | undefined>;
  /** Applies ready words to the pictures that a question is about, once. False where they are not to be had any more. */
  apply(
    ctx: BotContext,
    chatUser: ChatUser,
    draftId: string | undefined,
    preset: Pick<Edit, "words" | "params" | "format">,
  ): Promise<boolean>;
  /** The next words are about what is circled in the pictures of a question. False where they are not to be had any more. */
  mark(ctx: BotContext, chatUser: ChatUser, draftId: string | undefined): Promise<boolean>;
  /** The job with that id, where it is made already; its pictures wait for nothing more. */
  made(chatUser: ChatUser, id: string): Promise<Job | undefined>;
  readonly enqueue: Enqueue;
  readonly dropDraft: Drafts["drop"];
}

export function createIntake(deps: IntakeDeps): Intake {
  const { queue, settings, imageFetcher } = deps;
  const drafts = createDrafts(deps);
  const { enqueue, isErased } = createEnqueue(deps);

  async function keep(
    ctx: BotContext,
    ...[chatUser, pictures, draft]: Parameters<typeof drafts.keep>
  ): Promise<void> {
    if (!await isErased(ctx, pictures)) await drafts.keep(chatUser, pictures, draft);
  }

  /** The job with that id, where it is made already: what then is over may have waited on since a kill. */
  async function made(
    chatUser: ChatUser,
    id: string,
    // What has come since is not; drafts of 0.1.0 do not say when they came.
    isOver = ({ id: begun = id }: PictureDraft) => !isLater(begun, id),
  ): Promise<Job | undefined> {
    const job = await queue.get(id);
    const draft = job && await settings.draft(chatUser);
    if (!job || !draft || !isOver(draft)) return job;
    const pictures = (await queue.batch(job)).flatMap((each) => each.pictures);
    await drafts.supersede(chatUser, pictures);
    return job;
  }

  /** The job whose result is being sent to the chat: its user may have it before that is noted. */
  function arriving({ userId, chatId }: ChatUser): Job | undefined {
    return queue.live(userId).find(({ state, origin, batch }) =>
      state === "delivering" && origin.chatId === chatId && !batch
    );
  }

  async function begin(ctx: BotContext, chatUser: ChatUser, edit: Edit): Promise<void> {
    const { task } = edit;
    const written = withoutMention(edit.words, ctx.me.username);
    const words = edit.isMarked && written !== "" ? ctx.text.marked({ words: written }) : written;
    const template = task?.template ?? templateOf(deps, ctx.user);
    const specs = specsOf(template);
    const isTask = task !== undefined || edit.format !== undefined;
    const inline = isTask
      ? { promptText: words, values: {}, problems: [] }
      : parseInline(words, withCount(specs));
    const given = { ...edit.params, ...inline.values };
    const isWordless = !isTask && !takesWords(template);
    const title = template.title[ctx.language];
    const wish = permit({
      // What is done without words goes by the name of what does it.
      promptText: isWordless ? title : inline.promptText,
      template: template.name,
      params: paramsFor(specs, ctx.user.params, given, deps.random),
    }, deps);
    if ("refused" in wish) {
      if (!edit.isApart) await drafts.supersede(chatUser, []);
      return await sayRefused(ctx, chatUser, wish);
    }
    const pictures = "from" in edit.pictures
      ? await imageFetcher.fetch(ctx, edit.pictures.from, task && template.pictures.length)
      : edit.pictures;
    if (!pictures) return;
    /** They wait on; what is apart is fetched again when its button is pressed again. */
    const keepOn = async () => {
      if (edit.isApart) return await imageFetcher.remove(pictures);
      const { messageId, rootId, isMarked, draftId: id = jobIdOf(ctx), each, n } = edit;
      await keep(ctx, chatUser, pictures, { messageId, rootId, isMarked, id, each, n });
    };
    const keepFor = async (sentence: string) => {
      await keepOn();
      await refuse(ctx, sentence);
    };
    const { text } = ctx;
    if (inline.problems.length > 0) {
      const known = Object.keys(specs);
      const problems = inline.problems.map((problem) => text.inlineProblem(problem, known));
      return await keepFor(text.inlineProblems({ problems: problems.join("\n") }));
    }
    if (isWordless && inline.promptText !== "") {
      return await keepFor(
        text.takesNoWords({ template: title, isCutout: template.kind === "cutout" }),
      );
    }
    if (!isWordless && inline.promptText === "") return await keepFor(text.askWordsAgain);
    if (inline.promptText.length > maxWords) {
      return await keepFor(text.wordsTooLong({ max: maxWords }));
    }
    const isTooMany = pictures.length > template.pictures.length;
    const each = edit.each ?? (isWordless && isTooMany);
    if (!each && isTooMany || edit.isAlbum && isUnclear(template, inline.promptText, pictures)) {
      return await askMode(ctx, chatUser, edit, pictures);
    }
    const n = countIn(inline.values, specs, edit.n);
    const groups = each ? pictures.map((picture) => [picture]) : [pictures];
    if (groups.length * n > maxBatch) {
      return await keepFor(text.batch.tooMany({ max: maxBatch, waiting: 0 }));
    }
    const asked = { ...ctx.user.params, ...given };
    const parts = (await Promise.all(groups.map((group) => picturesFor(n, group, imageFetcher))))
      .flatMap((copies) =>
        copies.map((pictures, index) => ({
          pictures,
          params: paramsOf(index, wish.params, { specs, asked, random: deps.random }),
        }))
      );
    const requests = requestsFor({
      ...wish,
      id: edit.id ?? jobIdOf(ctx),
      origin: originOf(ctx, chatUser, edit.messageId),
      given: Object.keys(given).filter((name) => name in specs),
      pictures: [...pictures],
      delivery: ctx.user.delivery,
      ...(task || ctx.user.template === template.name ? {} : { isDefault: true }),
      ...taskOf(edit, template),
      ...(edit.format === undefined ? {} : { format: edit.format }),
      ...(ctx.user.sameSize && template.kind === "edit" ? { sameSize: true } : {}),
      ...(edit.rootId === undefined ? {} : { rootId: edit.rootId }),
    }, parts);
    const isQueued = await enqueue(ctx, ...requests);
    if (isQueued && !edit.isApart) await drafts.supersede(chatUser, pictures);
    if (isQueued) return;
    const copies = parts.flatMap((part) => part.pictures).filter((p) => !pictures.includes(p));
    await imageFetcher.remove(copies);
    await keepOn();
  }

  /** Keeps pictures and words until it is chosen whether they become one picture or each its own. */
  async function askMode(
    ctx: BotContext,
    chatUser: ChatUser,
    { words, messageId, rootId, n, draftId, id = draftId ?? jobIdOf(ctx) }: Edit,
    pictures: readonly Picture[],
  ): Promise<void> {
    await keep(ctx, chatUser, pictures, { messageId, rootId, id, n, words });
    const asked: Asked = { id, pictures: [...pictures], words };
    const keyboard = draftKeyboard(ctx, chatUser, deps, asked);
    await answer(ctx, questionOf(ctx, deps, asked), { keyboard });
  }

  async function apply(
    ctx: BotContext,
    chatUser: ChatUser,
    draftId: string | undefined,
    preset: Pick<Edit, "words" | "params" | "each" | "format" | "task">,
  ): Promise<boolean> {
    const found = await drafts.find(chatUser, draftId);
    if (!found) return false;
    // The question becomes the status message.
    if (ctx.msgId !== undefined) ctx.noticeId = ctx.msgId;
    const { messageId, rootId, each, n, pictures } = found;
    const id = draftId ?? found.id ?? jobIdOf(ctx);
    const edit = { each, n, ...preset, id, messageId, rootId };
    if ("v" in found) {
      await begin(ctx, chatUser, { ...edit, draftId: found.id, pictures });
    } else {
      const from = await imageFetcher.sourcesOf(pictures);
      await begin(ctx, chatUser, { ...edit, pictures: { from }, isApart: true });
    }
    return true;
  }

  /** Pictures without words: they are added to those of the draft, or take the place of what waited. */
  async function collect(
    ctx: BotContext,
    chatUser: ChatUser,
    draft: PictureDraft | undefined,
    fetched: readonly Picture[],
  ): Promise<void> {
    const most = templateOf(deps, ctx.user).pictures.length;
    const isCollecting = draft?.collecting ?? false;
    const before = draft?.pictures ?? [];
    const id = draft?.id ?? jobIdOf(ctx);
    const pictures = [...before, ...fetched];
    if (pictures.length > maxBatch) {
      await imageFetcher.remove(fetched);
      await refuse(ctx, ctx.text.batch.tooMany({ max: maxBatch, waiting: before.length }));
      return;
    }
    const isBatch = isCollecting && draft?.each === true;
    const each = isBatch || pictures.length > most ? true : undefined;
    const asked: Asked = { id, pictures, each };
    await keep(ctx, chatUser, pictures, {
      messageId: ctx.msgId ?? 0,
      collecting: isCollecting,
      id,
      each,
    });
    const max = isBatch ? maxBatch : most;
    const collecting = isCollecting && (isBatch || pictures.length < max);
    const keyboard = draftKeyboard(ctx, chatUser, deps, asked, { collecting });
    // Of many that come at once nothing is said one by one.
    if (collecting && isBatch && ctx.isFollowed && ctx.noticeId === undefined) return;
    const { collected, batch } = ctx.text;
    const received = { count: pictures.length, max };
    await answer(
      ctx,
      !collecting
        ? questionOf(ctx, deps, asked)
        : isBatch
        ? batch.collected(received)
        : collected(received),
      { keyboard },
    );
  }

  return {
    begin,
    enqueue,
    made: (chatUser, id) => made(chatUser, id, (draft) => draft.id === id),
    apply,
    dropDraft: drafts.drop,
    asked: drafts.find,

    async choose(ctx, chatUser, draftId, mode) {
      const asked = await drafts.find(chatUser, draftId);
      const isEach = mode === "each" ? true : mode === "all" ? false : asked?.each;
      if (asked?.words !== undefined) {
        const preset = { words: asked.words, params: {}, each: isEach };
        return await apply(ctx, chatUser, draftId, preset) ? "begun" : undefined;
      }
      const n = mode === "four" ? maxSeeds : mode === "one" ? undefined : asked?.n;
      return await drafts.change(chatUser, draftId, { each: isEach, n });
    },

    async pictures(ctx, chatUser, messages) {
      if (await made(chatUser, jobIdOf(ctx))) return;
      const sources = messages.map(contentOf).flatMap((content) =>
        content.type === "picture" ? [{ type: "telegram" as const, ...content.source }] : []
      );
      const message = messages[0];
      if (!message) return;
      if (sources.length < messages.length) {
        await refuse(ctx, ctx.text.notAPicture);
        return;
      }
      const words = messages.map(({ caption }) => caption ?? "").find((caption) => caption !== "");
      const draft = added(ctx, await settings.draft(chatUser));
      const waiting = draft?.pictures ?? [];
      const isWordless = !takesWords(templateOf(deps, ctx.user));
      if ((words || isWordless) && waiting.length === 0) {
        return await begin(ctx, chatUser, {
          words: words ?? "",
          pictures: { from: sources },
          messageId: message.message_id,
          isAlbum: messages.length > 1,
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
        each: waiting.length > 0 ? draft?.each : undefined,
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
        const { pictures, rootId, isMarked, id: draftId, each, n } = draft;
        const edit: Edit = { words, pictures, messageId, rootId, draftId, isMarked, each, n };
        return await begin(ctx, chatUser, edit);
      }
      const last = message.chat.type === "private" && !draft
        ? arriving(chatUser) ?? await queue.lastDelivered(chatUser)
        : undefined;
      if (last?.batch) return await answer(ctx, ctx.text.batch.sayWhich);
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
      const asked: Asked = { id, pictures: [...pictures] };
      await answer(ctx, questionOf(ctx, deps, asked), {
        keyboard: draftKeyboard(ctx, chatUser, deps, asked),
      });
      return {};
    },

    async mark(ctx, chatUser, draftId) {
      const found = await drafts.find(chatUser, draftId);
      if (!found) return false;
      if ("v" in found) {
        await settings.setDraft(chatUser, { ...found, isMarked: true });
        return true;
      }
      const { id, messageId, rootId, each, n } = found;
      const sources = await imageFetcher.sourcesOf(found.pictures);
      const pictures = await imageFetcher.fetch(ctx, sources);
      if (!pictures) return false;
      await keep(ctx, chatUser, pictures, { id, messageId, rootId, each, n, isMarked: true });
      return true;
    },
  };
}

/** The draft that this message's pictures are added to, without them: they were added already where a kill came after that. */
function added(ctx: BotContext, draft: PictureDraft | undefined): PictureDraft | undefined {
  const others = draft?.pictures.filter((picture) => !isFetchedFor(ctx, picture)) ?? [];
  const isAdded = draft?.collecting || others.length < (draft?.pictures.length ?? 0);
  return draft && isAdded ? { ...draft, pictures: others } : undefined;
}

/** The task of the button that was pressed, or of a template for nothing else that its user has chosen. */
function taskOf({ task }: Edit, { kind }: Template): { readonly task?: Task } {
  const ofKind = { edit: undefined, upscale: "bigger", cutout: "cutout" } as const;
  const name = task?.kind ?? ofKind[kind];
  return name === undefined ? {} : { task: name };
}

/** True where one picture of all and each by itself both make sense, and the words do not say which: "Picture 2" does. */
function isUnclear(template: Template, words: string, pictures: readonly Picture[]): boolean {
  return canBeOne(template, pictures.length) && !namesPictures(words);
}

/** The words without the mention that addressed the bot in a group. */
function withoutMention(words: string, username: string): string {
  return words.replaceAll(new RegExp(`@${username}\\b`, "gi"), " ").trim();
}
