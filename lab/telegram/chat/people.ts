/**
 * What users do in front of the chats: write, send pictures, press, edit, forward, block. It does not know the Bot
 * API's parameters; what it does reaches the bot as updates.
 */

import type { Chat, Message, User } from "grammy/types";
import type { ChatRef, MessageRef, Person, PhotoOptions, SendOptions } from "../contract.ts";
import type { Press } from "../event_types.ts";
import {
  commandsSeen,
  type Content,
  deliver,
  deliverEdit,
  embedded,
  post,
  type Posted,
  quotedElsewhere,
  remove,
  replace,
  seconds,
  type World,
} from "../world.ts";
import type { ChatState } from "./chats.ts";
import { contentOf, originOf } from "./content.ts";
import { findEntities } from "./entities.ts";
import { fitInto, isDecodable, readPicture, recompress } from "./pictures.ts";
import { buttonData } from "./press_target.ts";

function idOf(chat: ChatRef): number {
  return typeof chat === "number" ? chat : chat.id;
}

/** A text or caption with what Telegram finds in it. */
function textContent(text: string): { text: string } & Content {
  const entities = findEntities(text);
  return { text, ...(entities.length === 0 ? {} : { entities }) };
}

function captionContent(caption: string | undefined): Content {
  if (!caption) return {};
  const entities = findEntities(caption);
  return { caption, ...(entities.length === 0 ? {} : { caption_entities: entities }) };
}

/** What a user's client uploads for a photo: a JPEG within `side` as it is, else recompressed to one. */
async function clientPhoto(bytes: Uint8Array, side: number): Promise<Uint8Array> {
  const picture = readPicture(bytes);
  if (picture === undefined) {
    throw new Error(`Cannot send a photo: ${bytes.length} bytes that are no picture (wanted one)`);
  }
  const fits = Math.max(picture.width, picture.height) <= side;
  if ((fits && picture.format === "jpeg") || !isDecodable(picture)) return bytes;
  return await recompress(bytes, fitInto(picture, side));
}

/** Who is shown as the sender for those who speak for a group, and for those who speak for a channel. */
const ANONYMOUS: User = {
  id: 1_087_968_824,
  is_bot: true,
  first_name: "Group",
  username: "GroupAnonymousBot",
};
const CHANNEL: User = {
  id: 136_817_688,
  is_bot: true,
  first_name: "Channel",
  username: "Channel_Bot",
};

/** The client of one user. */
export function createPerson(
  world: World,
  user: User,
  { photoSide }: { photoSide: number },
): Person {
  const own = world.chats.private(user);

  function chatOf(chat: ChatRef): ChatState {
    const state = world.chats.get(idOf(chat));
    if (state === undefined || !state.members.has(user.id)) {
      throw new Error(`Cannot act in chat ${idOf(chat)}: ${user.first_name} is no member of it`);
    }
    return state;
  }

  function messageOf(ref: MessageRef): { state: ChatState; message: Message | undefined } {
    const state = chatOf(ref.chat);
    const message = ref.ephemeral_message_id === undefined
      ? state.messages.get(ref.message_id)
      : state.ephemeral.get(ref.ephemeral_message_id);
    return { state, message };
  }

  function liveMessage(ref: MessageRef, act: string): { state: ChatState; message: Message } {
    const { state, message } = messageOf(ref);
    if (message === undefined) {
      throw new Error(
        `Cannot ${act} message ${ref.message_id}: it is not there (wanted a live one)`,
      );
    }
    return { state, message };
  }

  /** Whether the text is a command that the bot has called ephemeral: then only the bot sees it. */
  function isEphemeralCommand(state: ChatState, content: Content): boolean {
    if (state.chat.type === "private" || !world.knows.ephemeral) return false;
    const command = /^\/(\w+)(?:@(\w+))?/.exec(content.text ?? "");
    if (command === null || (command[2] ?? world.bot.username) !== world.bot.username) return false;
    return commandsSeen(world, state, user).some(({ command: name, is_ephemeral }) =>
      name === command[1] && is_ephemeral === true
    );
  }

  function replyTo(ref: MessageRef, from: ChatState): Content {
    const { state, message } = liveMessage(ref, "reply to");
    return state === from
      ? { reply_to_message: embedded(message) }
      : { external_reply: quotedElsewhere(world, message) };
  }

  function send<C extends Content>(content: C, options: SendOptions): Posted & C {
    const state = chatOf(options.chat ?? own.chat);
    if (state.blocked) {
      throw new Error(`Cannot send: ${user.first_name} has blocked the bot (wanted unblock first)`);
    }
    state.started = true;
    if (options.threadId !== undefined) state.topics.add(options.threadId);
    const reply = options.replyTo === undefined ? {} : replyTo(options.replyTo, state);
    const topic = options.threadId === undefined
      ? {}
      : { message_thread_id: options.threadId, is_topic_message: true };
    const ephemeral = isEphemeralCommand(state, content)
      ? {
        ephemeral_message_id: world.chats.nextEphemeralId(state),
        receiver_user: world.bot,
      }
      : {};
    const { speaksFor } = options;
    const isGroup = speaksFor?.id === state.chat.id;
    const voice = speaksFor === undefined ? {} : {
      sender_chat: isGroup
        ? state.chat
        : { id: speaksFor.id, type: "channel" as const, title: speaksFor.title ?? "Channel" },
    };
    const from = speaksFor === undefined ? user : isGroup ? ANONYMOUS : CHANNEL;
    const message = post(world, state, from, {
      ...content,
      ...reply,
      ...topic,
      ...ephemeral,
      ...voice,
    });
    deliver(world, state, message);
    return message;
  }

  async function photoContent(bytes: Uint8Array, options: PhotoOptions) {
    const jpeg = await clientPhoto(bytes, photoSide);
    const picture = readPicture(jpeg);
    if (picture === undefined) throw new Error("Cannot send a photo: its recompression is no JPEG");
    return {
      photo: world.files.addPhoto(jpeg, picture),
      ...captionContent(options.caption),
      ...(options.mediaGroupId === undefined ? {} : { media_group_id: options.mediaGroupId }),
      ...(options.hasSpoiler ? { has_media_spoiler: true as const } : {}),
    };
  }

  const person: Person = {
    id: user.id,
    user,
    privateChat: own.chat,
    sendText: (text, options = {}) => send(textContent(text), options),
    sendPhoto: async (bytes, options = {}) => send(await photoContent(bytes, options), options),
    sendDocument(bytes, options) {
      const document = world.files.addDocument(bytes, options);
      const { caption, mediaGroupId } = options;
      const album = mediaGroupId === undefined ? {} : { media_group_id: mediaGroupId };
      return send({ document, ...captionContent(caption), ...album }, options);
    },
    async sendAlbum(items, options = {}) {
      if (items.length < 2 || items.length > 10) {
        throw new Error(`Cannot send an album: it has ${items.length} items (wanted 2 to 10)`);
      }
      const mediaGroupId = world.chats.newGroupId();
      const contents = await Promise.all(items.map((item) => {
        if ("photo" in item) return photoContent(item.photo, { ...item, mediaGroupId });
        const document = world.files.addDocument(item.document, item);
        return { document, ...captionContent(item.caption), media_group_id: mediaGroupId };
      }));
      return contents.map((content) => send(content, options));
    },
    editText(ref, text) {
      const { state, message } = liveMessage(ref, "edit");
      if (message.from?.id !== user.id) {
        throw new Error(`Cannot edit message ${ref.message_id}: it is somebody else's`);
      }
      const { text: _text, entities: _entities, ...frame } = message;
      const { caption: _caption, caption_entities: _captionEntities, ...rest } = frame;
      const words = message.text === undefined ? captionContent(text) : textContent(text);
      const edit_date = seconds(world);
      const edited = { ...rest, ...words, from: user, chat: state.chat, edit_date };
      replace(world, state, edited);
      deliverEdit(world, state, edited);
      return edited;
    },
    forward(ref, options = {}) {
      const { message } = liveMessage(ref, "forward");
      const origin = originOf(message);
      const from = origin === undefined ? {} : { forward_origin: origin };
      return send({ ...contentOf(message), ...from }, options);
    },
    press(ref, button): Promise<Press> {
      const { state, message } = messageOf(ref);
      const data = buttonData(message, ref, button);
      const { queryId, answer } = world.presses.open(state.chat.id, user);
      world.events.emit({ type: "pressed", chatId: state.chat.id, queryId, from: user, data });
      world.updates.offer("callback_query", {
        id: queryId,
        from: user,
        message: message ?? { chat: state.chat, message_id: ref.message_id, date: 0 },
        chat_instance: String(-state.chat.id * 7_919),
        data,
      });
      return answer;
    },
    stopDraft(chat = own.chat) {
      const chatId = idOf(chat);
      const draft = world.drafts.stop(chatId);
      if (draft === undefined) {
        throw new Error(
          `Cannot stop the draft in chat ${chatId}: there is none with a Stop button`,
        );
      }
      const left = world.drafts.get(chatId);
      world.events.emit({ type: "draft", chatId, draft: left });
      world.updates.offer("stopped_message_generation", {
        chat: own.chat,
        ...(draft.threadId === undefined ? {} : { message_thread_id: draft.threadId }),
        draft_id: draft.draftId,
      });
    },
    deleteMessages(...refs) {
      for (const { chat, message_id } of refs) remove(world, chatOf(chat), message_id, "person");
    },
    block: () => changeBlock(world, own, user, true),
    unblock: () => changeBlock(world, own, user, false),
    setLanguage(code) {
      user.language_code = code;
      world.events.emit({ type: "commands" });
    },
    deactivate() {
      own.deactivated = true;
    },
  };
  return person;
}

/** Blocks or unblocks the bot, and tells it so. */
function changeBlock(
  world: World,
  state: ChatState & { readonly chat: Chat.PrivateChat },
  from: User,
  blocked: boolean,
): void {
  if (state.blocked === blocked) return;
  state.blocked = blocked;
  const member = { status: "member", user: world.bot } as const;
  const kicked = { status: "kicked", user: world.bot, until_date: 0 } as const;
  world.updates.offer("my_chat_member", {
    chat: state.chat,
    from,
    date: seconds(world),
    old_chat_member: blocked ? member : kicked,
    new_chat_member: blocked ? kicked : member,
  });
}
