/**
 * Bot API methods that change or remove what is in a chat: edits, ephemeral edits, deletions, reactions.
 */

import type { Message, ReactionType } from "grammy/types";
import { z } from "zod";
import type { ChatState } from "../chat/chats.ts";
import { contentOf, sameContent, withContent } from "../chat/content.ts";
import { badRequest } from "../refusal.ts";
import type { Params } from "../server/params.ts";
import { type Content, remove, removeEphemeral, replace, seconds, type World } from "../world.ts";
import { readInlineMarkup } from "./keyboard.ts";
import { readInputMedia } from "./media.ts";
import type { Method, Methods } from "./methods.ts";
import { readText, textContent } from "./send_methods.ts";
import { chatOf, ephemeralOf, messageOf, spend } from "./targets.ts";
import { formatCaption } from "./text.ts";

/** A message can be deleted for so long after it was sent, seconds. */
const DELETABLE_SECONDS = 48 * 3600;

/** Gives the fields that stand in the place of a message's text, media and caption. */
type Change = (world: World, params: Params, message: Message) => Content;

const changeText: Change = (_world, params, message) => {
  if (message.text === undefined) throw badRequest("There is no text in the message to edit");
  return textContent(params);
};

const changeCaption: Change = (_world, params, { photo, document, has_media_spoiler }) => {
  if (photo === undefined && document === undefined) {
    throw badRequest("There is no caption in the message to edit");
  }
  const { text, entities } = formatCaption(readText(params, "caption"));
  return {
    ...(photo === undefined ? {} : { photo }),
    ...(document === undefined ? {} : { document }),
    ...(has_media_spoiler === undefined ? {} : { has_media_spoiler }),
    ...(text === "" ? {} : { caption: text }),
    ...(entities.length === 0 ? {} : { caption_entities: [...entities] }),
    ...(params.flag("show_caption_above_media") ? { show_caption_above_media: true } : {}),
  };
};

/** Bot API 10 turns a text into media too; before, there had to be media. */
const changeMedia: Change = (world, params, message) => {
  const hasMedia = message.photo !== undefined || message.document !== undefined;
  if (!hasMedia && !world.knows.textToMedia) {
    throw badRequest("There is no media in the message to edit");
  }
  const content = readInputMedia(world, params);
  const inAlbum = message.media_group_id !== undefined;
  if (inAlbum && (content.photo === undefined) !== (message.photo === undefined)) {
    throw badRequest("Can't use the media of the specified type in the album");
  }
  return content;
};

const keepContent: Change = (_world, _params, message) => contentOf(message);

function applyChange(
  world: World,
  params: Params,
  state: ChatState,
  message: Message,
  change: Change,
): Message {
  const markup = readInlineMarkup(params);
  const content = change(world, params, message);
  const next: Message = {
    ...withContent(message, content),
    ...(markup === undefined ? {} : { reply_markup: markup }),
  };
  const { edit_date: _edited, ...before } = message;
  if (sameContent(before, next)) throw badRequest("MESSAGE_NOT_MODIFIED");
  spend(world, state);
  const edited = { ...next, edit_date: seconds(world) };
  replace(world, state, edited);
  return edited;
}

/** An `editMessage…` method. */
function edit(change: Change): Method {
  return (world, params) => {
    if (params.has("inline_message_id")) throw badRequest("MESSAGE_ID_INVALID");
    const state = chatOf(world, params);
    const message = messageOf(state, params, "message to edit");
    const isMine = message.from?.id === world.bot.id && message.forward_origin === undefined;
    if (!isMine || state.unchangeable.has(message.message_id)) {
      throw badRequest("Message can't be edited");
    }
    return applyChange(world, params, state, message, change);
  };
}

/** An `editEphemeralMessage…` method. */
function editEphemeral(change: Change): Method {
  return (world, params) => {
    const state = chatOf(world, params);
    applyChange(world, params, state, ephemeralOf(state, params, "message to edit"), change);
    return true;
  };
}

/** Refuses to delete what the bot may not. */
function checkDeletable(world: World, state: ChatState, message: Message): void {
  const isMine = message.from?.id === world.bot.id;
  if (!isMine && state.chat.type !== "private" && !state.botIsAdmin) {
    throw badRequest("MESSAGE_DELETE_FORBIDDEN");
  }
  if (seconds(world) - message.date > DELETABLE_SECONDS) {
    throw badRequest("Message can't be deleted for everyone");
  }
}

const deleteMessage: Method = (world, params) => {
  const state = chatOf(world, params);
  const message = messageOf(state, params, "message to delete");
  checkDeletable(world, state, message);
  remove(world, state, message.message_id, "bot");
  return true;
};

const deleteMessages: Method = (world, params) => {
  const state = chatOf(world, params);
  const ids = params.json("message_ids", z.array(z.coerce.number()), "message_ids") ?? [];
  if (ids.length === 0) throw badRequest("Message identifiers are not specified");
  if (ids.length > 100) throw badRequest("Too many message identifiers specified");
  const messages = ids.flatMap((id) => state.messages.get(id) ?? []);
  for (const message of messages) checkDeletable(world, state, message);
  for (const message of messages) remove(world, state, message.message_id, "bot");
  return true;
};

const deleteEphemeralMessage: Method = (world, params) => {
  const state = chatOf(world, params);
  removeEphemeral(world, state, ephemeralOf(state, params, "message to delete"));
  return true;
};

/** The emoji that Telegram takes as reactions; the Bot API lists them at ReactionTypeEmoji. */
const REACTIONS = new Set(
  "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
    .split(" "),
);

const reactionSchema = z.array(
  z.union([
    z.object({
      type: z.literal("emoji"),
      emoji: z.custom<Extract<ReactionType, { type: "emoji" }>["emoji"]>((emoji) =>
        typeof emoji === "string"
      ),
    }),
    z.object({ type: z.literal("custom_emoji"), custom_emoji_id: z.string() }),
  ]),
);

const setMessageReaction: Method = (world, params) => {
  const state = chatOf(world, params);
  const { message_id: messageId } = messageOf(state, params, "message to react");
  const reaction = params.json("reaction", reactionSchema, "reaction types") ?? [];
  if (reaction.length > 1) throw badRequest("REACTIONS_TOO_MANY");
  if (reaction.some((type) => type.type === "emoji" && !REACTIONS.has(type.emoji))) {
    throw badRequest("REACTION_INVALID");
  }
  state.reactions.set(messageId, reaction);
  world.events.emit({ type: "reaction", chatId: state.chat.id, messageId, reaction });
  return true;
};

export const editMethods: Methods = {
  editMessageText: edit(changeText),
  editMessageCaption: edit(changeCaption),
  editMessageMedia: edit(changeMedia),
  editMessageReplyMarkup: edit(keepContent),
  editEphemeralMessageText: editEphemeral(changeText),
  editEphemeralMessageCaption: editEphemeral(changeCaption),
  editEphemeralMessageMedia: editEphemeral(changeMedia),
  editEphemeralMessageReplyMarkup: editEphemeral(keepContent),
  deleteMessage,
  deleteMessages,
  deleteEphemeralMessage,
  setMessageReaction,
};
