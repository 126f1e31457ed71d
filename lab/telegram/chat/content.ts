/**
 * What of a message is content, as against where and when it was sent: what an edit replaces and a copy takes along.
 */

import type { Message, MessageOrigin } from "grammy/types";
import type { Content } from "../world.ts";

/** The fields that an edit replaces, and a copy or a forward takes along. */
const CONTENT_FIELDS: ReadonlySet<string> = new Set<keyof Content>([
  "text",
  "entities",
  "link_preview_options",
  "photo",
  "document",
  "caption",
  "caption_entities",
  "has_media_spoiler",
  "show_caption_above_media",
]);

/** The content of a message. */
export function contentOf(message: Message): Content {
  return Object.fromEntries(
    Object.entries(message).filter(([key]) => CONTENT_FIELDS.has(key)),
  );
}

/** Where a forwarded message came from: who wrote it first. */
export function originOf(message: Message): MessageOrigin | undefined {
  if (message.forward_origin !== undefined) return message.forward_origin;
  if (message.from === undefined) return undefined;
  return { type: "user", sender_user: message.from, date: message.date };
}

/** A message with other content and without its keyboard and edit date. */
export function withContent(message: Message, content: Content): Message {
  const { message_id, chat, date } = message;
  const frame = Object.fromEntries(
    Object.entries(message).filter(([key]) =>
      !CONTENT_FIELDS.has(key) && key !== "reply_markup" && key !== "edit_date"
    ),
  );
  return { ...frame, message_id, chat, date, ...content };
}

/** Whether two values say the same, in whatever order their fields come; an undefined field is an absent one. */
export function sameContent(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return left.length === right.size &&
    left.every(([key, value]) => sameContent(value, right.get(key)));
}
