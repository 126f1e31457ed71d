/**
 * The question for something that a user types: a parameter's value, an announcement. Owns the message that asks, which
 * goes when it has its answer, and the record by which the next text is known to be that answer. Does not know what the
 * answer changes.
 */
import { cut } from "../../i18n/mod.ts";
import { type ChatUser } from "../../jobs/mod.ts";
import { type Question, type Settings } from "../../users/mod.ts";
import { type BotContext } from "../api/mod.ts";
import type { MenuMessage } from "./menu_message.ts";

/** What is asked for, and which menu asks. */
export interface Asking {
  /** The menu's buttons' prefix. */
  readonly menu: string;
  readonly at: MenuMessage;
  /** What is asked for, by a name that the menu knows. */
  readonly param: string;
  /** The words that ask: the first time, or what was wrong with the last answer. */
  readonly sentence: string;
  /** What stands in the field for the answer; absent where that says nothing. */
  readonly placeholder?: string;
}

export interface ValueQuestions {
  /** Asks; the chatUser's question before this one is withdrawn. */
  ask(ctx: BotContext, chatUser: ChatUser, asking: Asking): Promise<void>;
  /** The chatUser's question; one that is too old to be meant is withdrawn. */
  open(ctx: BotContext, chatUser: ChatUser): Promise<Question | undefined>;
  /**
   * The question has its answer, and the update with it is dealt with: nothing is left to do. Until then a replay finds the question, and
   * takes no answer for words about a picture.
   */
  settle(ctx: BotContext, chatUser: ChatUser, question: Question): Promise<void>;
  /** Forgets the questions that wait for an answer; `at` limits it to the questions of that menu. */
  withdraw(ctx: BotContext, chatUser: ChatUser, at?: MenuMessage): Promise<void>;
}

/** After an hour a text is hardly the answer any more. */
const maxAgeMs = 3_600_000;
/** Most characters of `input_field_placeholder` (Bot API documentation of ForceReply). */
const maxPlaceholder = 64;

export function createValueQuestions(
  { settings, now }: { readonly settings: Settings; readonly now: () => number },
): ValueQuestions {
  async function clear(ctx: BotContext, chatUser: ChatUser, question: Question): Promise<void> {
    if (question.askMessageId === undefined) return;
    // A user may have deleted it.
    await ctx.api.deleteMessage(chatUser.chatId, question.askMessageId).catch(() => {});
  }

  async function withdraw(ctx: BotContext, chatUser: ChatUser, at?: MenuMessage): Promise<void> {
    const question = await settings.question(chatUser);
    if (!question || (at && !isFrom(question, at))) return;
    await clear(ctx, chatUser, question);
    await change(chatUser, question, undefined);
  }

  /** Changes that very question; one that has taken its place stays as it is. */
  async function change(
    chatUser: ChatUser,
    asked: Question,
    changed: Question | undefined,
    handled?: number,
  ): Promise<void> {
    await settings.changeQuestion(
      chatUser,
      (known) => known?.updateId === asked.updateId ? changed : known,
      handled,
    );
  }

  return {
    withdraw,
    async ask(ctx, chatUser, { menu, at, param, sentence, placeholder }) {
      const before = await settings.question(chatUser);
      if (before) await clear(ctx, chatUser, before);
      const { text, options } = addressed(ctx, sentence);
      const question: Question = {
        v: 1,
        kind: "value",
        at: now(),
        param,
        menu,
        menuMessageId: at.messageId,
        ...(at.ephemeralId === undefined ? {} : { menuEphemeralId: at.ephemeralId }),
        updateId: ctx.update.update_id,
      };
      await settings.setDraft(chatUser, question);
      const sent = await ctx.reply(text, {
        ...options,
        reply_markup: {
          force_reply: true,
          selective: true,
          ...(placeholder === undefined
            ? {}
            : { input_field_placeholder: cut(placeholder, maxPlaceholder) }),
        },
      });
      await change(chatUser, question, { ...question, askMessageId: sent.message_id });
    },
    async open(ctx, chatUser) {
      const question = await settings.question(chatUser);
      if (!question || now() - question.at <= maxAgeMs) return question;
      await withdraw(ctx, chatUser);
      return undefined;
    },
    async settle(ctx, chatUser, question) {
      await clear(ctx, chatUser, question);
      await change(chatUser, question, undefined, ctx.update.update_id);
    },
  };
}

function isFrom(question: Question, at: MenuMessage): boolean {
  return question.menuMessageId === at.messageId && question.menuEphemeralId === at.ephemeralId;
}

/**
 * In a group the question names its user: a forced reply opens for those alone who are mentioned. Who speaks for the group
 * has no name there, and replies by hand. The whole group sees it, for a text that answers an ephemeral message need not
 * reach a bot.
 */
function addressed(ctx: BotContext, sentence: string) {
  const { from, msg } = ctx;
  const topic = msg?.is_topic_message && msg.message_thread_id !== undefined
    ? { message_thread_id: msg.message_thread_id }
    : {};
  if (!from || ctx.chat?.type === "private") return { text: sentence, options: topic };
  if (ctx.sender < 0) return { text: sentence, options: topic };
  const { first_name: name } = from;
  const mention = { type: "text_mention" as const, offset: 0, length: name.length, user: from };
  return { text: `${name}: ${sentence}`, options: { ...topic, entities: [mention] } };
}
