/**
 * The bot: wires grammY, the handlers and the ways out to people. The one file under telegram/ that knows all the others.
 * Knows neither ComfyUI nor the store.
 */
import { autoRetry } from "@grammyjs/auto-retry";
import { getLogger } from "@logtape/logtape";
import { Api, Bot, BotError, type Transformer } from "grammy";
import type { Update } from "grammy/types";
import { messageOf } from "../errors.ts";
import type { TelegramCall } from "../health.ts";
import type { Inbox } from "../inbox.ts";
import { languages, textIn } from "../text.ts";
import type { Messenger } from "../messenger.ts";
import type { ReloadOutcome } from "../reload.ts";
import { createAccessFlow } from "./access_flow.ts";
import { createBoard } from "./board.ts";
import { observeCalls } from "./call_observer.ts";
import { adminCommandNames, commandNames } from "./commands.ts";
import type { BotContext, ChatDeps } from "./context.ts";
import { deliver } from "./delivery.ts";
import { createIntake } from "./intake.ts";
import { createPacer } from "./pacer.ts";
import { createPersistence } from "./persistence.ts";
import { createPictureDesk } from "./picture_desk.ts";
import { createReloadFlow } from "./reload_flow.ts";
import { route } from "./router.ts";
import { createSentMessages } from "./sent_messages.ts";
import { createSettingsMenu } from "./settings_menu.ts";
import { runUpdates } from "./source.ts";
import { createStatusDrafts } from "./status_draft.ts";

const log = getLogger(["bot", "telegram"]);

export interface TelegramDeps extends ChatDeps {
  readonly inbox: Inbox<Update>;
  /** Called whenever Telegram is asked for updates, with each try where it does not answer. */
  readonly onPoll?: () => void;
  /** What was wrong with the owner's files at the start: nothing to tell anybody again. */
  readonly knownProblems: readonly string[];
  /** Told how each call of the Bot API ended. */
  readonly called: (call: TelegramCall) => void;
}

/** The people's side of the program. */
export interface TelegramBot {
  readonly messenger: Messenger;
  /**
   * Takes in updates until `signal` aborts, and resolves when those that were begun are dealt with. Rejects where going on makes no sense: the token is wrong, or another process
   * asks for the same bot's updates.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Tells the admins what came of a reload that none of them asked for here. */
  tellReload(outcome: ReloadOutcome): Promise<void>;
  /** Tells the admins what ComfyUI does not have for the templates, a sentence each. */
  tellLacking(problems: readonly string[]): Promise<void>;
  /** Resolves when nothing is on its way to a status message. */
  flush(): Promise<void>;
}

/** Longest time that Telegram may take for one call; a long poll takes 30 s of it. */
const callTimeoutSeconds = 60;

/** Makes the bot; nothing goes out before `run` or a call of the messenger. `signal` ends waits for Telegram. */
export function createTelegramBot(deps: TelegramDeps, signal: AbortSignal): TelegramBot {
  const { telegram } = deps.config();
  const token = telegram.token.reveal();
  const client = { apiRoot: telegram.apiRoot, timeoutSeconds: callTimeoutSeconds };
  const bot = new Bot<BotContext>(token, { client });
  const pacer = createPacer({ now: deps.now });
  const sent = createSentMessages();
  // The last one is the outermost: each try waits for room of its own.
  const observed = [ignoreNotModified, observeCalls(deps.called)];
  bot.api.config.use(
    ...observed,
    sent.transformer,
    pacer.transformer,
    exceptGetUpdates(createPersistence({ signal })),
    exceptGetUpdates(autoRetry({ rethrowHttpErrors: true, rethrowInternalServerErrors: true })),
  );
  const { api } = bot;
  const keepMetadata = () => deps.config().image.keepMetadata;
  // Asking whether a message is there changes nothing in the chat: the flood limits do not count it.
  const asking = new Api(token, client);
  asking.config.use(...observed);
  const delivery = { api, asking, sent, keepMetadata, signal };
  const drafts = createStatusDrafts({ api, now: deps.now });
  api.config.use(drafts.transformer);
  const board = createBoard({ ...deps, api, pacer, drafts }, signal);
  const desk = createPictureDesk(deps);
  const intake = createIntake({ ...deps, board, desk });
  const settingsMenu = createSettingsMenu({ ...deps, intake, desk });
  const accessFlow = createAccessFlow({ access: deps.access, api, now: deps.now });
  const reloadFlow = createReloadFlow({ ...deps, api });
  route(bot, { ...deps, board, desk, intake, settingsMenu, accessFlow, reloadFlow });

  return {
    messenger: {
      notify: (job, event) => board.notify(job, event),
      mark: (job) => sent.mark(job.origin.chatId),
      deliver: (job, result, { mayBeThere }) => deliver(delivery, job, result, mayBeThere),
      clear: (job) => board.clear(job),
      ended: (job) => board.ended(job),
    },
    async run(stop) {
      board.run(stop);
      deps.access.admins().then((admins) => publishCommands(api, admins)).catch((error) =>
        log.warn("Cannot publish the commands: {error}", { error: messageOf(error) })
      );
      await runUpdates({
        api,
        inbox: deps.inbox,
        onPoll: deps.onPoll,
        handle: (update) => {
          sent.note(update);
          return handle(bot, update);
        },
      }, stop);
    },
    tellReload: (outcome) => reloadFlow.tell(outcome),
    tellLacking: (problems) => reloadFlow.tellLacking(problems),
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

/** Telegram's own menu of commands, in each language; English for all the rest. Admins have more in theirs. */
async function publishCommands(api: Api, admins: readonly number[]): Promise<void> {
  for (const language of languages) {
    const code = language === "en" ? {} : { language_code: language };
    const text = textIn(language);
    const list = commandNames.map((command) => ({ command, description: text.commands[command] }));
    await api.setMyCommands(list, code);
    // In groups only the person who asks sees the answer; `/new` begins something that all may see.
    await api.setMyCommands(
      list.map((entry) => ({ ...entry, is_ephemeral: entry.command !== "new" })),
      { ...code, scope: { type: "all_group_chats" } },
    );
    const more = adminCommandNames.map((command) => ({
      command,
      description: text.adminCommands[command],
    }));
    for (const chat_id of admins) {
      // An admin who has never written to the bot has no chat with it yet.
      await api.setMyCommands([...list, ...more], { ...code, scope: { type: "chat", chat_id } })
        .catch(() => {});
    }
  }
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
