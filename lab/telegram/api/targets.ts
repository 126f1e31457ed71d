/**
 * Whom a Bot API call is about: the chat, the message, the topic, what is replied to, who may see it. Reads parameters
 * and refuses with Telegram's sentences; changes nothing but the flood limits.
 */

import type { Message, TextQuote, User } from "grammy/types";
import { z } from "zod";
import type { ChatState } from "../chat/chats.ts";
import { badRequest, Refusal, tooManyRequests } from "../refusal.ts";
import type { Params } from "../server/params.ts";
import { type Content, embedded, quotedElsewhere, type World } from "../world.ts";
import { entitiesSchema, formatOptional } from "./text.ts";

/** The chat of a parameter. */
export function chatOf(world: World, params: Params, name = "chat_id"): ChatState {
  const ref = params.text(name);
  if (ref === "") throw badRequest(`${name} is empty`);
  const state = world.chats.get(Number(ref));
  if (state === undefined) throw badRequest("Chat not found");
  if (state.migratedTo !== undefined) {
    const description = "Bad Request: group chat was upgraded to a supergroup chat";
    throw new Refusal(400, description, undefined, state.migratedTo);
  }
  if (state.botIsKicked) {
    throw new Refusal(403, `Forbidden: bot was kicked from the ${state.chat.type} chat`);
  }
  if (!state.botIsMember) {
    throw new Refusal(403, `Forbidden: bot is not a member of the ${state.chat.type} chat`);
  }
  return state;
}

/** The chat of a parameter, if the bot may write there now. */
export function writableChat(world: World, params: Params): ChatState {
  const state = chatOf(world, params);
  if (state.deactivated) throw new Refusal(403, "Forbidden: user is deactivated");
  if (state.blocked) throw new Refusal(403, "Forbidden: bot was blocked by the user");
  if (!state.started) {
    throw new Refusal(403, "Forbidden: bot can't initiate conversation with a user");
  }
  return state;
}

/** Refuses what the group does not let its members send. */
export function mustBeAllowed({ forbidden }: ChatState, content: Content): void {
  if (content.photo !== undefined && forbidden.has("photos")) {
    throw badRequest("not enough rights to send photos to the chat");
  }
  if (content.document !== undefined && forbidden.has("documents")) {
    throw badRequest("not enough rights to send documents to the chat");
  }
  if (forbidden.has("messages")) {
    throw badRequest("not enough rights to send text messages to the chat");
  }
}

/** Spends flood limits for `count` messages; throws 429. */
export function spend(world: World, { chat }: ChatState, count = 1): void {
  const wait = world.limits ? world.flood.spend(chat.id, count) : 0;
  if (wait > 0) throw tooManyRequests(wait);
}

/** The message of `message_id`; `what` is Telegram's word for it, such as "message to edit". */
export function messageOf(
  state: ChatState,
  params: Params,
  what: string,
  name = "message_id",
): Message {
  if (!params.has(name)) throw badRequest("Message identifier is not specified");
  const message = state.messages.get(params.integer(name) ?? 0);
  if (message === undefined) throw badRequest(`${what} not found`);
  return message;
}

/** The topic that a message goes to, as fields of the message. */
export function topicOf(state: ChatState, params: Params): Content {
  const threadId = params.integer("message_thread_id") ?? 0;
  if (threadId === 0) return {};
  if (state.closedTopics.has(threadId)) throw badRequest("TOPIC_CLOSED");
  if (!state.topics.has(threadId)) throw badRequest("message thread not found");
  return { message_thread_id: threadId, is_topic_message: true };
}

const replySchema = z.looseObject({
  message_id: z.coerce.number().optional(),
  chat_id: z.union([z.number(), z.string()]).optional(),
  ephemeral_message_id: z.coerce.number().optional(),
  allow_sending_without_reply: z.coerce.boolean().optional(),
  quote: z.string().optional(),
  quote_parse_mode: z.string().optional(),
  quote_entities: entitiesSchema.optional(),
});

type Reply = z.infer<typeof replySchema>;

function readReply(params: Params): Reply | undefined {
  const reply = params.json("reply_parameters", replySchema, "reply parameters");
  if (reply !== undefined) return reply;
  const message_id = params.integer("reply_to_message_id");
  if (message_id === undefined) return undefined;
  return { message_id, allow_sending_without_reply: params.flag("allow_sending_without_reply") };
}

function quoteOf(reply: Reply, message: Message): TextQuote | undefined {
  if (!reply.quote) return undefined;
  const { quote, quote_parse_mode, quote_entities } = reply;
  const input = { text: quote, parseMode: quote_parse_mode, entities: quote_entities };
  const { text, entities } = formatOptional(input, 1024, "Message quote is too long");
  const position = (message.text ?? message.caption ?? "").indexOf(text);
  if (position === -1) throw badRequest("QUOTE_TEXT_INVALID");
  const kept = entities.length === 0 ? {} : { entities: [...entities] };
  return { text, position, is_manual: true, ...kept };
}

/** What the message replies to, as fields of the message. */
export function replyOf(world: World, state: ChatState, params: Params): Content {
  const reply = readReply(params);
  if (reply === undefined || reply.ephemeral_message_id !== undefined) return {};
  const elsewhere = reply.chat_id !== undefined && Number(reply.chat_id) !== state.chat.id;
  const where = elsewhere ? world.chats.get(Number(reply.chat_id)) : state;
  const message = where?.messages.get(reply.message_id ?? 0);
  if (message === undefined) {
    if (reply.allow_sending_without_reply && !elsewhere) return {};
    throw badRequest("message to be replied not found");
  }
  const quote = quoteOf(reply, message);
  const quoted = quote === undefined ? {} : { quote };
  if (!elsewhere) return { reply_to_message: embedded(message), ...quoted };
  return { external_reply: quotedElsewhere(world, message), ...quoted };
}

const ephemeralSchema = z.looseObject({
  receiver_user_id: z.number(),
  callback_query_id: z.string().optional(),
});

/** An ephemeral message may only be replied to for so long. */
const EPHEMERAL_REPLY_MS = 15_000;

/**
 * The member whom the message is for alone; undefined for a message to all, as on a server that does not know
 * `ephemeral_message_parameters`. Needs a fresh press, a reply to a fresh ephemeral command, or an administrator.
 * The documentation names these conditions but not the error for them: its sentence here is ours.
 */
export function receiverOf(world: World, state: ChatState, params: Params): User | undefined {
  if (!world.knows.ephemeral) return undefined;
  const name = "ephemeral_message_parameters";
  const given = params.json(name, ephemeralSchema, "ephemeral message parameters");
  if (given === undefined) return undefined;
  if (state.chat.type !== "supergroup") {
    throw badRequest("Ephemeral messages can be sent only to groups and supergroups");
  }
  const receiver = state.members.get(given.receiver_user_id)?.user;
  if (receiver === undefined) throw badRequest("USER_NOT_PARTICIPANT");
  const { callback_query_id } = given;
  const repliedTo = readReply(params)?.ephemeral_message_id;
  const command = repliedTo === undefined ? undefined : state.ephemeral.get(repliedTo);
  const followsPress = callback_query_id !== undefined &&
    world.presses.mayFollow(callback_query_id, state.chat.id, receiver.id);
  const followsCommand = command?.from?.id === receiver.id &&
    world.now() - command.date * 1000 <= EPHEMERAL_REPLY_MS + 1000;
  if (!followsPress && !followsCommand && !state.botIsAdmin) {
    throw badRequest("Not enough rights to send an ephemeral message");
  }
  return receiver;
}

/** The ephemeral message of `ephemeral_message_id` and `receiver_user_id`. */
export function ephemeralOf(state: ChatState, params: Params, what: string): Message {
  const message = state.ephemeral.get(params.integer("ephemeral_message_id") ?? 0);
  if (
    message === undefined || message.receiver_user?.id !== params.integer("receiver_user_id")
  ) throw badRequest(`${what} not found`);
  return message;
}
