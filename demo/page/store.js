/**
 * What the page knows: the state that the server streams (demo/server/feed_events.ts has its types), who the visitor is and where they look.
 * Draws nothing; tells its listeners what kind of thing has changed.
 */
import { languages, speak } from "./words.js";

/** How long a chat action is shown, in milliseconds: as Telegram does. */
const ACTION_MS = 5_000;
const MAX_CALLS = 150;

export class Store {
  connected = false;
  bot = undefined;
  people = [];
  group = undefined;
  /** By chat id: entries by key, in order of arrival. */
  #entries = new Map();
  /** By `person:chat`. */
  #unread = new Map();
  #drafts = new Map();
  #actions = new Map();
  #commands = [];
  /** By id, oldest first. */
  calls = new Map();
  backend = undefined;
  trouble = {};
  me = 0;
  chatId = 0;
  words = speak(languages[0]);
  #listeners = new Set();

  constructor(language) {
    this.words = speak(language);
  }

  /** `listener(change, detail)`: "all", "messages", "chats", "draft", "behind", "asked", "language", "place". */
  on(listener) {
    this.#listeners.add(listener);
  }

  #tell(change, detail = {}) {
    for (const listener of this.#listeners) listener(change, detail);
  }

  /** Takes an event of the stream. */
  apply(event) {
    switch (event.type) {
      case "state":
        return this.#reset(event.state);
      case "message":
        return this.#put(event.entry, event.change);
      case "gone":
        this.#entries.get(event.chatId)?.delete(event.key);
        return this.#tell("messages", { chatId: event.chatId });
      case "draft":
        if (event.draft) this.#drafts.set(event.chatId, event.draft);
        else this.#drafts.delete(event.chatId);
        return this.#tell("draft", { chatId: event.chatId });
      case "action":
        clearTimeout(this.#actions.get(event.chatId)?.timer);
        this.#actions.set(event.chatId, {
          action: event.action,
          timer: setTimeout(() => this.#endAction(event.chatId), ACTION_MS),
        });
        return this.#tell("chats");
      case "commands":
        this.#commands = event.commands;
        return this.#tell("chats");
      case "call":
        this.calls.set(event.call.id, event.call);
        for (const id of this.calls.keys()) {
          if (this.calls.size <= MAX_CALLS) break;
          this.calls.delete(id);
        }
        return this.#tell("behind");
      case "backend":
        this.backend = event.backend;
        return this.#tell("behind");
      case "trouble":
        this.trouble = event.trouble;
        return this.#tell("behind");
    }
  }

  #reset(state) {
    this.connected = true;
    this.bot = state.bot;
    this.people = state.people;
    this.group = state.group;
    this.#entries = new Map();
    for (const entry of state.entries) this.#list(entry.chatId).set(entry.key, entry);
    this.#drafts = new Map(state.drafts.map((draft) => [draft.chatId, draft]));
    this.#commands = state.commands;
    this.calls = new Map(state.calls.map((call) => [call.id, call]));
    this.backend = state.backend;
    this.trouble = state.trouble;
    if (!this.people.some((person) => person.id === this.me)) this.me = this.people[0].id;
    if (this.chatId !== this.group.id) this.chatId = this.me;
    this.#tell("all");
  }

  #put(entry, change) {
    const { chatId, message, receiverId, asking } = entry;
    this.#list(chatId).set(entry.key, entry);
    if (change === "sent") {
      this.#endAction(chatId);
      for (const { id } of this.people) {
        const sees = (chatId === id || chatId === this.group.id) &&
          (receiverId === undefined || receiverId === id);
        const looks = id === this.me && chatId === this.chatId;
        if (sees && !looks && message.from?.id !== id) this.#count(id, chatId, 1);
      }
    }
    this.#tell("messages", { chatId, sent: change === "sent" ? entry : undefined });
    if (change === "sent" && asking && this.#isForMe(entry)) this.#tell("asked", { entry });
  }

  /** A private chat asks its user; a selective asking in a group, whom it replies to. */
  #isForMe({ chatId, message, asking }) {
    if (chatId !== this.chatId) return false;
    return chatId === this.me || !asking.selective ||
      message.reply_to_message?.from?.id === this.me;
  }

  #endAction(chatId) {
    clearTimeout(this.#actions.get(chatId)?.timer);
    if (this.#actions.delete(chatId)) this.#tell("chats");
  }

  #list(chatId) {
    const list = this.#entries.get(chatId) ?? new Map();
    this.#entries.set(chatId, list);
    return list;
  }

  #count(person, chat, more) {
    const key = `${person}:${chat}`;
    this.#unread.set(key, more === 0 ? 0 : (this.#unread.get(key) ?? 0) + more);
  }

  /** The stream broke off; it comes back by itself. */
  disconnected() {
    this.connected = false;
    this.#tell("chats");
  }

  setLanguage(language) {
    this.words = speak(language);
    this.#tell("language");
  }

  /** Becomes another user: their private chat, or the group where the group is looked at. */
  become(person) {
    const isGroup = this.chatId === this.group.id;
    this.me = person;
    this.look(isGroup ? this.group.id : person);
  }

  /** Looks at a chat. */
  look(chatId) {
    this.chatId = chatId;
    this.#count(this.me, chatId, 0);
    this.#tell("place");
  }

  /** The chats of the visitor: their private chat with the bot, and the group. */
  get chats() {
    return [this.me, this.group.id].map((id) => this.chat(id));
  }

  chat(id) {
    const isGroup = id === this.group.id;
    const names = [...this.people, this.bot].map((member) => member.first_name).join(", ");
    const action = this.#actions.get(id)?.action;
    const quiet = isGroup ? this.words.members(names) : this.words.bot;
    return {
      id,
      kind: isGroup ? "group" : "bot",
      name: isGroup ? this.group.title : this.bot.first_name,
      subtitle: !this.connected
        ? this.words.connecting
        : action === undefined
        ? quiet
        : this.words[action] ?? this.words.typing,
      isBusy: this.connected && action !== undefined,
      last: this.entries(id).at(-1),
      unread: this.unread(this.me, id),
    };
  }

  unread(person, chat) {
    return this.#unread.get(`${person}:${chat}`) ?? 0;
  }

  /** What the visitor sees of a chat, oldest first. */
  entries(chatId) {
    return [...this.#list(chatId).values()].filter(({ receiverId }) =>
      receiverId === undefined || receiverId === this.me
    );
  }

  entry(key) {
    return this.#list(this.chatId).get(key);
  }

  draft(chatId) {
    return this.#drafts.get(chatId);
  }

  /** The bot's menu for the visitor in the chat that they look at. */
  get commands() {
    return this.#commands.find(({ personId, chatId }) =>
      personId === this.me && chatId === this.chatId
    )?.commands ?? [];
  }
}

/** The words of a message: its text or its caption, with the entities. */
export function wordsOf(message) {
  return message.text === undefined
    ? { text: message.caption ?? "", entities: message.caption_entities ?? [] }
    : { text: message.text, entities: message.entities ?? [] };
}

/** A message in one line. */
export function summary(message, words) {
  const { text } = wordsOf(message);
  const line = text.replace(/\s+/g, " ").trim();
  if (line !== "") return line;
  if (message.photo) return words.photo;
  if (message.document) return message.document.file_name ?? words.file;
  const joined = message.new_chat_members;
  if (joined) return words.joined(joined.map((member) => member.first_name).join(", "));
  return words.unsupported;
}
