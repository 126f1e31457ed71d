/**
 * Starts and stops an emulated Telegram, and puts its parts together behind the contract. It decides nothing itself.
 */

import type { Message, Update, User } from "grammy/types";
import type { ChatState } from "./chat/chats.ts";
import { migrate } from "./chat/migration.ts";
import { createPerson } from "./chat/people.ts";
import type { ChatRef, GroupOptions, Person, Telegram, TelegramOptions } from "./contract.ts";
import type { ApiCall } from "./event_types.ts";
import { createFaults } from "./faults.ts";
import { createHandler, Cut } from "./server/http.ts";
import { commandsSeen, createWorld, type World } from "./world.ts";

const KNOWS_ALL = { drafts: true, ephemeral: true, textToMedia: true };

function idOf(chat: ChatRef): number {
  return typeof chat === "number" ? chat : chat.id;
}

/** A message in a line, for the error of a wait that was in vain. */
function lineOf(world: World, message: Message): string {
  const who = message.from?.id === world.bot.id ? "bot" : message.from?.first_name ?? "?";
  const words = message.text ?? message.caption ?? "";
  const media = message.photo !== undefined ? "[photo] " : message.document ? "[document] " : "";
  const buttons = (message.reply_markup?.inline_keyboard ?? []).flat().map(({ text }) =>
    `[${text}]`
  );
  return `  ${message.message_id} ${who}: ${media}${words} ${buttons.join("")}`.trimEnd();
}

/** The last messages of every chat and what else may tell why nothing came. */
function describe(world: World, calls: readonly ApiCall[]): string {
  const chats = world.chats.all().filter(({ messages, ephemeral }) =>
    messages.size + ephemeral.size > 0
  )
    .map(({ chat, messages, ephemeral }) => {
      const last = [...messages.values()].slice(-6);
      const lines = [...last, ...[...ephemeral.values()].slice(-3)].map((m) => lineOf(world, m));
      return [`chat ${chat.id}:`, ...lines].join("\n");
    });
  const failed = calls.filter(({ ok }) => ok === false).slice(-3)
    .map(({ method, description }) => `refused: ${method}: ${description}`);
  const waiting = `${world.updates.unconfirmed.length} updates unconfirmed`;
  return [...chats, ...failed, waiting].join("\n");
}

/** A raw update's chat, sender and message become known, so that the bot can answer into it. It may lack anything. */
function learn(world: World, update: Update): void {
  const message = update.message ?? update.edited_message;
  const from = message?.from ?? update.callback_query?.from;
  if (from?.id !== undefined && !from.is_bot) world.chats.private(from);
  if (message?.message_id === undefined) return;
  const state = world.chats.get(message.chat?.id);
  if (state === undefined) return;
  state.started = true;
  world.chats.save(state, message);
}

/** Makes users members of a group. */
function join(
  { members }: ChatState,
  { members: people, admins }: Required<Pick<GroupOptions, "members" | "admins">>,
): void {
  for (const { user } of people) members.set(user.id, { user, status: "member" });
  for (const { user } of admins) members.set(user.id, { user, status: "administrator" });
}

/** Starts an emulated Telegram on 127.0.0.1. */
export function startTelegram(options: TelegramOptions = {}): Promise<Telegram> {
  const { now = Date.now, random = Math.random, photoSide = 2560 } = options;
  const { token = `1000:${crypto.randomUUID()}` } = options;
  const bot: User & { username: string } = {
    id: Number(token.split(":")[0]),
    is_bot: true,
    first_name: options.bot?.first_name ?? "Test bot",
    username: options.bot?.username ?? "test_bot",
  };
  const world = createWorld({
    bot,
    limits: options.limits ?? true,
    knows: { ...KNOWS_ALL, ...options.knows },
    now,
    random,
    photoSide,
    keepFileBytes: options.keepFileBytes ?? Infinity,
    keepMessages: options.keepMessages ?? Infinity,
    queryTtlMs: options.queryTtlMs ?? 15_000,
  });
  const faults = createFaults({ random });
  const stopping = new AbortController();
  const people = new Map<number, Person>();
  const calls: ApiCall[] = [];
  const keepCalls = options.keepCalls ?? 10_000;
  let latencyMs = options.latencyMs ?? 0;

  const handler = createHandler(world, {
    token,
    faults,
    latencyMs: () => latencyMs,
    stopping: stopping.signal,
    onCall(call) {
      calls.push(call);
      if (calls.length > keepCalls) calls.splice(0, calls.length - keepCalls);
      world.events.emit({ type: "call", call });
    },
  });
  const server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: options.port ?? 0,
      signal: stopping.signal,
      onListen() {},
      onError(error) {
        if (!(error instanceof Cut)) console.error(error);
        return new Response("Internal Server Error", { status: 500 });
      },
    },
    handler,
  );

  function stateOf(chat: ChatRef): ChatState {
    const state = world.chats.get(idOf(chat));
    if (state === undefined) throw new Error(`Cannot look into chat ${idOf(chat)}: there is none`);
    return state;
  }

  async function stop(): Promise<void> {
    if (stopping.signal.aborted) return;
    stopping.abort(new Error("the server stops"));
    faults.clear();
    world.presses.stop();
    world.events.stop();
    await server.finished;
  }

  const telegram: Telegram = {
    url: `http://127.0.0.1:${server.addr.port}`,
    token,
    bot,
    faults,
    calls,
    get latencyMs() {
      return latencyMs;
    },
    set latencyMs(ms) {
      latencyMs = ms;
    },
    get limits() {
      return world.limits;
    },
    set limits(hold) {
      world.limits = hold;
    },
    get knows() {
      return world.knows;
    },
    set knows(knows) {
      world.knows = knows;
    },
    person({ started = false, ...user }) {
      const person = people.get(user.id) ??
        createPerson(world, { is_bot: false, ...user }, { photoSide });
      if (started) stateOf(user.id).started = true;
      people.set(user.id, person);
      return person;
    },
    group({ id, title, members = [], admins = [], forum = false, botIsAdmin = false }) {
      const state = world.chats.group({ id, title, forum, botIsAdmin });
      join(state, { members, admins });
      return state.chat;
    },
    basicGroup({ id, title, members = [], admins = [], botIsAdmin = false }) {
      const state = world.chats.basicGroup({ id, title, botIsAdmin });
      join(state, { members, admins });
      return state.chat;
    },
    migrate: (group, to, options) => migrate(world, stateOf(group), to, options),
    endTopic(group, threadId, how) {
      const state = stateOf(group);
      if (how === "closed") state.closedTopics.add(threadId);
      else state.topics.delete(threadId);
    },
    forbid(group, ...forbidden) {
      const state = stateOf(group);
      state.forbidden.clear();
      for (const right of forbidden) state.forbidden.add(right);
    },
    kick(group, isOut = true) {
      Object.assign(stateOf(group), { botIsMember: !isOut, botIsKicked: isOut });
    },
    push(content) {
      const update = world.updates.put(content);
      learn(world, update);
      return update;
    },
    messages: (chat) => [...stateOf(chat).messages.values()],
    message: (chat, messageId) => stateOf(chat).messages.get(messageId),
    ephemeral: (chat, member) =>
      [...stateOf(chat).ephemeral.values()].filter(({ receiver_user, from }) =>
        receiver_user?.id === idOf(member) || from?.id === idOf(member)
      ),
    draft: (chat) => world.drafts.get(idOf(chat)),
    reactions: ({ chat, message_id }) => stateOf(chat).reactions.get(message_id) ?? [],
    async file(fileId) {
      const bytes = await world.files.bytes(fileId);
      if (bytes === undefined) throw new Error("Cannot download: no such file, or no longer kept");
      return bytes;
    },
    commands: ({ id, user }, chat = id) => commandsSeen(world, stateOf(chat), user),
    events: world.events,
    onEvent: (listener) => world.events.on(listener),
    until: (look, wait = {}) => world.events.until(look, wait, () => describe(world, calls)),
    get unconfirmed() {
      return world.updates.unconfirmed;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
  return Promise.resolve(telegram);
}
