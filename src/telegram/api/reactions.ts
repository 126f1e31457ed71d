/**
 * Reactions on requests in place of messages: it was seen, it was refused. Owns where and when none is set: the least of all calls,
 * dropped wherever there is no room for it, made once, and never waited for.
 */
import { getLogger } from "@logtape/logtape";
import { type Api, GrammyError } from "grammy";
import type { Message } from "grammy/types";
import { messageOf } from "../../lib/mod.ts";
import type { RateLimiter } from "./rate_limiter.ts";
import { refusalOf } from "./refusal.ts";
import { retryAfterMs } from "./retry.ts";

const log = getLogger(["bot", "telegram", "api"]);

/** What a request is told by a reaction; emoji that Telegram takes as one (Bot API, ReactionTypeEmoji). */
const emoji = { seen: "👀", refused: "🤷" } as const;
export type Acknowledgement = keyof typeof emoji;

export interface Reactions {
  /** Sets the reaction, where there is room for it and the chat has not refused one lately; what comes of it is nobody's. */
  set(message: Message, as: Acknowledgement): void;
}

/** How long a chat that takes no reactions is not asked again. */
const offMs = 3_600_000;
/** Chats that are remembered; the oldest go first. */
const maxOff = 1_000;
/** More than so many on their way: Telegram is slow, and has enough to do. */
const maxOnTheWay = 8;

/** A chat's own no: its admins allow none, others, or none of the bot's. A deleted message is none. */
const chatRefusal =
  /REACTION|not enough rights|rights to|CHAT_ADMIN_REQUIRED|CHAT_WRITE_FORBIDDEN/i;

export interface ReactionsDeps {
  /** Its calls are made once and wait for nothing. */
  readonly api: Pick<Api, "setMessageReaction">;
  readonly rateLimiter: Pick<RateLimiter, "hasRoomForMore">;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

export function createReactions({ api, rateLimiter, now }: ReactionsDeps): Reactions {
  /** Until when a chat is left alone. */
  const off = new Map<number, number>();
  let offForAll = 0;
  let onTheWay = 0;

  function leaveAlone(chatId: number): void {
    off.delete(chatId);
    off.set(chatId, now() + offMs);
    if (off.size > maxOff) off.delete(off.keys().next().value!);
  }

  function takeRefusal(chatId: number, error: unknown): void {
    const kind = refusalOf(error)?.kind;
    const waitMs = retryAfterMs(error);
    if (waitMs > 0) offForAll = now() + waitMs;
    // A Bot API server from before reactions.
    else if (kind === "method") offForAll = now() + offMs;
    else if (
      kind === "place" || error instanceof GrammyError && chatRefusal.test(error.description)
    ) leaveAlone(chatId);
    log.info("No reaction in chat {chatId}: {error}", { chatId, error: messageOf(error) });
  }

  return {
    set({ chat, message_id: messageId, ephemeral_message_id: isEphemeral }, as) {
      if (isEphemeral !== undefined || onTheWay >= maxOnTheWay) return;
      if (now() < offForAll || now() < (off.get(chat.id) ?? 0)) return;
      if (!rateLimiter.hasRoomForMore()) return;
      onTheWay++;
      api.setMessageReaction(chat.id, messageId, [{ type: "emoji", emoji: emoji[as] }])
        .catch((error) => takeRefusal(chat.id, error))
        .finally(() => onTheWay--);
    },
  };
}
