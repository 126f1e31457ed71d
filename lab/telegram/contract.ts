/**
 * The interface of the emulated Telegram: what tests, the demo page, the bench and the chaos harness may call.
 * Types only; knows no implementation.
 */

import type { Chat, Message, ReactionType, Update, User } from "grammy/types";
import type { ApiCall, Draft, Press, TelegramEvent } from "./event_types.ts";
import type { Faults } from "./faults.ts";

/** What a Bot API server may be too old to know. All true is Bot API 10.3. */
export interface Knows {
  /** `sendMessageDraft`, `can_stop`; without it they answer 404. */
  readonly drafts: boolean;
  /**
   * `ephemeral_message_parameters` and `…EphemeralMessage…`. Without it the methods answer 404, and the parameter
   * is ignored as every Bot API server ignores what it does not know: the message is sent for all to see.
   */
  readonly ephemeral: boolean;
  /** `editMessageMedia` turns a text message into a picture; without it 400. */
  readonly textToMedia: boolean;
}

/** How `startTelegram` starts. Everything has a default; marked fields may be changed while it runs. */
export interface TelegramOptions {
  /** Port on 127.0.0.1; 0, the default, lets the system choose. */
  readonly port?: number;
  /** The bot's token, `<bot id>:<secret>`; default a new one, so that a bot left over from another server is not let in. */
  readonly token?: string;
  readonly bot?: { readonly first_name?: string; readonly username?: string };
  /** Pause before each answer, in milliseconds (changeable); default 0. Long polls are not slowed. */
  readonly latencyMs?: number;
  /** Whether flood limits hold (changeable); default true. Size limits always hold. */
  readonly limits?: boolean;
  /** What this server knows; default all. */
  readonly knows?: Partial<Knows>;
  /** Milliseconds since the epoch: dates, flood limits, draft and query expiry. Default `Date.now`. */
  readonly now?: () => number;
  /** Chance in 0…1, for the first update id and for faults with a probability. Default `Math.random`. */
  readonly random?: () => number;
  /** The longest side of a user's photo after Telegram's recompression, in pixels; default 2560. */
  readonly photoSide?: number;
  /** How many bytes of files are kept at most; the oldest lose their bytes first. Default: no bound. */
  readonly keepFileBytes?: number;
  /** How many API calls `calls` remembers; default 10 000. */
  readonly keepCalls?: number;
  /** How many messages a chat remembers; default: no bound. */
  readonly keepMessages?: number;
  /** How long a press waits for `answerCallbackQuery`, in milliseconds; default 15 000. */
  readonly queryTtlMs?: number;
}

/** A chat by its id, or anything that has one. */
export type ChatRef = number | { readonly id: number };

/** A message by chat and id, as every `Message` is; an ephemeral one has `message_id` 0 and its own id beside it. */
export interface MessageRef {
  readonly chat: { readonly id: number };
  readonly message_id: number;
  readonly ephemeral_message_id?: number | undefined;
}

/** Where and how a user sends. */
export interface SendOptions {
  /** Default: the private chat with the bot. */
  readonly chat?: ChatRef;
  readonly replyTo?: MessageRef;
  /** A forum topic of the chat. */
  readonly threadId?: number;
  /**
   * The chat that the user speaks for: the group itself (an anonymous admin), or a channel. The bot is shown an account
   * that stands for all such, and `sender_chat`.
   */
  readonly speaksFor?: { readonly id: number; readonly title?: string };
}

export interface PhotoOptions extends SendOptions {
  readonly caption?: string;
  readonly mediaGroupId?: string;
  readonly hasSpoiler?: boolean;
}

export interface DocumentOptions extends SendOptions {
  readonly filename: string;
  /** Default: by the ending of the file's name. */
  readonly mime?: string;
  readonly caption?: string;
  readonly mediaGroupId?: string;
  /** A JPEG of at most 320 pixels a side; without it the document has none. */
  readonly thumbnail?: Uint8Array;
}

/** One picture of an album: a photo that Telegram recompresses, or a file kept byte for byte. */
export type AlbumItem =
  | { readonly photo: Uint8Array; readonly caption?: string; readonly hasSpoiler?: boolean }
  | {
    readonly document: Uint8Array;
    readonly filename: string;
    readonly mime?: string;
    readonly caption?: string;
  };

/** A button by its label, or callback data of one's own making (a forged press, or an old client's). */
export type ButtonRef = string | { readonly data: string };

/** A user with a Telegram client. Every act is at once an update for the bot, if Telegram would give it one. */
export interface Person {
  readonly id: number;
  readonly user: User;
  readonly privateChat: Chat.PrivateChat;
  /** Sends text; entities (commands, mentions, links, …) are found as Telegram finds them. */
  sendText(text: string, options?: SendOptions): Message.TextMessage;
  /**
   * Sends a photo: anything but a JPEG that fits is decoded and recompressed to JPEG, at most `photoSide` a side,
   * and comes with several sizes. Rejects when the bytes are no picture.
   */
  sendPhoto(bytes: Uint8Array, options?: PhotoOptions): Promise<Message.PhotoMessage>;
  /** Sends a file, kept byte for byte. */
  sendDocument(bytes: Uint8Array, options: DocumentOptions): Message.DocumentMessage;
  /** Sends 2–10 pictures as separate messages with one `media_group_id`. */
  sendAlbum(items: readonly AlbumItem[], options?: SendOptions): Promise<Message[]>;
  /** Changes the text or the caption of one's own message: `edited_message`. */
  editText(message: MessageRef, text: string): Message;
  /** Forwards any message of any chat; default to the private chat. */
  forward(message: MessageRef, options?: SendOptions): Message;
  /** Presses a button; resolves when the bot has answered, or with `answered: false` after `queryTtlMs`. */
  press(message: MessageRef, button: ButtonRef): Promise<Press>;
  /** Presses the Stop button of the draft in a private chat: `stopped_message_generation`. */
  stopDraft(chat?: ChatRef): void;
  /** Deletes messages for all members; the bot is not told, as in Telegram. */
  deleteMessages(...messages: readonly MessageRef[]): void;
  /** Blocks the bot: its sends to the private chat fail with 403, and it is told by `my_chat_member`. */
  block(): void;
  unblock(): void;
  /** Sets the language of this user's Telegram (IETF tag): later updates carry it, and the command menu is shown in it. */
  setLanguage(code: string): void;
  /** Deletes their account: the bot's sends to the private chat fail with 403 "user is deactivated". */
  deactivate(): void;
}

/** A user to make. */
export interface PersonOptions {
  readonly id: number;
  readonly first_name: string;
  readonly last_name?: string;
  readonly username?: string;
  readonly language_code?: string;
  /**
   * Whether the user has talked to the bot before; default false. Until then, or until the first message, the
   * bot's sends to the private chat fail with 403 "bot can't initiate conversation with a user".
   */
  readonly started?: boolean;
}

/** A group to make. Ids of supergroups begin with -100. */
export interface GroupOptions {
  readonly id: number;
  readonly title: string;
  readonly members?: readonly Person[];
  /** Members who are administrators; added to `members` if they are not there. */
  readonly admins?: readonly Person[];
  readonly forum?: boolean;
  /**
   * Whether the bot is an administrator: it then reads everything and deletes any member's messages. Otherwise
   * privacy mode holds: it gets commands, mentions, replies to it, and nothing else.
   */
  readonly botIsAdmin?: boolean;
}

export interface UntilOptions {
  /** Default: patienceMs of lab/until.ts, for a busy machine is no failure. */
  readonly timeoutMs?: number;
  /** What is waited for, for the error's message. */
  readonly what?: string;
  readonly signal?: AbortSignal;
}

/** A running Bot API server with the users and chats behind it. */
export interface Telegram extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`: the `apiRoot` of a grammY bot. */
  readonly url: string;
  readonly token: string;
  readonly bot: User;
  latencyMs: number;
  limits: boolean;
  knows: Knows;
  readonly faults: Faults;

  /** Makes a user, or gives the one with that id (of the options only `started` counts then). */
  person(options: PersonOptions): Person;
  /** Makes a supergroup; the bot is a member of it. */
  group(options: GroupOptions): Chat.SupergroupChat;
  /** Makes a basic group, which has no topics: its messages count with those of the private chats. */
  basicGroup(options: Omit<GroupOptions, "forum">): Chat.GroupChat;
  /**
   * Makes a supergroup with that id of a group: the old one refuses everything, and both get their service message, unless
   * `silently`.
   */
  migrate(
    group: ChatRef,
    to: number,
    options?: { readonly silently?: boolean },
  ): Chat.SupergroupChat;
  /** Closes or deletes a topic. */
  endTopic(group: ChatRef, threadId: number, how: "closed" | "deleted"): void;
  /** What a group lets its members, and so the bot, not send. */
  forbid(group: ChatRef, ...forbidden: readonly ("messages" | "photos" | "documents")[]): void;
  /** Puts the bot out of a group, or takes it in again. */
  kick(group: ChatRef, isOut?: boolean): void;
  /** Queues a raw update under the next id; returns it. */
  push(update: Omit<Update, "update_id">): Update;
  /** Live messages in order, edits applied, deleted ones gone, ephemeral ones not among them. */
  messages(chat: ChatRef): readonly Message[];
  message(chat: ChatRef, messageId: number): Message | undefined;
  /** What one member sees beside the chat's messages: live ephemeral messages to and from them, in order. */
  ephemeral(chat: ChatRef, member: ChatRef): readonly Message[];
  /** The live draft of a private chat. */
  draft(chat: ChatRef): Draft | undefined;
  /** The bot's reactions on a message. */
  reactions(message: MessageRef): readonly ReactionType[];
  /** The bytes that a user would download; rejects when unknown or no longer kept. */
  file(fileId: string): Promise<Uint8Array>;
  /** The menu that a user sees in a chat, by Telegram's order of scopes and languages. */
  commands(
    person: Person,
    chat?: ChatRef,
  ): readonly { command: string; description: string; is_ephemeral?: boolean }[];
  /** Every event from now on, until the loop is left or the server stops. */
  readonly events: AsyncIterable<TelegramEvent>;
  /** Calls back for every event, in order; returns how to stop that. */
  onEvent(listener: (event: TelegramEvent) => void): () => void;
  /**
   * Waits until `look` gives something other than undefined and false; it is asked after every event and now and
   * then. Rejects after `timeoutMs` with `what` and the last messages of the chats.
   */
  until<T>(
    look: () => T | undefined | false | Promise<T | undefined | false>,
    options?: UntilOptions,
  ): Promise<T>;
  /** The last `keepCalls` API calls, oldest first. */
  readonly calls: readonly ApiCall[];
  /** Updates that no offset has confirmed yet, oldest first. */
  readonly unconfirmed: readonly Update[];
  /** Closes every connection; open long polls and presses end. */
  stop(): Promise<void>;
}
