/**
 * Users, chats and the messages in them. It keeps and finds; who may do what is not known here.
 */

import type { Chat, Message, ReactionType, User } from "grammy/types";

/** A right that a group can take from its members. */
export type Forbidden = "messages" | "photos" | "documents";

export type MemberStatus = "creator" | "administrator" | "member";

/** A chat that the bot can know of. Messages are replaced, never changed: a message handed out stays as it was. */
export interface ChatState {
  readonly chat: Chat.PrivateChat | Chat.GroupChat | Chat.SupergroupChat;
  readonly members: Map<number, { readonly user: User; readonly status: MemberStatus }>;
  /** Whether the bot may write first: in a private chat only after the user has. */
  started: boolean;
  blocked: boolean;
  /** The person has deleted their account. */
  deactivated: boolean;
  /** The supergroup that this group has become. */
  migratedTo: number | undefined;
  /** What the bot may not send here. */
  readonly forbidden: Set<Forbidden>;
  /** Topics that are closed; one that is not among `topics` is gone. */
  readonly closedTopics: Set<number>;
  botIsMember: boolean;
  botIsKicked: boolean;
  readonly botIsAdmin: boolean;
  /** Live messages by id, in order. */
  readonly messages: Map<number, Message>;
  /** Live ephemeral messages by their own ids, in order. */
  readonly ephemeral: Map<number, Message>;
  readonly topics: Set<number>;
  /** Messages sent with a keyboard that is not an inline one: they cannot be edited. */
  readonly unchangeable: Set<number>;
  readonly reactions: Map<number, readonly ReactionType[]>;
}

export class Chats {
  readonly #users = new Map<number, User>();
  readonly #chats = new Map<number, ChatState>();
  readonly #lastIds = new Map<number, number>();
  readonly #keepMessages: number;
  #albums = 0;

  constructor({ keepMessages }: { readonly keepMessages: number }) {
    this.#keepMessages = keepMessages;
  }

  all(): readonly ChatState[] {
    return [...this.#chats.values()];
  }

  get(id: number): ChatState | undefined {
    return this.#chats.get(id);
  }

  user(id: number): User | undefined {
    return this.#users.get(id);
  }

  #add(chat: ChatState["chat"], botIsAdmin: boolean): ChatState {
    const state: ChatState = {
      chat,
      members: new Map(),
      started: false,
      blocked: false,
      deactivated: false,
      migratedTo: undefined,
      forbidden: new Set(),
      closedTopics: new Set(),
      botIsMember: true,
      botIsKicked: false,
      botIsAdmin,
      messages: new Map(),
      ephemeral: new Map(),
      topics: new Set(),
      unchangeable: new Set(),
      reactions: new Map(),
    };
    this.#chats.set(chat.id, state);
    return state;
  }

  /** The private chat with a user; made when there is none. */
  private(user: User): ChatState & { readonly chat: Chat.PrivateChat } {
    const known = this.#chats.get(user.id);
    if (known !== undefined && known.chat.type === "private") {
      return Object.assign(known, { chat: known.chat });
    }
    const chat: Chat.PrivateChat = {
      id: user.id,
      type: "private",
      first_name: user.first_name,
      ...(user.last_name === undefined ? {} : { last_name: user.last_name }),
      ...(user.username === undefined ? {} : { username: user.username }),
    };
    this.#users.set(user.id, user);
    const state = this.#add(chat, false);
    state.members.set(user.id, { user, status: "member" });
    return Object.assign(state, { chat });
  }

  /** Makes a supergroup, or gives the one with that id. */
  group(
    { id, title, forum, botIsAdmin }: {
      id: number;
      title: string;
      forum: boolean;
      botIsAdmin: boolean;
    },
  ): ChatState & { readonly chat: Chat.SupergroupChat } {
    const known = this.#chats.get(id);
    if (known !== undefined && known.chat.type === "supergroup") {
      return Object.assign(known, { chat: known.chat });
    }
    const chat: Chat.SupergroupChat = { id, type: "supergroup", title };
    if (forum) chat.is_forum = true;
    const state = this.#add(chat, botIsAdmin);
    state.started = true;
    return Object.assign(state, { chat });
  }

  /** Makes a basic group, or gives the one with that id. */
  basicGroup(
    { id, title, botIsAdmin }: { id: number; title: string; botIsAdmin: boolean },
  ): ChatState & { readonly chat: Chat.GroupChat } {
    const known = this.#chats.get(id);
    if (known !== undefined && known.chat.type === "group") {
      return Object.assign(known, { chat: known.chat });
    }
    const chat: Chat.GroupChat = { id, type: "group", title };
    const state = this.#add(chat, botIsAdmin);
    state.started = true;
    return Object.assign(state, { chat });
  }

  /**
   * Ids of supergroups grow by chat; all private chats and basic groups of an account share one row, as at Telegram.
   */
  nextMessageId({ chat }: ChatState): number {
    const row = rowOf(chat);
    const id = (this.#lastIds.get(row) ?? 0) + 1;
    this.#lastIds.set(row, id);
    return id;
  }

  /** An id for an album: 17 digits, as Telegram's. */
  newGroupId(): string {
    this.#albums += 1;
    return String(13_000_000_000_000_000 + this.#albums * 7919);
  }

  nextEphemeralId({ ephemeral }: ChatState): number {
    return Math.max(0, ...ephemeral.keys()) + 1;
  }

  /** Keeps a new or changed message. Beyond `keepMessages` the oldest are forgotten. */
  save(state: ChatState, message: Message): void {
    if (message.ephemeral_message_id !== undefined) {
      state.ephemeral.set(message.ephemeral_message_id, message);
      return;
    }
    state.messages.set(message.message_id, message);
    const row = rowOf(state.chat);
    this.#lastIds.set(row, Math.max(this.#lastIds.get(row) ?? 0, message.message_id));
    while (state.messages.size > this.#keepMessages) {
      const oldest = state.messages.keys().next();
      if (oldest.done) break;
      this.forget(state, oldest.value);
    }
  }

  forget(state: ChatState, messageId: number): void {
    state.messages.delete(messageId);
    state.unchangeable.delete(messageId);
    state.reactions.delete(messageId);
  }
}

/** Which row of message ids a chat counts in. */
function rowOf({ type, id }: ChatState["chat"]): number {
  return type === "supergroup" ? id : 0;
}
