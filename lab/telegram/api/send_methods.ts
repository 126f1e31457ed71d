/**
 * Bot API methods that put messages into chats: text, media, albums, copies, forwards, drafts.
 */

import type { Message } from "grammy/types";
import { z } from "zod";
import type { ChatState } from "../chat/chats.ts";
import { contentOf, originOf } from "../chat/content.ts";
import { badRequest } from "../refusal.ts";
import type { Params } from "../server/params.ts";
import { type Content, post, type Posted, type World } from "../world.ts";
import { isInline, readMarkup } from "./keyboard.ts";
import { mediaContent, readAlbum, readMedia } from "./media.ts";
import type { Method, Methods } from "./methods.ts";
import {
  chatOf,
  messageOf,
  mustBeAllowed,
  receiverOf,
  replyOf,
  spend,
  topicOf,
  writableChat,
} from "./targets.ts";
import { entitiesSchema, formatOptional, formatText, MAX_TEXT, type TextInput } from "./text.ts";

const previewSchema = z.looseObject({ is_disabled: z.boolean().optional() });

/** The text or caption of a call. */
export function readText(params: Params, field: "text" | "caption"): TextInput {
  const entities = field === "text" ? "entities" : "caption_entities";
  return {
    text: params.text(field),
    parseMode: params.text("parse_mode"),
    entities: params.json(entities, entitiesSchema, "MessageEntity"),
  };
}

/** The text of a message as fields of it. */
export function textContent(params: Params): Content {
  const { text, entities } = formatText(readText(params, "text"));
  const preview = params.json("link_preview_options", previewSchema, "link preview options");
  return {
    text,
    ...(entities.length === 0 ? {} : { entities: [...entities] }),
    ...(preview === undefined ? {} : { link_preview_options: preview as object }),
  };
}

/** A bot's message takes its draft away. */
function clearDraft(world: World, chatId: number): void {
  if (world.drafts.clear(chatId)) world.events.emit({ type: "draft", chatId, draft: undefined });
}

/** Sends contents as one message, or as an album when there are several. */
function send(world: World, params: Params, contents: readonly Content[]): Posted[] {
  const state = writableChat(world, params);
  const markup = readMarkup(params);
  for (const content of contents) mustBeAllowed(state, content);
  const receiver = receiverOf(world, state, params);
  const common: Content = {
    ...topicOf(state, params),
    ...replyOf(world, state, params),
    ...(isInline(markup) ? { reply_markup: markup } : {}),
    ...(params.flag("protect_content") ? { has_protected_content: true } : {}),
    ...(params.has("message_effect_id") ? { effect_id: params.text("message_effect_id") } : {}),
  };
  spend(world, state, contents.length);
  clearDraft(world, state.chat.id);
  const album = contents.length > 1 ? { media_group_id: world.chats.newGroupId() } : {};
  return contents.map((content) => {
    const ephemeral: Content = receiver === undefined ? {} : {
      receiver_user: receiver,
      ephemeral_message_id: world.chats.nextEphemeralId(state),
    };
    const message = post(world, state, world.bot, {
      ...common,
      ...content,
      ...album,
      ...ephemeral,
    });
    if (markup !== undefined && !isInline(markup)) state.unchangeable.add(message.message_id);
    return message;
  });
}

const sendMessage: Method = (world, params) => send(world, params, [textContent(params)])[0];

const sendPhoto: Method = (world, params) => {
  const media = readMedia(world, params, "photo", params.text("photo"));
  const captionAbove = params.flag("show_caption_above_media");
  const look = { spoiler: params.flag("has_spoiler"), captionAbove };
  return send(world, params, [mediaContent(media, readText(params, "caption"), look)])[0];
};

const sendDocument: Method = (world, params) => {
  const thumbnail = params.text("thumbnail");
  const media = readMedia(world, params, "document", params.text("document"), thumbnail);
  return send(world, params, [mediaContent(media, readText(params, "caption"), {})])[0];
};

const sendMediaGroup: Method = (world, params) => send(world, params, readAlbum(world, params));

function source(
  world: World,
  params: Params,
  what: string,
): { state: ChatState; message: Message } {
  const state = chatOf(world, params, "from_chat_id");
  const message = messageOf(state, params, what);
  if (message.has_protected_content) {
    throw badRequest("Message has protected content and can't be forwarded");
  }
  return { state, message };
}

const copyMessage: Method = (world, params) => {
  const { message } = source(world, params, "message to copy");
  const content = contentOf(message);
  if (params.has("caption") && content.text === undefined) {
    const { text, entities } = formatOptional(
      readText(params, "caption"),
      1024,
      "Message caption is too long",
    );
    content.caption = text;
    content.caption_entities = [...entities];
  }
  const copy = send(world, params, [content])[0];
  return { message_id: copy?.message_id };
};

const forwardMessage: Method = (world, params) => {
  const { message } = source(world, params, "message to forward");
  const origin = originOf(message);
  const from = origin === undefined ? {} : { forward_origin: origin };
  return send(world, params, [{ ...contentOf(message), ...from }])[0];
};

/**
 * Drafts have no flood limit of their own that is documented; only private chats take them. An empty text is the
 * "Thinking…" placeholder.
 */
const sendMessageDraft: Method = (world, params) => {
  const tooLong = "Message is too long";
  const { text, entities } = formatOptional(readText(params, "text"), MAX_TEXT, tooLong);
  const state = writableChat(world, params);
  if (state.chat.type !== "private") throw badRequest("Chat not found");
  const draftId = params.integer("draft_id") ?? 0;
  if (draftId === 0) throw badRequest("DRAFT_ID_INVALID");
  const chatId = state.chat.id;
  const threadId = params.integer("message_thread_id");
  const draft = world.drafts.show({
    draftId,
    chatId,
    ...(threadId === undefined ? {} : { threadId }),
    text,
    entities,
    canStop: params.flag("can_stop"),
    keepOnStop: params.flag("keep_on_stop"),
  });
  if (draft !== undefined) world.events.emit({ type: "draft", chatId, draft });
  return true;
};

export const sendMethods: Methods = {
  sendMessage,
  sendPhoto,
  sendDocument,
  sendMediaGroup,
  copyMessage,
  forwardMessage,
  sendMessageDraft,
};
