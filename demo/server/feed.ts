/**
 * What the page is told: one picture of everything at first, then every change. Translates the emulator's events into the wire's
 * words (feed_events.ts); knows neither HTTP nor how the page draws.
 */
import type { Message } from "grammy/types";
import { z } from "zod";
import type { ApiCall, TelegramEvent } from "../../lab/telegram/mod.ts";
import { watchBackend } from "./backend_view.ts";
import type { Trouble } from "./faults.ts";
import type { Asking, CallView, CommandsView, Entry, FeedEvent, FeedState } from "./feed_events.ts";
import type { PageWorld } from "./world.ts";

export interface Feed extends Disposable {
  /** Everything as it is now. */
  readonly state: FeedState;
  /** Calls back for every change; returns how to stop that. */
  on(listener: (event: FeedEvent) => void): () => void;
  /** The trouble or ComfyUI changed without a frame. */
  refresh(): void;
}

const SHOWN_CALLS = 150;
/** ComfyUI's frames are passed on at most this often, in milliseconds. */
const BACKEND_MS = 100;

const ForceReply = z.object({
  force_reply: z.literal(true),
  selective: z.boolean().default(false),
  input_field_placeholder: z.string().default(""),
});

/** Follows the world until it is disposed. */
export function createFeed(world: PageWorld, trouble: Trouble): Feed {
  const { telegram, visitors, group } = world;
  const listeners = new Set<(event: FeedEvent) => void>();
  const ids = new WeakMap<ApiCall, number>();
  let lastId = 0;
  /** By key: the messages that ask for an answer. Telegram does not repeat `force_reply` in the message. */
  const askings = new Map<string, Asking>();
  const asked = new Map<number, Asking>();

  const tell = (event: FeedEvent) => {
    for (const listener of listeners) listener(event);
  };
  const refresh = () => {
    tell({ type: "trouble", trouble: trouble.state });
    tell({ type: "backend", backend: backend.view });
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const backend = watchBackend(world.comfyui, () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      refresh();
    }, BACKEND_MS);
  });

  function entryOf(message: Message, receiverId?: number): Entry {
    const key = keyOf(message, receiverId);
    const asking = askings.get(key);
    return {
      key,
      chatId: message.chat.id,
      message,
      reaction: receiverId === undefined ? telegram.reactions(message) : [],
      ...(receiverId === undefined ? {} : { receiverId }),
      ...(asking === undefined ? {} : { asking }),
    };
  }

  /** A call that a fault kept from being served has no answer of its own: it bears the fault's name. */
  function callOf(call: ApiCall): CallView {
    const isSpoilt = call.ok === undefined && call.endedAt !== undefined;
    const id = ids.get(call) ?? ++lastId;
    ids.set(call, id);
    return {
      id,
      method: call.method,
      chatId: chatIdOf(call) ?? null,
      at: call.at,
      ms: call.endedAt === undefined ? null : call.endedAt - call.at,
      ok: isSpoilt ? false : call.ok ?? null,
      code: call.error_code ?? (Number.parseInt(call.fault ?? "") || null),
      description: call.description ?? (isSpoilt ? call.fault ?? "" : ""),
    };
  }

  const commands = (): CommandsView[] =>
    visitors.flatMap(({ person }) =>
      [person.id, group.id].map((chatId) => ({
        personId: person.id,
        chatId,
        commands: telegram.commands(person, { id: chatId }),
      }))
    );

  /** Remembers an asking while its call is served, and hands it to the message that comes of it. */
  function noteAsking(event: TelegramEvent): void {
    if (event.type === "call") {
      const chatId = chatIdOf(event.call);
      const asking = askingOf(event.call);
      if (chatId === undefined || asking === undefined) return;
      if (event.call.endedAt === undefined) asked.set(chatId, asking);
      else asked.delete(chatId);
    } else if (event.type === "sent" && event.by === "bot") {
      const asking = asked.get(event.chatId);
      if (asking !== undefined) askings.set(keyOf(event.message), asking);
    }
  }

  function translate(event: TelegramEvent): FeedEvent | undefined {
    switch (event.type) {
      case "sent":
      case "edited":
        return { type: "message", entry: entryOf(event.message), change: event.type };
      case "deleted":
        return { type: "gone", chatId: event.chatId, key: `${event.chatId}:${event.messageId}` };
      case "ephemeral": {
        const entry = entryOf(event.message, event.receiverId);
        return event.change === "deleted"
          ? { type: "gone", chatId: event.chatId, key: entry.key }
          : { type: "message", entry, change: event.change };
      }
      case "reaction": {
        const message = telegram.message({ id: event.chatId }, event.messageId);
        return message && { type: "message", entry: entryOf(message), change: "edited" };
      }
      case "draft":
        return { type: "draft", chatId: event.chatId, draft: event.draft ?? null };
      case "action":
        return { type: "action", chatId: event.chatId, action: event.action };
      case "commands":
        return { type: "commands", commands: commands() };
      case "call":
        return isShown(event.call) ? { type: "call", call: callOf(event.call) } : undefined;
      case "pressed":
      case "answered":
      case "update":
      case "confirmed":
        return undefined;
      default:
        return event satisfies never;
    }
  }

  const off = telegram.onEvent((event) => {
    noteAsking(event);
    const told = translate(event);
    if (told !== undefined) tell(told);
  });

  return {
    get state() {
      const chats = [...visitors.map(({ person }) => person.privateChat.id), group.id];
      const entries = chats.flatMap((chat) => [
        ...telegram.messages(chat).map((message) => entryOf(message)),
        ...visitors.flatMap(({ person }) =>
          telegram.ephemeral(chat, person).map((message) => entryOf(message, person.id))
        ),
      ]);
      return {
        bot: telegram.bot,
        people: visitors.map(({ person: { user }, isAdmin }) => ({
          id: user.id,
          first_name: user.first_name,
          isAdmin,
        })),
        group,
        entries: entries.toSorted((one, other) => one.message.date - other.message.date),
        drafts: chats.flatMap((chat) => telegram.draft(chat) ?? []),
        commands: commands(),
        calls: telegram.calls.filter(isShown).slice(-SHOWN_CALLS).map(callOf),
        backend: backend.view,
        trouble: trouble.state,
      };
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refresh,
    [Symbol.dispose]() {
      clearTimeout(timer);
      off();
      backend[Symbol.dispose]();
      listeners.clear();
    },
  };
}

function keyOf(message: Message, receiverId?: number): string {
  return receiverId === undefined
    ? `${message.chat.id}:${message.message_id}`
    : `${message.chat.id}:${receiverId}:e${message.ephemeral_message_id ?? 0}`;
}

/** Polling is no news. */
function isShown(call: ApiCall): boolean {
  return call.method.toLowerCase() !== "getupdates";
}

function chatIdOf(call: ApiCall): number | undefined {
  const id = Number(call.params["chat_id"] ?? NaN);
  return Number.isSafeInteger(id) ? id : undefined;
}

/** The `force_reply` of a call; a form carries its markup as JSON text. */
function askingOf(call: ApiCall): Asking | undefined {
  const markup = call.params["reply_markup"];
  let value: unknown = markup;
  if (typeof markup === "string") {
    try {
      value = JSON.parse(markup);
    } catch {
      return undefined;
    }
  }
  const { data } = ForceReply.safeParse(value);
  return data && { selective: data.selective, placeholder: data.input_field_placeholder };
}
