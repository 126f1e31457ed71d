/**
 * The ledger: what became of each request, as its user saw it. Written from what happens in the chats, while it happens;
 * knows nothing of the bot's own records.
 */
import type { Message } from "grammy/types";
import { isResult } from "../lab/load/stand.ts";
import { isCancellable, type Stage } from "../lab/stage.ts";
import type { MessageRef } from "../lab/telegram/mod.ts";

/** What a user was sent as replies to one request. */
export interface Ending {
  /** The results, in the order in which they came. */
  readonly results: readonly { readonly messageId: number; readonly at: number }[];
  /** The sentences that say how it ended without a result. */
  readonly sentences: readonly string[];
}

export interface Ledger {
  /** Takes in a request, from when on it is waited for. */
  add(request: MessageRef): void;
  readonly requests: readonly MessageRef[];
  endingOf(request: MessageRef): Ending;
  /** Requests that have neither a result nor a sentence. */
  open(): readonly MessageRef[];
}

/** Environment in which none of the users is an admin: admins are told of more than how their jobs end. */
export const nobodyAdmin = { ADMIN_USER_IDS: "501" };

const keyOf = (chatId: number, messageId: number) => `${chatId}:${messageId}`;

/** What the chat shows as replies to one request, by the replies' ids. */
interface Replies {
  readonly results: Map<number, Ending["results"][number]>;
  readonly sentences: Map<number, string>;
}

/** Begins to write; to be called before the first request. */
export function keepLedger({ telegram }: Pick<Stage, "telegram">): Ledger {
  const requests: MessageRef[] = [];
  const replies = new Map<string, Replies>();
  const repliesTo = (chatId: number, requestId: number) => {
    const key = keyOf(chatId, requestId);
    const found = replies.get(key) ?? { results: new Map(), sentences: new Map() };
    replies.set(key, found);
    return found;
  };
  /** Sentences by their own ids: what seemed to be one may turn out to be a status message that goes. */
  const sentences = new Map<string, Replies>();
  telegram.onEvent((event) => {
    if (event.type === "deleted") {
      sentences.get(keyOf(event.chatId, event.messageId))?.sentences.delete(event.messageId);
    }
    if (event.type !== "sent" && event.type !== "edited" || event.by !== "bot") return;
    const { message, chatId } = event;
    const messageId = message.message_id;
    const requestId = message.reply_to_message?.message_id;
    if (requestId === undefined) return;
    const request = repliesTo(chatId, requestId);
    if (isCancellable(message)) request.sentences.delete(messageId);
    else if (isResult(message)) {
      if (event.type === "sent") request.results.set(messageId, { messageId, at: Date.now() });
    } else {
      request.sentences.set(messageId, message.text ?? "");
      sentences.set(keyOf(chatId, messageId), request);
    }
  });
  const endingOf = ({ chat, message_id }: MessageRef): Ending => {
    const { results, sentences } = repliesTo(chat.id, message_id);
    return { results: [...results.values()], sentences: [...sentences.values()] };
  };
  return {
    requests,
    add: (request) => void requests.push(request),
    endingOf,
    open: () =>
      requests.filter((request) => {
        const { results, sentences } = endingOf(request);
        return results.length + sentences.length === 0;
      }),
  };
}

/** The requests that got their first result after that of a later request of the same chat. */
export function outOfOrder({ requests, endingOf }: Ledger): readonly string[] {
  const lastOf = new Map<number, number>();
  const overtaken: string[] = [];
  for (const request of requests.toSorted((a, b) => a.message_id - b.message_id)) {
    const first = endingOf(request).results[0]?.messageId;
    if (first === undefined) continue;
    const last = lastOf.get(request.chat.id) ?? 0;
    if (first < last) overtaken.push(`message ${request.message_id} of ${request.chat.id}`);
    lastOf.set(request.chat.id, Math.max(first, last));
  }
  return overtaken;
}

/** The bot's messages that still say that something is under way. */
export function leftOpen(
  { telegram }: Pick<Stage, "telegram">,
  chats: readonly { readonly id: number }[],
): readonly Message[] {
  return chats.flatMap((chat) => telegram.messages(chat).filter(isCancellable));
}
