/**
 * What Telegram's no is about: the picture's form, the place, the user, the bot's own token. Pure. Owns which descriptions
 * mean which; callers decide what to do about each.
 *
 * The descriptions are telegram-bot-api's (`Client::fail_query_with_error`) and Telegram's own codes, which it hands on in
 * capitals; both change between versions, so that a few words of each are looked for.
 */
import { GrammyError } from "grammy";

/** What was refused. */
export type Refusal =
  /** Nothing was: Telegram is down or has no time, and takes the same a while later. */
  | { readonly kind: "passing" }
  /** The token, whatever is asked for: kept until it is well again. */
  | { readonly kind: "credentials" }
  /** The group is a supergroup now, with another id. */
  | { readonly kind: "moved"; readonly chatId: number }
  /** The topic is closed or gone; the group may take it elsewhere. */
  | { readonly kind: "topic" }
  /** The message that is replied to is gone. */
  | { readonly kind: "reply" }
  /** Photos, files or sizes like this one; another form may be taken. */
  | { readonly kind: "form" }
  /** The user is away: they have blocked the bot, deleted their account or never written to it. */
  | { readonly kind: "person" }
  /** The chat: the bot was put out, may not write there, or there is none. */
  | { readonly kind: "place" }
  /** This server does not know the method. */
  | { readonly kind: "method" }
  /** Anything else that repeating does not change. */
  | { readonly kind: "other" };

/** The part of an answer of the Bot API that tells. */
export interface RefusedAnswer {
  readonly error_code: number;
  readonly description: string;
  readonly parameters?: { readonly migrate_to_chat_id?: number } | undefined;
}

/** By the first that is found, the narrow ones first. */
const kinds: readonly (readonly [
  "topic" | "reply" | "form" | "person" | "place",
  RegExp,
])[] = [
  [
    "topic",
    /message thread not found|TOPIC_(CLOSED|DELETED|ID_INVALID)|topic (was )?(closed|deleted)/i,
  ],
  ["reply", /message to be replied|replied message not found|REPLY_MESSAGE_ID_INVALID/i],
  [
    "form",
    /PHOTO_|IMAGE_PROCESS_FAILED|CHAT_SEND_(PHOTOS|DOCS|MEDIA)_FORBIDDEN|rights to send (a |an )?(photo|document|media|file)|too (big|large)|FILE_PARTS_INVALID|MEDIA_(EMPTY|INVALID)|wrong (type of the web page|file)/i,
  ],
  [
    "person",
    /blocked by the user|user is deactivated|USER_IS_BLOCKED|INPUT_USER_DEACTIVATED|initiate conversation|PEER_ID_INVALID/i,
  ],
  [
    "place",
    /chat not found|CHAT_WRITE_FORBIDDEN|CHAT_SEND_\w+_FORBIDDEN|CHAT_RESTRICTED|rights to send|kicked|not a member|group chat was deactivated|have no write access|CHANNEL_PRIVATE|USER_BANNED_IN_CHANNEL|upgraded to a supergroup/i,
  ],
];

/** Reads an answer that is not ok. */
export function refusalIn({ error_code: code, description, parameters }: RefusedAnswer): Refusal {
  if (code >= 500 || code === 429) return { kind: "passing" };
  if (code === 401) return { kind: "credentials" };
  if (code === 404) {
    return { kind: /method not found/i.test(description) ? "method" : "credentials" };
  }
  const chatId = parameters?.migrate_to_chat_id;
  if (chatId !== undefined) return { kind: "moved", chatId };
  if (code === 413) return { kind: "form" };
  const [kind] = kinds.find(([, words]) => words.test(description)) ?? [];
  return { kind: kind ?? (code === 403 ? "place" : "other") };
}

/** What a rejected call was refused for; an error that is no answer of Telegram's is passing, or no refusal of its (undefined). */
export function refusalOf(error: unknown): Refusal | undefined {
  return error instanceof GrammyError ? refusalIn(error) : undefined;
}
