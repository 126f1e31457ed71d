/**
 * Announcements: an admin's text for all chats with waiting or running jobs. Owns the way from the question over the words as they
 * will be seen to the sending, each step of which is in the chat: nothing of it is lost with the process, and no chat gets
 * the words twice.
 *
 *   asked ──text──▶ shown, with "Send" ──press──▶ being sent ──▶ sent: the message says to how many
 *     ▲──too long──┘        └──press──▶ discarded
 */
import { getLogger } from "@logtape/logtape";
import { type Api, InlineKeyboard } from "grammy";
import type { Message } from "grammy/types";
import { type Text } from "../../i18n/mod.ts";
import { type ChatUser } from "../../jobs/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import { answer, type BotContext, type ChatDeps } from "../api/mod.ts";
import { adminMenu, writeButton } from "../buttons/mod.ts";
import { createValueQuestions } from "../settings/mod.ts";

const log = getLogger(["bot", "telegram", "admin"]);

/** Most characters: with the words around it a message has room for them (Bot API: 4096). */
const maxWords = 3_500;
/** What the question is known by. */
const param = "announcement";

export interface Announcements {
  /** Asks for the words; `panel` is the message whose button was pressed. */
  ask(ctx: BotContext, chatUser: ChatUser, panelId: number): Promise<void>;
  /** Takes a text as the words that were asked for; false where none were. */
  take(ctx: BotContext, chatUser: ChatUser, message: Message): Promise<boolean>;
  /** Sends what the pressed message shows; false where it shows no announcement, or is being sent already. */
  send(ctx: BotContext): Promise<boolean>;
  /** Withdraws it; false where the pressed message shows none. */
  discard(ctx: BotContext): Promise<boolean>;
  /** Resolves when nothing is on its way. */
  flush(): Promise<void>;
}

export interface AnnouncementsDeps extends Pick<ChatDeps, "queue" | "settings" | "access" | "now"> {
  readonly api: Api;
}

/** When `signal` aborts, what was not sent yet is not sent any more. */
export function createAnnouncements(deps: AnnouncementsDeps, signal: AbortSignal): Announcements {
  const { api, queue, access } = deps;
  const questions = createValueQuestions(deps);
  const sending = new Set<Promise<void>>();
  /** Messages whose announcement went out: a second press may tell of the message as it was before. */
  const sent = new Set<string>();

  /** The chats that have jobs, each with the topic of its first one. */
  function audience(): readonly { chatId: number; threadId: number | undefined }[] {
    const chats = new Map(
      queue.live().toReversed().map(({ origin }) => [origin.chatId, origin.threadId]),
    );
    return [...chats].map(([chatId, threadId]) => ({ chatId, threadId }));
  }

  async function ask(ctx: BotContext, chatUser: ChatUser, panelId: number, problem?: string) {
    const at = { ...chatUser, messageId: panelId };
    const sentence = problem ?? ctx.text.admin.announce.ask;
    await questions.ask(ctx, chatUser, { menu: adminMenu, at, param, sentence });
  }

  /** One after the other, so that results never wait behind more than one of them. */
  async function sendToAll(text: Text, words: string, at: Message): Promise<void> {
    let missed = 0;
    const chats = audience();
    for (const { chatId, threadId } of chats) {
      if (signal.aborted) return;
      const thread = threadId === undefined ? {} : { message_thread_id: threadId };
      await api.sendMessage(chatId, `📣 ${words}`, thread).catch((error) => {
        missed++;
        log.info("Cannot send an announcement to {chatId}: {error}", {
          chatId,
          error: messageOf(error),
        });
      });
    }
    const sent = text.admin.announce.sent({ chats: chats.length - missed, missed });
    await api.editMessageText(at.chat.id, at.message_id, `${sent}\n\n${words}`);
  }

  return {
    ask,

    async take(ctx, chatUser, message) {
      const question = await questions.open(ctx, chatUser);
      if (question?.menu !== adminMenu || question.param !== param) return false;
      if (!await access.isAdmin(chatUser.userId)) {
        await questions.withdraw(ctx, chatUser);
        return false;
      }
      const words = message.text?.trim() ?? "";
      const { announce: text, buttons } = ctx.text.admin;
      if (words.length > maxWords) {
        await ask(ctx, chatUser, question.menuMessageId, text.tooLong({ max: maxWords }));
        return true;
      }
      const chats = audience().length;
      if (chats === 0) await answer(ctx, text.nobody);
      else {
        const head = `${text.preview({ chats })}\n\n`;
        await ctx.reply(head + words, {
          // It is read again out of this very mark when it is sent.
          entities: [{ type: "blockquote", offset: head.length, length: words.length }],
          reply_markup: new InlineKeyboard()
            .text(buttons.send, writeButton({ type: "admin", action: { type: "send" } })).primary()
            .text(buttons.discard, writeButton({ type: "admin", action: { type: "discard" } })),
        });
      }
      await questions.settle(ctx, chatUser, question);
      return true;
    },

    async send(ctx) {
      const at = ctx.callbackQuery?.message;
      const words = wordsIn(at);
      if (!at || words === undefined) return false;
      const key = `${at.chat.id}:${at.message_id}`;
      if (sent.has(key)) return false;
      sent.add(key);
      const { text } = ctx;
      const begun = Promise.withResolvers<void>();
      sending.add(begun.promise);
      const over = () => {
        sending.delete(begun.promise);
        begun.resolve();
      };
      try {
        // The button is gone before the first word is out.
        await ctx.editMessageText(`${text.admin.announce.sending}\n\n${words}`);
      } catch (error) {
        sent.delete(key);
        over();
        throw error;
      }
      sendToAll(text, words, at).catch((error) =>
        log.warn("Cannot report the outcome of an announcement: {error}", {
          error: messageOf(error),
        })
      ).finally(over);
      return true;
    },

    async discard(ctx) {
      if (wordsIn(ctx.callbackQuery?.message) === undefined) return false;
      await ctx.editMessageText(ctx.text.admin.announce.discarded);
      return true;
    },

    async flush() {
      await Promise.all(sending);
    },
  };
}

/** The announcement that a message shows; undefined for any other message. */
function wordsIn(message: Message | undefined): string | undefined {
  const mark = message?.entities?.find(({ type }) => type === "blockquote");
  return mark && message?.text?.slice(mark.offset, mark.offset + mark.length);
}
