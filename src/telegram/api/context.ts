/**
 * What every handler has at hand: the update, its user's settings and language, and the parts of the program that the
 * chat needs. Owns how a message is answered.
 */
import { getLogger } from "@logtape/logtape";
import type { Context } from "grammy";
import type { InlineKeyboardMarkup } from "grammy/types";
import { type Config, type ReloadOutcome } from "../../config/mod.ts";
import { cut, type Text } from "../../i18n/mod.ts";
import { type FileStore } from "../../images/mod.ts";
import { type ChatUser, type Job, type JobOrigin, type JobQueue } from "../../jobs/mod.ts";
import { type Language, messageOf } from "../../lib/mod.ts";
import { type MissingInputProblem, type Template } from "../../templates/mod.ts";
import { type Access, type Erasure, type Settings, type UserSettings } from "../../users/mod.ts";
import { type Policy } from "../../users/policy/mod.ts";
import { type QueuePositions } from "../../worker/mod.ts";
import { ephemeralParameters } from "./ephemeral.ts";
import type { Acknowledgement } from "./reactions.ts";

/** grammY's context of an update, with what the router adds before any handler runs. */
export type BotContext = Context & {
  /** The sender: a user, or the group or channel in whose name a member writes. */
  sender: number;
  user: UserSettings;
  language: Language;
  text: Text;
  /** True once Telegram has accepted the answer to this press; there is only one. */
  isAnswered?: boolean;
  /** A message of the bot that the next answer replaces. */
  noticeId?: number;
  /** More messages of its user wait: what is said of all of them is said with the last. */
  isFollowed?: boolean;
  /** Its user sends faster than the bot may answer: requests are handled without answers. */
  goesUnanswered?: boolean;
  /** Shows on the message, where it is one, that it was taken or refused. A press has its answer. */
  acknowledge(as: Acknowledgement): void;
};

/** The parts of the program that the chat needs. Functions where a reload may change the answer. */
export interface ChatDeps {
  readonly config: () => Config;
  readonly policy: () => Policy;
  readonly access: Access;
  readonly queue: JobQueue;
  readonly settings: Settings;
  readonly erasure: Pick<Erasure, "erase" | "isErased">;
  readonly storage: FileStore;
  readonly templates: () => ReadonlyMap<string, Template>;
  /** Those that users may choose: what ComfyUI can run. */
  readonly offered: () => ReadonlyMap<string, Template>;
  /** The template of users who have chosen none that is offered. */
  readonly defaultTemplate: () => Template;
  /** The missing input because of which ComfyUI would refuse every job of the template; undefined where none is missing. */
  readonly lacking: (template: string) => MissingInputProblem | undefined;
  /** Reads the owner's files again. */
  readonly reload: () => Promise<ReloadOutcome>;
  readonly positions: QueuePositions;
  /** True while the disk has no room for new pictures. */
  readonly isDiskFull: () => boolean;
  /** False while the backend of that name, or without one each, cannot be reached. */
  readonly reachable: (backend?: string) => boolean;
  /** While the machine is being woken that the job waits for: milliseconds that it still takes, less than 0 where overdue. */
  readonly waking: (
    job: Pick<Job, "state" | "template" | "backend">,
  ) => { readonly leftMs: number } | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** 0 up to, not including, 1. */
  readonly random: () => number;
}

/** The template that a user's next job uses: their choice where ComfyUI can run it, else the default. */
export function templateOf(
  deps: Pick<ChatDeps, "offered" | "defaultTemplate">,
  user: UserSettings,
): Template {
  return deps.offered().get(user.template ?? "") ?? deps.defaultTemplate();
}

/** The sender of the update, in its chat. Undefined for posts of a channel, which have none. */
export function chatUserOf(ctx: BotContext): ChatUser | undefined {
  return ctx.from && ctx.chat && { userId: ctx.sender, chatId: ctx.chat.id };
}

/** Where the result goes: the update's chat and topic, as a reply to the given message. */
export function originOf(ctx: BotContext, chatUser: ChatUser, messageId: number): JobOrigin {
  const message = ctx.msg;
  return {
    ...chatUser,
    isPrivate: ctx.chat?.type === "private",
    messageId,
    language: ctx.language,
    ...(message?.is_topic_message && message.message_thread_id !== undefined
      ? { threadId: message.message_thread_id }
      : {}),
  };
}

/**
 * Answers in the update's chat and topic; in a group as a reply to the user, or to that user alone where
 * Telegram allows. Where the update has a notice, that is edited instead. A user who sends too fast gets no answer.
 */
export async function answer(
  ctx: BotContext,
  text: string,
  options: {
    readonly keyboard?: InlineKeyboardMarkup;
    readonly forceReply?: boolean;
  } = {},
): Promise<void> {
  if (ctx.goesUnanswered) return;
  const { noticeId } = ctx;
  if (noticeId !== undefined && ctx.chat && !options.forceReply) {
    delete ctx.noticeId;
    await ctx.api.editMessageText(ctx.chat.id, noticeId, text, {
      ...(options.keyboard ? { reply_markup: options.keyboard } : {}),
    });
    return;
  }
  const markup = options.keyboard ??
    (options.forceReply ? { force_reply: true as const, selective: true } : undefined);
  await ctx.reply(text, { ...replyOptions(ctx), ...(markup ? { reply_markup: markup } : {}) });
}

/** Where an answer goes: the update's topic; in a group as a reply to the user, or to that user alone where Telegram allows. */
export function replyOptions(ctx: BotContext) {
  const message = ctx.msg;
  const ephemeral = ephemeralParameters(ctx);
  const ephemeralId = ephemeral && ctx.message?.ephemeral_message_id;
  const reply = ephemeralId !== undefined
    ? { reply_parameters: { ephemeral_message_id: ephemeralId } }
    : message && message.chat.type !== "private" && !ephemeral
    ? {
      reply_parameters: { message_id: message.message_id, allow_sending_without_reply: true },
    }
    : {};
  return {
    ...reply,
    ...(ephemeral ? { ephemeral_message_parameters: ephemeral } : {}),
    ...(message?.is_topic_message && message.message_thread_id !== undefined
      ? { message_thread_id: message.message_thread_id }
      : {}),
  };
}

/** Answers why a request is not taken, and marks it. */
export async function refuse(ctx: BotContext, text: string): Promise<void> {
  ctx.acknowledge("refused");
  await answer(ctx, text);
}

/** Most characters of an answer to a press (Bot API documentation of answerCallbackQuery). */
export const maxNotice = 200;

const log = getLogger(["bot", "telegram", "api"]);

/** The answer to a press, given when the press has been handled: the button shows that it loads until then. */
export interface PressAnswer {
  /** A notice that passes, or with `isAlert` a window to be closed; without it the button only stops spinning. */
  readonly text?: string | undefined;
  readonly isAlert?: boolean;
  /** Shows the change; it is stored by then, so that the next press need not wait for this. */
  readonly show?: () => Promise<unknown>;
}

/**
 * Answers the press, once. Telegram does not accept an answer to an old press: after some seconds, and from before a
 * restart. What the press does is done all the same.
 */
export async function answerCallback(
  ctx: BotContext,
  { text, isAlert = false }: PressAnswer,
): Promise<void> {
  try {
    await ctx.answerCallbackQuery({
      ...(text === undefined ? {} : { text: cut(text, maxNotice) }),
      ...(isAlert ? { show_alert: true } : {}),
    });
    ctx.isAnswered = true;
  } catch (error) {
    log.info("Cannot answer a press: {error}", { error: messageOf(error) });
  }
}
