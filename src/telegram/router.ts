/**
 * Which handler an update goes to. Owns the order: who may use the bot at all, then presses, then albums, then commands,
 * then pictures and words; and what counts as addressed in a group.
 */
import { getLogger } from "@logtape/logtape";
import type { Bot } from "grammy";
import type { Message, MessageGenerationStopped, Update } from "grammy/types";
import { languageFor, type Text, textIn } from "../i18n/mod.ts";
import { type ChatUser, type Inbox, type JobQueue } from "../jobs/mod.ts";
import {
  createSerializer,
  isDiskError,
  messageOf,
  RecordTooLargeError,
  StorageAwayError,
} from "../lib/mod.ts";
import { type UserSettings } from "../users/mod.ts";
import {
  type Addresses,
  answer,
  answerCallback,
  type BotContext,
  chatUserOf,
  contentOf,
  createFloodGuard,
  ephemeralEdits,
  type PressAnswer,
  type Reactions,
  type Senders,
} from "./api/mod.ts";
import { type WorkflowImports } from "./admin/mod.ts";
import { type Button, readButton } from "./buttons/mod.ts";
import {
  adminCommandNames,
  adminCommands,
  type CommandDeps,
  commandNames,
  commands,
  pressCancel,
} from "./commands.ts";
import {
  type Albums,
  createAlbums,
  type Joined,
  pressExample,
  pressPreset,
  pressStartNow,
  showGathering,
} from "./intake/mod.ts";
import { createLine, lineOf, type Place, standsInLine } from "./line.ts";
import { pressPick, pressResult } from "./result_actions.ts";
import { pressForget, pressLanguage } from "./settings/mod.ts";
import { type StatusUpdater } from "./status/mod.ts";

const log = getLogger(["bot", "telegram"]);

export interface RouteDeps extends CommandDeps {
  readonly imports: WorkflowImports;
  readonly senders: Senders;
  readonly reactions: Reactions;
  readonly addresses: Pick<Addresses, "move" | "settled">;
  readonly inbox: Pick<Inbox<Update>, "noticeOf" | "setNotice">;
}

/** Has the bot answer messages and presses. */
export function route(bot: Bot<BotContext>, deps: RouteDeps): void {
  const { intake, settingsMenu, adminPanel } = deps;
  const albums = createAlbums();

  const line = createLine();
  const rush = createFloodGuard(lineOf);
  const joined = new WeakMap<BotContext, Joined>();
  const places = new WeakMap<BotContext, Place>();
  const welcomes = new WeakMap<BotContext, Promise<void>>();
  // First of all, while the updates are still in the order in which they came: behind a filter they may be in another.
  bot.use(async (ctx, next) => {
    const { message } = ctx;
    const album = message?.media_group_id === undefined ? undefined : albums.join(message);
    if (album) joined.set(ctx, album);
    // The others stay in the inbox until the first one has made something of them all.
    if (album && !album.isFirst) return void await album.complete;
    if (!(message ? !isMove(message) : isPressInLine(ctx))) return await next();
    const place = line.take(ctx);
    places.set(ctx, place);
    try {
      await next();
    } finally {
      place.leave();
    }
    // Nothing else would have it sent after a kill; the next message need not wait for it.
    await welcomes.get(ctx);
  });

  bot.on("stopped_message_generation", (ctx) => pressStop(ctx.stoppedMessageGeneration, deps));

  // The group's role must be known before access is checked.
  bot.on("message", async (ctx, next) => {
    const { chat, migrate_to_chat_id: to, migrate_from_chat_id: from } = ctx.message;
    if (to !== undefined) await deps.addresses.move(chat.id, to);
    else if (from !== undefined) await deps.addresses.move(from, chat.id);
    else await next();
  });
  bot.on("message").use(rush.enter, async (ctx, next) => {
    await places.get(ctx)?.ready;
    await next();
  }, rush.notice);

  /** Makes the context know its user; false where they are not to be heard. */
  async function admit(ctx: BotContext): Promise<boolean> {
    if (!ctx.from) return false;
    // A group that is just getting its new id is no stranger.
    await deps.addresses.settled();
    const sender = await deps.senders.senderOf(ctx);
    if (sender === undefined || deps.erasure.isErased(sender, ctx.update.update_id)) return false;
    ctx.sender = sender;
    ctx.user = await deps.settings.user(sender);
    const spoken = languageFor(ctx.from.language_code);
    ctx.language = ctx.user.language ?? spoken;
    ctx.text = textIn(ctx.language);
    ctx.acknowledge = (as) => {
      if (ctx.message) deps.reactions.set(ctx.message, as);
    };
    ephemeralEdits(ctx);
    if (!await deps.accessRequests.admit(ctx, isMeant(ctx))) return false;
    if (ctx.user.heard !== spoken) {
      const heard = (user: UserSettings): UserSettings => ({ ...user, heard: spoken });
      ctx.user = await deps.settings.changeUser(sender, heard);
    }
    return true;
  }

  // Presses that do not stand in the line begin in the order in which they were made all the same.
  const admissions = createSerializer();
  const isAdmitted = (ctx: BotContext) => admissions(lineOf(ctx), () => admit(ctx));

  bot.on("callback_query", async (ctx) => {
    const button = readButton(ctx.callbackQuery.data ?? "");
    const act = async (): Promise<PressAnswer | undefined> => {
      if (!await isAdmitted(ctx)) return undefined;
      const chatUser = chatUserOf(ctx);
      if (!chatUser || !button) return { text: ctx.text.stale };
      const act = () => press(ctx, chatUser, button, { ...deps, albums });
      return await (standsInLine(button) ? line.standFor(ctx, act) : act());
    };
    const place = places.get(ctx);
    await place?.ready;
    const said = await act();
    // Nobody waits for an answer on its way.
    place?.leave();
    if (!said) return;
    await answerCallback(ctx, said);
    await said.show?.();
  });

  bot.use(async (ctx, next) => {
    if (await isAdmitted(ctx)) await next();
  });

  const messages = bot.on("message");
  messages.use(async (ctx, next) => {
    const chatUser = chatUserOf(ctx);
    if (chatUser && isMeant(ctx)) welcomes.set(ctx, deps.keptResults.welcome(ctx, chatUser));
    await next();
  });
  for (const name of adminCommandNames) {
    messages.command(name, async (ctx, next) => {
      const chatUser = chatUserOf(ctx);
      if (!chatUser || !await deps.access.isAdmin(chatUser.userId)) await next();
      // They show users' words and names, and the owner's files.
      else if (ctx.chat.type !== "private") await answer(ctx, ctx.text.admin.privateOnly);
      else await adminCommands[name](ctx, chatUser, deps);
    });
  }
  for (const name of commandNames) {
    messages.command(name, async (ctx) => {
      const chatUser = chatUserOf(ctx);
      if (chatUser) await commands[name](ctx, chatUser, deps);
    });
  }
  messages.use(async (ctx) => {
    const chatUser = chatUserOf(ctx);
    const { message } = ctx;
    const album = joined.get(ctx);
    if (chatUser && album && isAddressed(ctx, [message])) {
      await showGathering(ctx, chatUser, album, deps.inbox);
    }
    const members = await album?.complete ?? [message];
    if (!chatUser || !isAddressed(ctx, members)) return;
    if (members.some((member) => contentOf(member).type !== "words")) {
      if (await deps.imports.take(ctx, chatUser, members)) return;
      await intake.pictures(ctx, chatUser, members);
      await deps.imports.offer(ctx, chatUser, members);
    } else if (message.text?.startsWith("/")) {
      await answer(ctx, ctx.text.unknownCommand);
    } else if (message.text !== undefined) {
      if (await settingsMenu.takeValue(ctx, chatUser, message)) return;
      if (await adminPanel.takeText(ctx, chatUser, message)) return;
      await intake.words(ctx, chatUser, message);
    }
  });

  bot.catch(async ({ ctx, error }) => {
    log.error("Cannot handle update {updateId}: {error}", {
      updateId: ctx.update.update_id,
      error: messageOf(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    // It failed before the sender was known.
    if (!ctx.text) return;
    const text = sentenceFor(error, ctx.text);
    if (ctx.callbackQuery) {
      if (!ctx.isAnswered) await answerCallback(ctx, { text });
      // A notice passes, and may come too late: the chat keeps the sentence, and the button stays.
      delete ctx.noticeId;
    }
    if (ctx.callbackQuery || ctx.chat?.type === "private") await answer(ctx, text);
  });
}

/** True for the message that says that a group has another id. */
function isMove({ migrate_to_chat_id, migrate_from_chat_id }: Message): boolean {
  return migrate_to_chat_id !== undefined || migrate_from_chat_id !== undefined;
}

function isPressInLine({ callbackQuery }: BotContext): boolean {
  const button = readButton(callbackQuery?.data ?? "");
  return button !== undefined && standsInLine(button);
}

/** Has the part that the button belongs to do what it asks for. */
async function press(
  ctx: BotContext,
  chatUser: ChatUser,
  button: Button,
  deps: RouteDeps & { readonly albums: Albums },
): Promise<PressAnswer> {
  if ("userId" in button && button.userId !== chatUser.userId) {
    return { text: notYours(button, ctx.text), isAlert: true };
  }
  switch (button.type) {
    case "cancel":
    case "cancel_all":
      return await pressCancel(ctx, chatUser, button, deps);
    case "pick":
      return await pressPick(ctx, chatUser, button, deps);
    case "result":
    case "bigger":
    case "format":
      return await pressResult(ctx, chatUser, button, deps);
    case "kept_result":
      return await deps.keptResults.press(ctx, chatUser, button);
    case "preset":
    case "own_preset":
    case "preset_page":
    case "marks":
    case "draft_mode":
    case "draft_format":
    case "collected":
      return await pressPreset(ctx, chatUser, button, deps);
    case "example":
      return await pressExample(ctx, chatUser, deps);
    case "start_album":
      return pressStartNow(ctx, button, deps.albums);
    case "language":
      return await pressLanguage(ctx, chatUser, button, deps);
    case "forget":
      return await pressForget(ctx, chatUser, button, deps);
    case "access":
    case "admin":
      if (ctx.chat?.type !== "private") return { text: ctx.text.stale };
      if (button.type === "access") {
        return await deps.accessRequests.press(ctx, chatUser, button.action);
      }
      return await deps.adminPanel.press(ctx, chatUser, button.action);
    case "import":
      return await deps.imports.press(ctx, chatUser, button.action);
    case "menu":
      return await deps.settingsMenu.press(ctx, chatUser, button);
    default:
      return button satisfies never;
  }
}

/** What is answered when a button is another user's. */
function notYours({ type }: Button, text: Text): string {
  if (type === "menu") return text.settings.notYours;
  return type === "cancel_all" ? text.cancel.notYours : text.notYours;
}

/** What the user is told of an error that no handler expected. */
function sentenceFor(error: unknown, text: Text): string {
  if (error instanceof StorageAwayError) return text.image.storageAway;
  if (isDiskError(error)) return text.image.noRoom;
  return error instanceof RecordTooLargeError ? text.tooMuchText : text.somethingWrong;
}

/** True for an update that is for the bot: a press, and a message that is addressed to it. */
function isMeant(ctx: BotContext): boolean {
  return !ctx.message || isAddressed(ctx, [ctx.message]) ||
    isCommand(ctx.message.text, ctx.me.username);
}

/** True in private chats; in groups for a mention of the bot and for a reply to it. */
function isAddressed(ctx: BotContext, members: readonly Message[]): boolean {
  return members.some((message) => {
    if (message.chat.type === "private") return true;
    if (message.reply_to_message?.from?.id === ctx.me.id) return true;
    const words = message.text ?? message.caption ?? "";
    const entities = message.entities ?? message.caption_entities ?? [];
    return entities.some(({ type, offset, length }) =>
      type === "mention" &&
      words.slice(offset, offset + length).toLowerCase() === `@${ctx.me.username.toLowerCase()}`
    );
  });
}

/** True for a command that is not another bot's. */
function isCommand(text: string | undefined, username: string): boolean {
  const command = /^\/\w+(?:@(\w+))?/.exec(text ?? "");
  return command !== null &&
    (command[1] === undefined || command[1].toLowerCase() === username.toLowerCase());
}

/**
 * Cancels the job whose draft was stopped. A draft's id is its job's `seq`, and only the chat's own user presses there
 * (the id of a private chat is its user's); an id that is none of their living jobs' is ignored.
 */
async function pressStop(
  { chat, draft_id }: MessageGenerationStopped,
  { queue, statusUpdater }: { readonly queue: JobQueue; readonly statusUpdater: StatusUpdater },
): Promise<void> {
  const job = queue.live(chat.id).find(({ seq, origin }) =>
    seq === draft_id && origin.chatId === chat.id
  );
  if (!job) return;
  const cancelled = await queue.cancel(job.id);
  if (cancelled.type === "cancelled") statusUpdater.ended(cancelled.job);
}
