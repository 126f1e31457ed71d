/**
 * The text of a message on its way in: given entities, trimming, what Telegram finds in it, length. Knows no markup: a call with
 * `parse_mode` is refused.
 * The order and the sentences are those of telegram-bot-api (`get_formatted_text`) and TDLib (`fix_formatted_text`).
 */

import type { MessageEntity } from "grammy/types";
import { z } from "zod";
import { findEntities, mergeEntities, sortEntities } from "../chat/entities.ts";
import { badRequest } from "../refusal.ts";

/** The longest text and caption, in UTF-16 units. */
export const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;

const range = { offset: z.int(), length: z.int() };
const user = z.object({
  id: z.number(),
  is_bot: z.boolean().default(false),
  first_name: z.string().default(""),
});

/** Entities as a bot gives them. */
export const entitiesSchema: z.ZodType<MessageEntity[]> = z.array(
  z.union([
    z.object({
      ...range,
      type: z.enum([
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
      ]),
    }),
    z.object({ ...range, type: z.literal("text_link"), url: z.string() }),
    z.object({ ...range, type: z.literal("text_mention"), user }),
    z.object({ ...range, type: z.literal("custom_emoji"), custom_emoji_id: z.string() }),
    z.object({ ...range, type: z.literal("pre"), language: z.string() }),
    z.object({ ...range, type: z.literal("pre") }),
  ]),
);

/** Text as a bot gives it. */
export interface TextInput {
  readonly text: string;
  readonly parseMode?: string | undefined;
  readonly entities?: readonly MessageEntity[] | undefined;
}

/** Text and its entities; offsets and lengths in UTF-16 units. */
export interface FormattedText {
  readonly text: string;
  readonly entities: readonly MessageEntity[];
}

function read({ text, parseMode, entities }: TextInput): FormattedText {
  if (new TextEncoder().encode(text).length > 1 << 15) throw badRequest("Text is too long");
  if (parseMode) throw badRequest("parse_mode is not emulated, give entities instead");
  return { text, entities: sortEntities(entities ?? []) };
}

/** Cuts white space at the ends as Telegram does: never into the first entity. */
function trim({ text, entities }: FormattedText): FormattedText {
  const end = text.trimEnd().length;
  const inside = entities
    .filter(({ offset, length }) => offset >= 0 && offset < end && length > 0)
    .map((entity) => ({ ...entity, length: Math.min(entity.length, end - entity.offset) }));
  const first = inside[0]?.offset ?? end;
  let start = 0;
  while (start < first && " \n".includes(text.charAt(start))) start++;
  return {
    text: text.slice(start, end),
    entities: inside.map((entity) => ({ ...entity, offset: entity.offset - start })),
  };
}

/** Formats text that may be empty, such as a caption or a draft; refuses over `max` UTF-16 units with `tooLong`. */
export function formatOptional(input: TextInput, max: number, tooLong: string): FormattedText {
  const { text, entities } = trim(read(input));
  if (text.length > max) throw badRequest(tooLong);
  return { text, entities: mergeEntities(entities, findEntities(text)) };
}

/** Formats a caption: 0–1024 UTF-16 units. */
export function formatCaption(input: TextInput): FormattedText {
  return formatOptional(input, MAX_CAPTION, "Message caption is too long");
}

/** Formats a message's text: 1–4096 UTF-16 units. */
export function formatText(input: TextInput): FormattedText {
  if (input.text === "") throw badRequest("Message text is empty");
  const formatted = formatOptional(input, MAX_TEXT, "Message is too long");
  if (formatted.text === "") throw badRequest("Text must be non-empty");
  return formatted;
}
