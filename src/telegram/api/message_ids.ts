/**
 * Which messages are known to be in a chat, and where one can be looked for whose sending ends without an answer: ids only
 * grow, so what is sent after a known id has a higher one. They are counted per supergroup, and for all private chats and
 * basic groups of the bot together; both counts are kept.
 */
import type { Transformer } from "grammy";
import type { Update } from "grammy/types";
import { type Job, type SendMark } from "../../jobs/mod.ts";

export interface MessageIds {
  /** Notes the ids of what the bot sends. */
  readonly transformer: Transformer;
  /** Notes the ids of what it receives. */
  note(update: Update): void;
  /** Notes how far a stored job tells that the ids have come: a new process has seen none. */
  learn(job: Job): void;
  /** Notes a message that was found. */
  see(chatId: number, messageId: number): void;
  /** True where that id is another message's: in the chat, or in one that counts with it. */
  isKnown(chatId: number, messageId: number): boolean;
  /** Where a message that is sent to the chat from now on can be looked for; `after` is a message that is there already. */
  mark(chatId: number, after: number): SendMark;
}

/** Knows none yet. */
export function createMessageIds(): MessageIds {
  const highest = new Map<number, number>();
  let highestPrivate = 0;
  const known = new Set<string>();

  function reach(chatId: number, { chat, privates }: SendMark): void {
    highest.set(chatId, Math.max(highest.get(chatId) ?? 0, chat));
    highestPrivate = Math.max(highestPrivate, privates);
  }

  function see(chatId: number, messageId: number): void {
    reach(chatId, markOf(chatId, messageId));
    known.add(nameOf(chatId, messageId));
    // The oldest is no neighbour of anything that could still be looked for.
    if (known.size > 10_000) known.delete(known.values().next().value!);
  }

  return {
    transformer: async (prev, method, payload, signal) => {
      const answer = await prev(method, payload, signal);
      const result: unknown = answer.ok ? answer.result : undefined;
      if (!/^send/.test(method)) return answer;
      // An album is several.
      for (const message of Array.isArray(result) ? result : [result]) {
        if (isSent(message)) see(message.chat.id, message.message_id);
      }
      return answer;
    },
    note({ message }) {
      if (message) see(message.chat.id, message.message_id);
    },
    learn({ origin: { chatId, messageId }, statusMessageId, statusMark, sendMark }) {
      reach(chatId, markOf(chatId, Math.max(messageId, statusMessageId ?? 0)));
      if (statusMark) reach(chatId, statusMark);
      if (sendMark) reach(chatId, sendMark);
    },
    see,
    isKnown: (chatId, messageId) => known.has(nameOf(chatId, messageId)),
    mark: (chatId, after) => ({
      chat: Math.max(highest.get(chatId) ?? 0, after),
      privates: highestPrivate,
    }),
  };
}

/** Where what follows that message can be looked for. */
function markOf(chatId: number, messageId: number): SendMark {
  return { chat: messageId, privates: countsWithPrivates(chatId) ? messageId : 0 };
}

/**
 * True for private chats and basic groups: the bot's account counts their messages in one row. Supergroups and channels
 * count their own; their ids are -100 and ten digits or more (Bot API documentation of Chat).
 */
export function countsWithPrivates(chatId: number): boolean {
  return chatId > -1_000_000_000_000;
}

/** An id is one message's in all chats that count together. */
function nameOf(chatId: number, messageId: number): string {
  return `${countsWithPrivates(chatId) ? "privates" : chatId}:${messageId}`;
}

function isSent(result: unknown): result is { message_id: number; chat: { id: number } } {
  return typeof result === "object" && result !== null && "message_id" in result &&
    "chat" in result && typeof result.message_id === "number";
}
