/**
 * `reply_markup`: which buttons Telegram takes, and what is wrong with those that it does not.
 * It does not know messages.
 */

import type {
  ForceReply,
  InlineKeyboardButton,
  InlineKeyboardMarkup,
  ReplyKeyboardMarkup,
  ReplyKeyboardRemove,
} from "grammy/types";
import { z } from "zod";
import { badRequest } from "../refusal.ts";
import type { Params } from "../server/params.ts";

export type ReplyMarkup =
  | InlineKeyboardMarkup
  | ReplyKeyboardMarkup
  | ReplyKeyboardRemove
  | ForceReply;

/** At most so many buttons under a message. */
const MAX_BUTTONS = 100;

const buttonSchema = z.looseObject({
  text: z.string(),
  style: z.string().optional(),
  icon_custom_emoji_id: z.string().optional(),
  callback_data: z.string().optional(),
  url: z.string().optional(),
  copy_text: z.object({ text: z.string() }).optional(),
  disabled: z.object({}).optional(),
  web_app: z.object({ url: z.string() }).optional(),
  switch_inline_query: z.string().optional(),
  switch_inline_query_current_chat: z.string().optional(),
});

const markupSchema = z.looseObject({
  inline_keyboard: z.array(z.array(buttonSchema)).optional(),
  keyboard: z.array(z.array(z.union([z.string(), z.object({ text: z.string() })]))).optional(),
  resize_keyboard: z.boolean().default(false),
  one_time_keyboard: z.boolean().default(false),
  remove_keyboard: z.boolean().optional(),
  force_reply: z.boolean().optional(),
  selective: z.boolean().optional(),
  input_field_placeholder: z.string().optional(),
});

/** The colour of a button: none for "default", a Refusal for one that there is not. */
function styleOf(style = ""): { style?: "danger" | "success" | "primary" } {
  switch (style) {
    case "danger":
    case "success":
    case "primary":
      return { style };
    case "":
    case "default":
      return {};
    default:
      throw badRequest("Can't parse inline keyboard button: invalid button style specified");
  }
}

function inlineButton(button: z.infer<typeof buttonSchema>): InlineKeyboardButton {
  const { text, style, icon_custom_emoji_id } = button;
  if (text.trim() === "") throw badRequest("Inline keyboard button text must be non-empty");
  const look = {
    text,
    ...styleOf(style),
    ...(icon_custom_emoji_id === undefined ? {} : { icon_custom_emoji_id }),
  };
  if (button.url) {
    if (!/^(https?:\/\/[^/]+\.[^/]|tg:\/\/|https?:\/\/\[|[^:/]+\.[^:/])/i.test(button.url)) {
      throw badRequest(`Inline keyboard button URL '${button.url}' is invalid: Wrong HTTP URL`);
    }
    return { ...look, url: button.url };
  }
  if (button.callback_data) {
    if (new TextEncoder().encode(button.callback_data).length > 64) {
      throw badRequest("BUTTON_DATA_INVALID");
    }
    return { ...look, callback_data: button.callback_data };
  }
  if (button.switch_inline_query !== undefined) {
    return { ...look, switch_inline_query: button.switch_inline_query };
  }
  if (button.switch_inline_query_current_chat !== undefined) {
    const { switch_inline_query_current_chat } = button;
    return { ...look, switch_inline_query_current_chat };
  }
  if (button.web_app !== undefined) return { ...look, web_app: button.web_app };
  if (button.copy_text !== undefined) {
    const { length } = button.copy_text.text;
    if (length < 1 || length > 256) throw badRequest("BUTTON_COPY_TEXT_INVALID");
    return { ...look, copy_text: button.copy_text };
  }
  if (button.disabled !== undefined) return { ...look, disabled: {} };
  throw badRequest(
    "Can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
  );
}

/** Reads `reply_markup`; undefined when there is none, an inline keyboard without buttons included. */
export function readMarkup(params: Params): ReplyMarkup | undefined {
  const markup = params.json("reply_markup", markupSchema, "reply keyboard markup");
  if (markup === undefined) return undefined;
  const { selective, input_field_placeholder } = markup;
  if (markup.keyboard?.some((row) => row.length > 0)) {
    const { keyboard, resize_keyboard, one_time_keyboard } = markup;
    return { keyboard, resize_keyboard, one_time_keyboard };
  }
  const rows = (markup.inline_keyboard ?? []).filter((row) => row.length > 0);
  if (rows.length > 0) {
    if (rows.flat().length > MAX_BUTTONS) throw badRequest("REPLY_MARKUP_TOO_LONG");
    return {
      inline_keyboard: rows.map((row) => row.map(inlineButton)),
      ...(markup.force_reply === undefined ? {} : { force_reply: markup.force_reply }),
    };
  }
  const forWhom = selective === undefined ? {} : { selective };
  if (markup.remove_keyboard) return { remove_keyboard: true, ...forWhom };
  if (markup.force_reply) {
    return {
      force_reply: true,
      ...forWhom,
      ...(input_field_placeholder === undefined ? {} : { input_field_placeholder }),
    };
  }
  return undefined;
}

/** Whether it stays under the message for all to see; the others show in no message. */
export function isInline(markup: ReplyMarkup | undefined): markup is InlineKeyboardMarkup {
  return markup !== undefined && "inline_keyboard" in markup;
}

/** The keyboard of an edit, which must be an inline one or none. */
export function readInlineMarkup(params: Params): InlineKeyboardMarkup | undefined {
  const markup = readMarkup(params);
  if (markup !== undefined && !isInline(markup)) throw badRequest("Inline keyboard expected");
  return markup;
}
