/**
 * The bot's messages that are no job's: answers, menus, "Before · after", files, statistics. A search for a job's message must
 * leave them out, because it edits what it tries. Each is recorded with its look before it is sent, and with its id
 * afterwards; so those of a former process are known too, and one that was changed all the same is restored.
 */
import { getLogger } from "@logtape/logtape";
import type { Transformer } from "grammy";
import type { InlineKeyboardMarkup, Message } from "grammy/types";
import { type MessageLook, type OtherMessage, type OtherMessageStore } from "../../jobs/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import { countsWithPrivates, type MessageIds } from "../api/mod.ts";

const log = getLogger(["bot", "telegram", "status"]);

export interface OtherMessages {
  /** Notes what is sent; each try passes here. */
  readonly transformer: Transformer;
  /** Resolves when those of former processes are known. Never rejects. */
  readonly ready: Promise<void>;
  /** How the message looked, which a search has just found to be no job's; undefined where nothing is known of it. */
  lookOf(message: Message): Look | undefined;
}

/** The part of a look that a search may have changed. */
export interface Look {
  readonly caption?: string | undefined;
  readonly keyboard?: InlineKeyboardMarkup | undefined;
}

export interface OtherMessagesDeps {
  readonly store: OtherMessageStore;
  readonly sent: Pick<MessageIds, "see" | "mark">;
}

/** As many as a search asks about, twice. */
const slots = 64;

/** Begins to read what former processes have noted. */
export function createOtherMessages({ store, sent }: OtherMessagesDeps): OtherMessages {
  /** On their way, or perhaps sent by a process that has ended. */
  const pending = new Map<string, OtherMessage>();
  const nextSlot = new Map<number, number>();

  async function read(): Promise<void> {
    for (const { slot, message } of await store.all()) {
      const { chatId, look, ids = [] } = message;
      for (const id of ids) sent.see(chatId, id);
      if (look) pending.set(`${chatId}:${slot}`, message);
      nextSlot.set(chatId, Math.max(nextSlot.get(chatId) ?? 0, slot + 1));
    }
  }

  /** A full disk keeps nothing from being sent. */
  async function note(write: () => Promise<void>): Promise<void> {
    await write().catch((error) =>
      log.warn("Cannot note a message that is sent: {error}", {
        error: messageOf(error),
        outage: "the disk",
      })
    );
  }

  return {
    ready: note(read),

    transformer: async (prev, method, payload, signal) => {
      const look = lookIn(method, payload);
      if (!look || !("chat_id" in payload)) return await prev(method, payload, signal);
      const chatId = Number(payload.chat_id);
      const slot = (nextSlot.get(chatId) ?? 0) % slots;
      nextSlot.set(chatId, slot + 1);
      const key = `${chatId}:${slot}`;
      const message: OtherMessage = { v: 1, chatId, mark: sent.mark(chatId, 0), look };
      pending.set(key, message);
      await note(() => store.put(slot, message));
      const answer = await prev(method, payload, signal);
      if (!answer.ok && answer.error_code >= 500) return answer;
      pending.delete(key);
      const ids = answer.ok ? idsOf(answer.result) : [];
      const { look: _look, ...rest } = message;
      await note(() =>
        ids.length > 0 ? store.put(slot, { ...rest, ids }) : store.remove(chatId, slot)
      );
      return answer;
    },

    lookOf(message) {
      const { chat, message_id: id, reply_to_message } = message;
      const kind = message.photo ? "photo" : message.document ? "file" : "text";
      const found = [...pending].find(([, { chatId, mark, look }]) =>
        chatId === chat.id && look?.kind === kind &&
        (look.replyTo === undefined || look.replyTo === reply_to_message?.message_id) &&
        id > (countsWithPrivates(chatId) ? Math.max(mark.chat, mark.privates) : mark.chat)
      );
      if (!found) return undefined;
      const [key, { look }] = found;
      pending.delete(key);
      return {
        caption: look!.caption,
        keyboard: look!.keyboard as InlineKeyboardMarkup | undefined,
      };
    },
  };
}

/** What the call sends; undefined where it sends no message, or one that only its receiver sees. */
function lookIn(method: string, payload: object): MessageLook | undefined {
  if (!/^send(Message|Photo|Document|MediaGroup|Video|Animation)$/.test(method)) return undefined;
  const sent = payload as {
    readonly caption?: string;
    readonly reply_markup?: { readonly inline_keyboard?: unknown };
    readonly reply_parameters?: { readonly message_id?: number };
    readonly ephemeral_message_parameters?: unknown;
  };
  if (sent.ephemeral_message_parameters !== undefined) return undefined;
  const kind = method === "sendMessage" ? "text" : method === "sendPhoto" ? "photo" : "file";
  const { caption, reply_markup: markup, reply_parameters: reply } = sent;
  return {
    kind,
    ...(reply?.message_id ? { replyTo: reply.message_id } : {}),
    ...(caption === undefined ? {} : { caption }),
    keyboard: markup?.inline_keyboard ? markup : undefined,
  };
}

function idsOf(result: unknown): number[] {
  const messages: readonly unknown[] = Array.isArray(result) ? result : [result];
  return messages.flatMap((message) =>
    typeof message === "object" && message !== null && "message_id" in message &&
      typeof message.message_id === "number"
      ? [message.message_id]
      : []
  );
}
