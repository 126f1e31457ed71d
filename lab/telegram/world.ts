/**
 * Everything behind the server: who there is, what has been said, what waits. Posts, changes and removes messages so
 * that every listener hears of it. It does not know the Bot API's parameters or HTTP.
 */

import type { Message, User } from "grammy/types";
import { Menu } from "./chat/bot_profile.ts";
import { Chats, type ChatState } from "./chat/chats.ts";
import { Drafts } from "./chat/drafts.ts";
import { Files } from "./chat/files.ts";
import { Presses } from "./chat/presses.ts";
import type { Knows } from "./contract.ts";
import type { TelegramEvent } from "./event_types.ts";
import { Events } from "./events.ts";
import { FloodLimits } from "./server/flood_limits.ts";
import { Updates } from "./server/updates.ts";

export interface WorldOptions {
  readonly bot: User & { readonly username: string };
  readonly limits: boolean;
  readonly knows: Knows;
  readonly now: () => number;
  readonly random: () => number;
  readonly photoSide: number;
  readonly keepFileBytes: number;
  readonly keepMessages: number;
  readonly queryTtlMs: number;
}

export interface World {
  readonly bot: User & { readonly username: string };
  limits: boolean;
  knows: Knows;
  readonly now: () => number;
  readonly chats: Chats;
  readonly files: Files;
  readonly updates: Updates;
  readonly events: Events<TelegramEvent>;
  readonly flood: FloodLimits;
  readonly presses: Presses;
  readonly drafts: Drafts;
  readonly menu: Menu;
}

/** A message without what the server gives it. */
export type Content = Omit<Partial<Message>, "message_id" | "date" | "chat" | "from">;

/** A message as this server makes them. */
export type Posted = Message & { readonly from: User; readonly chat: ChatState["chat"] };

export function createWorld(options: WorldOptions): World {
  const { bot, limits, knows, now, random, photoSide, keepFileBytes, keepMessages } = options;
  const events = new Events<TelegramEvent>();
  return {
    bot,
    limits,
    knows,
    now,
    events,
    chats: new Chats({ keepMessages }),
    files: new Files({ botId: bot.id, photoSide, keepBytes: keepFileBytes, now }),
    updates: new Updates({
      firstId: 100_000_000 + Math.floor(random() * 800_000_000),
      now,
      onPut: (update) => events.emit({ type: "update", update }),
      onConfirmed: (updateIds) => events.emit({ type: "confirmed", updateIds }),
    }),
    flood: new FloodLimits(now),
    presses: new Presses({
      ttlMs: options.queryTtlMs,
      now,
      firstId: 1_000_000_000_000_000_000n + BigInt(Math.floor(random() * 1e15)),
    }),
    drafts: new Drafts(now),
    menu: new Menu(),
  };
}

/** The time in the wire's seconds. */
export function seconds(world: World): number {
  return Math.floor(world.now() / 1000);
}

function whose(world: World, user: User): "bot" | "person" {
  return user.id === world.bot.id ? "bot" : "person";
}

/** Puts a new message into a chat. */
export function post<C extends Content>(
  world: World,
  state: ChatState,
  from: User,
  content: C,
): Posted & C {
  const isEphemeral = content.ephemeral_message_id !== undefined;
  const message = {
    message_id: isEphemeral ? 0 : world.chats.nextMessageId(state),
    from,
    chat: state.chat,
    date: seconds(world),
    ...content,
  };
  world.chats.save(state, message);
  const chatId = state.chat.id;
  if (isEphemeral) {
    const receiverId = message.receiver_user?.id ?? 0;
    world.events.emit({ type: "ephemeral", chatId, receiverId, change: "sent", message });
  } else world.events.emit({ type: "sent", chatId, message, by: whose(world, from) });
  return message;
}

/** Puts a changed message in the place of what it was. */
export function replace(world: World, state: ChatState, message: Message): void {
  world.chats.save(state, message);
  const chatId = state.chat.id;
  if (message.ephemeral_message_id !== undefined) {
    const receiverId = message.receiver_user?.id ?? 0;
    world.events.emit({ type: "ephemeral", chatId, receiverId, change: "edited", message });
    return;
  }
  const by = whose(world, message.from ?? world.bot);
  world.events.emit({ type: "edited", chatId, message, by });
}

/** Deletes a message for all members. */
export function remove(
  world: World,
  state: ChatState,
  messageId: number,
  by: "bot" | "person",
): void {
  if (!state.messages.has(messageId)) return;
  world.chats.forget(state, messageId);
  world.events.emit({ type: "deleted", chatId: state.chat.id, messageId, by });
}

/** Takes an ephemeral message away. */
export function removeEphemeral(world: World, state: ChatState, message: Message): void {
  if (message.ephemeral_message_id === undefined) return;
  state.ephemeral.delete(message.ephemeral_message_id);
  const receiverId = message.receiver_user?.id ?? 0;
  const chatId = state.chat.id;
  world.events.emit({ type: "ephemeral", chatId, receiverId, change: "deleted", message });
}

/** A message as it stands within a reply to it: whole, but one level deep. */
export function embedded(message: Message): NonNullable<Message["reply_to_message"]> {
  const { reply_to_message: _deeper, ...rest } = message;
  // grammY types the absent field as present and undefined.
  return rest as NonNullable<Message["reply_to_message"]>;
}

/** A message in another chat as it stands within a reply to it: what it is made of, and where it is if that is no private chat. */
export function quotedElsewhere(
  world: World,
  message: Message,
): NonNullable<Message["external_reply"]> {
  const { chat, message_id, date, photo, document, from: sender_user = world.bot } = message;
  return {
    origin: { type: "user", sender_user, date },
    ...(chat.type === "supergroup" ? { chat, message_id } : {}),
    ...(photo === undefined ? {} : { photo }),
    ...(document === undefined ? {} : { document }),
  };
}

/** Whether Telegram shows a user's message to the bot: in groups privacy mode holds for who is no administrator. */
export function reachesBot(world: World, state: ChatState, message: Message): boolean {
  if (!state.botIsMember) return false;
  if (state.chat.type === "private" || state.botIsAdmin) return true;
  if (message.reply_to_message?.from?.id === world.bot.id) return true;
  const text = message.text ?? message.caption ?? "";
  const me = `@${world.bot.username}`.toLowerCase();
  return (message.entities ?? message.caption_entities ?? []).some(({ type, offset, length }) => {
    const words = text.slice(offset, offset + length).toLowerCase();
    if (type === "mention") return words === me;
    if (type !== "bot_command") return false;
    return words.includes("@") ? words.endsWith(me) : offset === 0;
  });
}

/** Tells the bot of a user's new message, when Telegram would. */
export function deliver(world: World, state: ChatState, message: Posted): void {
  if (reachesBot(world, state, message)) world.updates.offer("message", message);
}

/** Tells the bot of service messages: privacy mode does not hold for them. */
export function deliverAll(world: World, ...messages: readonly Posted[]): void {
  for (const message of messages) world.updates.offer("message", message);
}

/** Tells the bot of a user's changed message, when Telegram would. */
export function deliverEdit(
  world: World,
  state: ChatState,
  message: Posted & { readonly edit_date: number },
): void {
  if (reachesBot(world, state, message)) world.updates.offer("edited_message", message);
}

/** The menu that a member sees in a chat. */
export function commandsSeen(world: World, { chat, members }: ChatState, user: User) {
  const status = members.get(user.id)?.status;
  return world.menu.commandsFor({
    userId: user.id,
    language: user.language_code ?? "",
    chatId: chat.id,
    isPrivate: chat.type === "private",
    isAdmin: status === "creator" || status === "administrator",
  });
}
