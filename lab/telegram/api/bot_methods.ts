/**
 * Bot API methods about the bot itself, its updates, files and chats: everything that neither sends nor edits.
 */

import type { ChatMember, UserFromGetMe } from "grammy/types";
import { z } from "zod";
import type { ProfileText } from "../chat/bot_profile.ts";
import type { ChatState } from "../chat/chats.ts";
import { badRequest } from "../refusal.ts";
import type { Params } from "../server/params.ts";
import type { World } from "../world.ts";
import type { Method, Methods } from "./methods.ts";
import { chatOf, topicOf, writableChat } from "./targets.ts";

const getMe: Method = (world): UserFromGetMe => ({
  ...world.bot,
  is_bot: true,
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_guest_queries: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
  can_manage_bots: false,
  supports_join_request_queries: false,
});

const getUpdates: Method = (world, params, signal) =>
  world.updates.get({
    offset: params.integer("offset"),
    limit: params.integer("limit"),
    timeout: params.integer("timeout"),
    allowed: params.json("allowed_updates", z.array(z.string()), "allowed updates"),
  }, signal);

/** Updates are not sent to a webhook: the URL is kept, and `getUpdates` refused while there is one. */
const setWebhook: Method = (world, params) => {
  const url = params.text("url");
  if (url !== "" && !url.startsWith("https://")) {
    throw badRequest("bad webhook: An HTTPS URL must be provided for webhook");
  }
  world.updates.setWebhook(url, params.flag("drop_pending_updates"));
  return true;
};

const deleteWebhook: Method = (world, params) => {
  world.updates.setWebhook("", params.flag("drop_pending_updates"));
  return true;
};

const getWebhookInfo: Method = (world) => ({
  url: world.updates.webhookUrl,
  has_custom_certificate: false,
  pending_update_count: world.updates.unconfirmed.length,
});

const getFile: Method = (world, params) => {
  if (!params.has("file_id")) throw badRequest("file_id not specified");
  return world.files.link(params.text("file_id"));
};

const answerCallbackQuery: Method = (world, params) => {
  const text = params.text("text");
  if (text.length > 200) throw badRequest("MESSAGE_TOO_LONG");
  const queryId = params.text("callback_query_id");
  const answer = {
    show_alert: params.flag("show_alert"),
    ...(text === "" ? {} : { text }),
    ...(params.has("url") ? { url: params.text("url") } : {}),
  };
  const { chatId, press } = world.presses.answer(queryId, answer);
  world.events.emit({ type: "answered", chatId, queryId, press });
  return true;
};

const ACTIONS = new Set(
  "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker find_location record_video_note upload_video_note"
    .split(" "),
);

const sendChatAction: Method = (world, params) => {
  const action = params.text("action");
  if (!ACTIONS.has(action)) throw badRequest("Wrong parameter action in request");
  const state = writableChat(world, params);
  topicOf(state, params);
  world.events.emit({ type: "action", chatId: state.chat.id, action });
  return true;
};

const chatId = z.union([z.number(), z.string()]);
const scopeSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("default") }),
  z.object({ type: z.literal("all_private_chats") }),
  z.object({ type: z.literal("all_group_chats") }),
  z.object({ type: z.literal("all_chat_administrators") }),
  z.object({ type: z.literal("chat"), chat_id: chatId }),
  z.object({ type: z.literal("chat_administrators"), chat_id: chatId }),
  z.object({ type: z.literal("chat_member"), chat_id: chatId, user_id: z.number() }),
]);

const commandsSchema = z.array(
  z.object({
    command: z.string(),
    description: z.string(),
    is_ephemeral: z.boolean().optional(),
  }).transform(({ is_ephemeral, ...command }) => ({
    ...command,
    ...(is_ephemeral ? { is_ephemeral } : {}),
  })),
);

/** The scope of a list; one of a chat needs a chat that is there. */
function readScope(world: World, params: Params): z.infer<typeof scopeSchema> {
  const scope = params.json("scope", scopeSchema, "BotCommandScope") ?? { type: "default" };
  if ("chat_id" in scope && world.chats.get(Number(scope.chat_id)) === undefined) {
    throw badRequest("Chat not found");
  }
  return scope;
}

const setMyCommands: Method = (world, params) => {
  const commands = params.json("commands", commandsSchema, "BotCommand") ?? [];
  const known = world.knows.ephemeral
    ? commands
    : commands.map(({ command, description }) => ({ command, description }));
  world.menu.setCommands(known, readScope(world, params), params.text("language_code"));
  world.events.emit({ type: "commands" });
  return true;
};

const deleteMyCommands: Method = (world, params) => {
  world.menu.setCommands([], readScope(world, params), params.text("language_code"));
  world.events.emit({ type: "commands" });
  return true;
};

const getMyCommands: Method = (world, params) =>
  world.menu.commands(readScope(world, params), params.text("language_code"));

/** `setMyName` and `getMyName`, and so on: the parameter is the kind in snake_case. */
function profileMethods(kind: ProfileText): Methods {
  const field = kind.replace(/(?!^)([A-Z])/g, "_$1").toLowerCase();
  return {
    [`setMy${kind}`]: (world, params) => {
      world.menu.setText(kind, params.text(field), params.text("language_code"));
      return true;
    },
    [`getMy${kind}`]: (world, params) => {
      const text = world.menu.text(kind, params.text("language_code"));
      return { [field]: text || (kind === "Name" ? world.bot.first_name : "") };
    },
  };
}

const menuButtonSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("default") }),
  z.object({ type: z.literal("commands") }),
  z.object({
    type: z.literal("web_app"),
    text: z.string(),
    web_app: z.object({ url: z.string() }),
  }),
]);

function buttonChat(world: World, params: Params): number {
  return params.has("chat_id") ? chatOf(world, params).chat.id : 0;
}

const setChatMenuButton: Method = (world, params) => {
  const button = params.json("menu_button", menuButtonSchema, "menu button") ?? { type: "default" };
  world.menu.setButton(buttonChat(world, params), button);
  return true;
};

const getChatMenuButton: Method = (world, params) => world.menu.button(buttonChat(world, params));

const getChat: Method = (world, params) => {
  const { chat } = chatOf(world, params);
  return { ...chat, accent_color_id: 0, max_reaction_count: 11, accepted_gift_types: {} };
};

const RIGHTS = {
  is_anonymous: false,
  can_manage_chat: true,
  can_delete_messages: true,
  can_manage_video_chats: true,
  can_restrict_members: true,
  can_promote_members: false,
  can_change_info: true,
  can_invite_users: true,
  can_post_stories: false,
  can_edit_stories: false,
  can_delete_stories: false,
};

function memberOf(world: World, state: ChatState, userId: number): Partial<ChatMember> {
  if (userId === world.bot.id) {
    const user = world.bot;
    if (!state.botIsMember) return { status: "left", user };
    return state.botIsAdmin
      ? { status: "administrator", user, can_be_edited: false, ...RIGHTS }
      : { status: "member", user };
  }
  const member = state.members.get(userId);
  const user = member?.user ?? world.chats.user(userId);
  if (user === undefined) throw badRequest("PARTICIPANT_ID_INVALID");
  switch (member?.status) {
    case undefined:
      return { status: "left", user };
    case "creator":
      return { status: "creator", user, is_anonymous: false };
    case "administrator":
      return { status: "administrator", user, can_be_edited: false, ...RIGHTS };
    case "member":
      return { status: "member", user };
  }
}

const getChatMember: Method = (world, params) =>
  memberOf(world, chatOf(world, params), params.integer("user_id") ?? 0);

const getChatAdministrators: Method = (world, params) => {
  const state = chatOf(world, params);
  if (state.chat.type === "private") {
    throw badRequest("there are no administrators in the private chat");
  }
  const people = [...state.members.values()].filter(({ status }) => status !== "member");
  const ids = [...people.map(({ user }) => user.id), ...(state.botIsAdmin ? [world.bot.id] : [])];
  return ids.map((id) => memberOf(world, state, id));
};

const getChatMemberCount: Method = (world, params) => {
  const { members, botIsMember } = chatOf(world, params);
  return members.size + (botIsMember ? 1 : 0);
};

const leaveChat: Method = (world, params) => {
  const state = chatOf(world, params);
  if (state.chat.type === "private") throw badRequest("chat member status can't be changed");
  state.botIsMember = false;
  return true;
};

export const botMethods: Methods = {
  getMe,
  getUpdates,
  setWebhook,
  deleteWebhook,
  getWebhookInfo,
  getFile,
  answerCallbackQuery,
  sendChatAction,
  setMyCommands,
  deleteMyCommands,
  getMyCommands,
  ...profileMethods("Name"),
  ...profileMethods("Description"),
  ...profileMethods("ShortDescription"),
  setChatMenuButton,
  getChatMenuButton,
  getChat,
  getChatMember,
  getChatAdministrators,
  getChatMemberCount,
  leaveChat,
  logOut: () => true,
  close: () => true,
};
