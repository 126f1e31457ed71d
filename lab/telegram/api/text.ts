/**
 * The words of a message on their way in: parse mode, given entities, trimming, what Telegram finds in them, length.
 * The order and the sentences are those of telegram-bot-api (`get_formatted_text`) and TDLib (`fix_formatted_text`).
 */

import type { MessageEntity } from "grammy/types";
import { z } from "zod";
import { findEntities, mergeEntities, sortEntities } from "../chat/entities.ts";
import type { Marked } from "../markup.ts";
import { parseHtml } from "../markup_html.ts";
import { parseMarkdown, parseMarkdownV2 } from "../markup_markdown.ts";
import { badRequest } from "../refusal.ts";

/** The longest text and caption, in UTF-16 units after parsing. */
export const MAX_TEXT = 4096;
export const MAX_CAPTION = 1024;

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

export interface Words {
  readonly text: string;
  readonly parseMode?: string | undefined;
  readonly entities?: readonly MessageEntity[] | undefined;
}

function parse(words: Words): Marked {
  if (new TextEncoder().encode(words.text).length > 1 << 15) throw badRequest("Text is too long");
  const mode = words.parseMode?.toLowerCase() ?? "";
  if (words.text === "" || mode === "" || mode === "none") {
    return { text: words.text, entities: sortEntities(words.entities ?? []) };
  }
  switch (mode) {
    case "html":
      return parseHtml(words.text);
    case "markdownv2":
      return parseMarkdownV2(words.text);
    case "markdown":
      return parseMarkdown(words.text);
    default:
      throw badRequest("Unsupported parse_mode");
  }
}

/** Cuts white space at the ends as Telegram does: never into the first entity. */
function trim({ text, entities }: Marked): Marked {
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

/** Formats words that may be empty, such as a caption or a draft; refuses over `max` UTF-16 units with `tooLong`. */
export function formatOptional(words: Words, max: number, tooLong: string): Marked {
  const { text, entities } = trim(parse(words));
  if (text.length > max) throw badRequest(tooLong);
  return { text, entities: mergeEntities(entities, findEntities(text)) };
}

export function formatCaption(words: Words): Marked {
  return formatOptional(words, MAX_CAPTION, "Message caption is too long");
}

/** Formats a message's text: 1–4096 UTF-16 units. */
export function formatText(words: Words): Marked {
  if (words.text === "") throw badRequest("Message text is empty");
  const formatted = formatOptional(words, MAX_TEXT, "Message is too long");
  if (formatted.text === "") throw badRequest("Text must be non-empty");
  return formatted;
}
