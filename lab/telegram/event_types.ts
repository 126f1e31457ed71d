/**
 * What happens in the emulated Telegram, as those who watch are told of it. Types only.
 */

import type { Message, MessageEntity, ReactionType, Update, User } from "grammy/types";

/** What became of a press: the bot's `answerCallbackQuery`, or `answered: false` when none came in time. */
export interface Press {
  readonly queryId: string;
  readonly answered: boolean;
  readonly text?: string;
  readonly show_alert: boolean;
  readonly url?: string;
  /** From the press to the answer, in milliseconds. */
  readonly ms: number;
}

/** A draft that the bot streams into a private chat. */
export interface Draft {
  readonly draftId: number;
  readonly chatId: number;
  readonly threadId?: number;
  readonly text: string;
  readonly entities: readonly MessageEntity[];
  readonly canStop: boolean;
  readonly keepOnStop: boolean;
  /** Milliseconds since the epoch: when the preview vanishes unless refreshed. */
  readonly expiresAt: number;
}

/** One request to the Bot API. Files in `params` are replaced by `{file, size}`. */
export interface ApiCall {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Undefined while it is being answered. */
  endedAt?: number;
  ok?: boolean;
  error_code?: number;
  description?: string;
  /** The kind of fault that was done to it. */
  fault?: string;
}

/** Something that a user in front of the chat would see, or that the server counted. */
export type TelegramEvent =
  | {
    readonly type: "sent" | "edited";
    readonly chatId: number;
    readonly message: Message;
    readonly by: "bot" | "person";
  }
  | {
    readonly type: "deleted";
    readonly chatId: number;
    readonly messageId: number;
    readonly by: "bot" | "person";
  }
  | {
    readonly type: "pressed";
    readonly chatId: number;
    readonly queryId: string;
    readonly from: User;
    readonly data: string;
  }
  | {
    readonly type: "answered";
    readonly chatId: number;
    readonly queryId: string;
    readonly press: Press;
  }
  | {
    /** `draft` is undefined when it has gone: stopped, expired or replaced by a message. */
    readonly type: "draft";
    readonly chatId: number;
    readonly draft: Draft | undefined;
  }
  | {
    readonly type: "ephemeral";
    readonly chatId: number;
    readonly receiverId: number;
    readonly change: "sent" | "edited" | "deleted";
    readonly message: Message;
  }
  | {
    readonly type: "reaction";
    readonly chatId: number;
    readonly messageId: number;
    readonly reaction: readonly ReactionType[];
  }
  | { readonly type: "action"; readonly chatId: number; readonly action: string }
  | { readonly type: "commands" }
  | { readonly type: "update"; readonly update: Update }
  | { readonly type: "confirmed"; readonly updateIds: readonly number[] }
  /** Once when it has come, once when it is answered. */
  | { readonly type: "call"; readonly call: ApiCall };
