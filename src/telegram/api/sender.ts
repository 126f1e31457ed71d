/**
 * Who an update is from. Usually a user; those who speak for a group or a channel are shown by Telegram as one account that
 * stands for all of them, and the chat that they speak for beside it (`sender_chat`, Bot API documentation of Message). Their
 * presses come from the users themselves. Owns which of them may press what that chat has asked for.
 */
import type { Api } from "grammy";
import type { Message, Update } from "grammy/types";
import { type JobQueue } from "../../jobs/mod.ts";
import { readButton } from "../buttons/mod.ts";
import type { BotContext } from "./context.ts";

/** GroupAnonymousBot, Channel Bot, and Telegram itself for posts of a linked channel. */
const standIns: ReadonlySet<number> = new Set([1_087_968_824, 136_817_688, 777_000]);

/** Who wrote it: a user's id, or the (negative) one of the chat that they speak for; undefined where there is no sender. */
export function writerOf({ from, sender_chat }: Message): number | undefined {
  if (from && !standIns.has(from.id)) return from.id;
  return sender_chat?.id;
}

/** True for an update that is from that user, or from the chat that they speak for. */
export function isFrom({ message, callback_query: press }: Update, userId: number): boolean {
  return (message ? writerOf(message) : press?.from.id) === userId;
}

export interface Senders {
  /**
   * Who is to be taken for the update's sender: of a message its writer; of a press its user, or the chat that the pressed
   * button belongs to, where that user is an admin of the group and may act for it.
   */
  senderOf(ctx: BotContext): Promise<number | undefined>;
}

/** How long the answer is kept whether a user is an admin of a group. */
const keptMs = 60_000;
/** Answers that are kept; the oldest go first. */
const maxKept = 1_000;

export interface SendersDeps {
  readonly api: Pick<Api, "getChatMember">;
  readonly queue: Pick<JobQueue, "get">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function createSenders({ api, queue, now }: SendersDeps): Senders {
  const known = new Map<string, { readonly at: number; readonly isAdmin: Promise<boolean> }>();

  function isGroupAdmin(chatId: number, userId: number): Promise<boolean> {
    const key = `${chatId}:${userId}`;
    const kept = known.get(key);
    if (kept && now() - kept.at < keptMs) return kept.isAdmin;
    const isAdmin = api.getChatMember(chatId, userId).then(
      ({ status }) => status === "creator" || status === "administrator",
      // Who cannot be looked up may not press.
      () => false,
    );
    known.delete(key);
    known.set(key, { at: now(), isAdmin });
    if (known.size > maxKept) known.delete(known.keys().next().value!);
    return isAdmin;
  }

  /** The chat whose button it is; undefined for a user's. Callback data may be forged. */
  async function chatAskedBy(data: string, chatId: number): Promise<number | undefined> {
    const button = readButton(data);
    if (!button) return undefined;
    // An owner is believed where it is this very group.
    if ("userId" in button) return button.userId === chatId ? chatId : undefined;
    if (!("jobId" in button)) return undefined;
    const origin = (await queue.get(button.jobId))?.origin;
    return origin && origin.userId < 0 && origin.chatId === chatId ? origin.userId : undefined;
  }

  return {
    async senderOf(ctx) {
      if (ctx.message) return writerOf(ctx.message);
      const { from, chat, callbackQuery } = ctx;
      if (!from || !callbackQuery || !chat || chat.type === "private") return from?.id;
      const owner = await chatAskedBy(callbackQuery.data ?? "", chat.id);
      return owner !== undefined && await isGroupAdmin(chat.id, from.id) ? owner : from.id;
    },
  };
}
