/**
 * What every handler has at hand: the update, its person's settings and language, and the parts of the program that the
 * chat needs. Owns how a message is answered.
 */
import type { Context } from "grammy";
import type { InlineKeyboardMarkup, Message } from "grammy/types";
import type { Config } from "../config.ts";
import type { JobOrigin, Language } from "../job.ts";
import type { JobQueue } from "../queue.ts";
import type { Person, Seat, Settings } from "../settings.ts";
import type { Storage } from "../storage.ts";
import type { Text } from "../text.ts";
import type { Template } from "../workflow.ts";

/** An update, with whoever sent it. */
export type BotContext = Context & {
  person: Person;
  language: Language;
  text: Text;
};

/** The parts of the program that the chat needs. Functions where a reload may change the answer. */
export interface ChatDeps {
  readonly config: () => Config;
  readonly queue: JobQueue;
  readonly settings: Settings;
  readonly storage: Storage;
  readonly templates: () => ReadonlyMap<string, Template>;
  /** Milliseconds until the job at that place (1 is the next) begins; undefined where nothing is known yet. */
  readonly waitMs: (position: number) => number | undefined;
  /** False while no backend can be reached. */
  readonly reachable: () => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** 0 up to, not including, 1. */
  readonly random: () => number;
}

/** The template that a person's next job uses: their choice where it is still there, else the configured one. */
export function templateOf(deps: ChatDeps, person: Person): Template {
  const templates = deps.templates();
  const template = templates.get(person.template ?? "") ??
    templates.get(deps.config().workflow.template) ?? templates.values().next().value;
  if (!template) throw new Error("Cannot choose a template: there is none");
  return template;
}

/** Whoever sent the update, in its chat. Undefined for what nobody in particular sent (a channel). */
export function seatOf(ctx: BotContext): Seat | undefined {
  return ctx.from && ctx.chat && { userId: ctx.from.id, chatId: ctx.chat.id };
}

/** Where the answer to a message goes. */
export function originOf(ctx: BotContext, seat: Seat, message: Message): JobOrigin {
  return {
    ...seat,
    isPrivate: message.chat.type === "private",
    messageId: message.message_id,
    language: ctx.language,
    ...(message.is_topic_message && message.message_thread_id !== undefined
      ? { threadId: message.message_thread_id }
      : {}),
  };
}

/** Answers in the update's chat and topic; in a group as a reply, so that it is seen who is meant. */
export async function answer(
  ctx: BotContext,
  text: string,
  options: {
    readonly keyboard?: InlineKeyboardMarkup;
    readonly forceReply?: boolean;
  } = {},
): Promise<Message> {
  const message = ctx.msg;
  const reply = message && message.chat.type !== "private"
    ? {
      reply_parameters: { message_id: message.message_id, allow_sending_without_reply: true },
    }
    : {};
  const markup = options.keyboard ??
    (options.forceReply ? { force_reply: true as const, selective: true } : undefined);
  return await ctx.reply(text, {
    ...reply,
    ...(message?.is_topic_message && message.message_thread_id !== undefined
      ? { message_thread_id: message.message_thread_id }
      : {}),
    ...(markup ? { reply_markup: markup } : {}),
  });
}
