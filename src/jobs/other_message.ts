/**
 * The record of a message of the bot's that is no job's: an answer, a menu, "Before · after". A search for a job's message goes
 * by it (telegram/status/other_messages.ts). Owns its shape and the port of its store.
 */
import { z } from "zod";
import { SendMark } from "./job.ts";

/** How it looks, as far as a search may change that. */
export const MessageLook = z.object({
  kind: z.enum(["text", "photo", "file"]),
  /** The message that it replies to. */
  replyTo: z.number().optional(),
  caption: z.string().optional(),
  /** Telegram's `InlineKeyboardMarkup`, as it was sent. */
  keyboard: z.unknown(),
});
export type MessageLook = Readonly<z.infer<typeof MessageLook>>;

/** Version 1: about to be sent, with its look, or sent, with its ids (an album has several). */
export const OtherMessage = z.object({
  v: z.literal(1),
  chatId: z.number(),
  /** It comes after that. */
  mark: SendMark,
  look: MessageLook.optional(),
  ids: z.array(z.number()).optional(),
});
export type OtherMessage = Readonly<z.infer<typeof OtherMessage>>;

/** Where they are kept: so many `slots` a chat, each for the next message after those in it are taken. */
export interface OtherMessageStore {
  /** Those of all chats, each with its slot. */
  all(): Promise<readonly { readonly slot: number; readonly message: OtherMessage }[]>;
  put(slot: number, message: OtherMessage): Promise<void>;
  remove(chatId: number, slot: number): Promise<void>;
}
