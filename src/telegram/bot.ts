/**
 * The bot: wires grammY, the handlers and the ways out to people. The one file under telegram/ that knows all the others.
 * Knows neither ComfyUI nor the store.
 */
import { autoRetry } from "@grammyjs/auto-retry";
import { sequentialize } from "@grammyjs/runner";
import { getLogger } from "@logtape/logtape";
import { Api, Bot, BotError, type Transformer } from "grammy";
import type { BotCommand, Message, Update } from "grammy/types";
import { messageOf } from "../errors.ts";
import type { Inbox } from "../inbox.ts";
import { type Language } from "../job.ts";
import { languageFor, languages, type Text, textIn } from "../text.ts";
import type { Messenger } from "../messenger.ts";
import { createAlbums, type Joined } from "./albums.ts";
import { type Board, createBoard } from "./board.ts";
import { type CommandDeps, commandNames, commands, pressCancel } from "./commands.ts";
import { answer, type BotContext, type ChatDeps, seatOf } from "./context.ts";
import { contentOf } from "./download.ts";
import { deliver } from "./delivery.ts";
import { createIntake } from "./intake.ts";
import { createPacer } from "./pacer.ts";
import { createPersistence } from "./persistence.ts";
import { createSettingsMenu } from "./settings_menu.ts";
import { runUpdates } from "./source.ts";

const log = getLogger(["bot", "telegram"]);

export interface TelegramDeps extends ChatDeps {
  readonly inbox: Inbox<Update>;
}

/** The people's side of the program. */
export interface TelegramBot {
  readonly messenger: Messenger;
  /**
   * Takes in updates until `signal` aborts, and resolves when those that were begun are dealt with. Rejects where going on makes no sense: the token is wrong, or another process
   * asks for the same bot's updates.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when nothing is on its way to a status message. */
  flush(): Promise<void>;
}

/** Longest time that Telegram may take for one call; a long poll takes 30 s of it. */
const callTimeoutSeconds = 60;

/** Makes the bot; nothing goes out before `run` or a call of the messenger. `signal` ends waits for Telegram. */
export function createTelegramBot(deps: TelegramDeps, signal: AbortSignal): TelegramBot {
  const { telegram } = deps.config();
  const bot = new Bot<BotContext>(telegram.token.reveal(), {
    client: { apiRoot: telegram.apiRoot, timeoutSeconds: callTimeoutSeconds },
  });
  const pacer = createPacer({ now: deps.now });
  // The last one is the outermost: each try waits for room of its own.
  bot.api.config.use(
    pacer.transformer,
    exceptGetUpdates(createPersistence({ signal })),
    exceptGetUpdates(autoRetry({ rethrowHttpErrors: true, rethrowInternalServerErrors: true })),
    ignoreNotModified,
  );
  const { api } = bot;
  const board = createBoard({ ...deps, api, pacer });
  const intake = createIntake({ ...deps, board });
  const settingsMenu = createSettingsMenu(deps);
  listen(bot, { ...deps, board, intake, settingsMenu });

  return {
    messenger: messengerOf(board, api),
    async run(stop) {
      board.run(stop);
      publishCommands(api).catch((error) =>
        log.warn("Cannot publish the commands: {error}", { error: messageOf(error) })
      );
      await runUpdates({ api, inbox: deps.inbox, handle: (update) => handle(bot, update) }, stop);
    },
    flush: () => board.flush(),
  };
}

async function handle(bot: Bot<BotContext>, update: Update): Promise<void> {
  await bot.init();
  try {
    await bot.handleUpdate(update);
  } catch (error) {
    if (!(error instanceof BotError)) throw error;
    await bot.errorHandler(error);
  }
}

function messengerOf(board: Board, api: Api): Messenger {
  return {
    notify: (job, event) => board.notify(job, event),
    deliver: (job, result) => deliver(api, job, result),
    clear: (job) => board.clear(job),
    ended: (job) => board.ended(job),
  };
}

/** Has the bot answer messages and presses. */
function listen(bot: Bot<BotContext>, deps: CommandDeps): void {
  const { intake, settingsMenu } = deps;
  const albums = createAlbums();

  bot.use(async (ctx, next) => {
    if (!ctx.from) return;
    ctx.person = await deps.settings.person(ctx.from.id);
    ctx.language = ctx.person.language ?? languageFor(ctx.from.language_code);
    ctx.text = textIn(ctx.language);
    await next();
  });

  bot.callbackQuery(/^xa?:/, async (ctx) => {
    const seat = seatOf(ctx);
    if (seat) await pressCancel(ctx, seat, ctx.callbackQuery.data, deps);
  });
  bot.callbackQuery(/^s:/, async (ctx) => {
    const seat = seatOf(ctx);
    if (seat) await settingsMenu.press(ctx, seat, ctx.callbackQuery.data);
  });
  bot.on("callback_query", (ctx) => ctx.answerCallbackQuery({ text: ctx.text.stale }));

  const messages = bot.on("message");
  const joined = new WeakMap<BotContext, Joined>();
  messages.use(async (ctx, next) => {
    if (ctx.message.media_group_id === undefined) return await next();
    const album = albums.join(ctx.message);
    joined.set(ctx, album);
    // The others stay in the inbox until the first one has made something of them all.
    await (album.isFirst ? next() : album.complete);
  });
  // One person's messages in one chat are handled one after the other; presses and other people do not wait for them.
  messages.use(sequentialize((ctx) => `${ctx.chat?.id}:${ctx.from?.id}`));
  for (const name of commandNames) {
    messages.command(name, async (ctx) => {
      const seat = seatOf(ctx);
      if (seat) await commands[name](ctx, seat, deps);
    });
  }
  messages.use(async (ctx) => {
    const seat = seatOf(ctx);
    const { message } = ctx;
    const members = await joined.get(ctx)?.complete ?? [message];
    if (!seat || !isAddressed(ctx, members)) return;
    if (members.some((member) => contentOf(member).type !== "words")) {
      await intake.pictures(ctx, seat, members);
    } else if (message.text?.startsWith("/")) {
      await answer(ctx, ctx.text.unknownCommand);
    } else if (message.text !== undefined) {
      if (await settingsMenu.takeValue(ctx, seat, message)) return;
      await intake.words(ctx, seat, message);
    }
  });

  bot.catch(async ({ ctx, error }) => {
    log.error("Cannot handle update {updateId}: {error}", {
      updateId: ctx.update.update_id,
      error: messageOf(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    if (ctx.callbackQuery) await ctx.answerCallbackQuery({ text: ctx.text.somethingWrong });
    else if (ctx.chat?.type === "private") await answer(ctx, ctx.text.somethingWrong);
  });
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

/** Telegram's own menu of commands, in each language; English for all the rest. */
async function publishCommands(api: Api): Promise<void> {
  await api.setMyCommands(commandList(textIn("en")));
  for (const language of languages.filter((language: Language) => language !== "en")) {
    await api.setMyCommands(commandList(textIn(language)), { language_code: language });
  }
}

function commandList(text: Text): BotCommand[] {
  return commandNames.map((command) => ({ command, description: text.commands[command] }));
}

/** The long poll is repeated by its own loop. */
function exceptGetUpdates(transformer: Transformer): Transformer {
  return (prev, method, payload, signal) =>
    method === "getUpdates"
      ? prev(method, payload, signal)
      : transformer(prev, method, payload, signal);
}

/** What is to be shown is shown already: no error (Bot API: 400 "message is not modified"). */
const ignoreNotModified: Transformer = async (prev, method, payload, signal) => {
  const answer = await prev(method, payload, signal);
  if (answer.ok || !/message is not modified/.test(answer.description)) return answer;
  return { ok: true, result: true as never };
};
