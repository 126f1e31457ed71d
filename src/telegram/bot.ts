/**
 * The bot: wires grammY, the handlers and the senders. The one file under telegram/ that knows all the others.
 * Knows neither ComfyUI nor the store.
 */
import { getLogger } from "@logtape/logtape";
import { Api, Bot, BotError, type Transformer } from "grammy";
import type { Update } from "grammy/types";
import { setTimeout as pause } from "node:timers/promises";
import { type ReloadOutcome } from "../config/mod.ts";
import { type Drawing } from "../images/drawing/mod.ts";
import { type Inbox, type OtherMessageStore } from "../jobs/mod.ts";
import { createSerializer, fetchOnce, messageOf, StateAwayError } from "../lib/mod.ts";
import { type TelegramCall } from "../monitoring/mod.ts";
import { type BotProfileStore } from "../users/mod.ts";
import { type Messenger } from "../worker/mod.ts";
import {
  type AdminAlerts,
  createAccessRequests,
  createAdminAlerts,
  createAdminPanel,
  createReloadCommand,
  createTellAdmins,
  createWorkflowImports,
  type ImportsOwnerDeps,
  type OwnerDeps,
  publishProfile,
  type TellAdmins,
} from "./admin/mod.ts";
import {
  type BotContext,
  type ChatDeps,
  createAddresses,
  createMessageIds,
  createRateLimiter,
  createReactions,
  createSenders,
  floodTransformer,
  ignoreNotModified,
  observeCalls,
  readableRefusals,
  retryTransformer,
  retryUntilDelivered,
  runUpdates,
  watchToken,
} from "./api/mod.ts";
import { tellGivenUp, tellHeldUp } from "./given_up.ts";
import { createExample, createImageFetcher, createIntake } from "./intake/mod.ts";
import { route } from "./router.ts";
import { createSettingsMenu } from "./settings/mod.ts";
import {
  createFindMessage,
  createHints,
  createKeptResults,
  createOtherMessages,
  createSendOnce,
  createStatusDrafts,
  createStatusUpdater,
  deliver,
  findInTurn,
} from "./status/mod.ts";

const log = getLogger(["bot", "telegram"]);

export interface TelegramDeps extends ChatDeps, OwnerDeps, ImportsOwnerDeps {
  readonly inbox: Inbox<Update>;
  readonly otherMessages: OtherMessageStore;
  readonly profile: BotProfileStore;
  readonly drawing: Drawing;
  /** Resolves when it is known, or taken for known, which templates can run. Never rejects. */
  readonly templatesKnown: () => Promise<unknown>;
  /** Called whenever Telegram is asked for updates, with each try where it does not answer. */
  readonly onPoll?: () => void;
  /** What was wrong with the owner's files at the start: not reported again. */
  readonly knownProblems: () => readonly string[];
  /** Told how each call of the Bot API ended. */
  readonly called: (call: TelegramCall) => void;
  /** Moves everything that is kept of a group to its new id. */
  readonly moved: (from: number, to: number) => Promise<void>;
}

/** The chat side of the program. */
export interface TelegramBot extends AdminAlerts {
  readonly messenger: Messenger;
  /**
   * Takes in updates until `signal` aborts, and resolves when those that were begun are dealt with; they are handled from when
   * the queue is ready. Rejects where going on makes no sense: the token is wrong, another process asks for the same bot's
   * updates, or the queue cannot be read.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Tells the admins what came of a reload that none of them asked for here. */
  tellReload(outcome: ReloadOutcome): Promise<void>;
  /** Tells the admins which files could not be used at the start, and for which templates the built-in ones are in their place. */
  tellAtStart(problems: readonly string[], builtIn: readonly string[]): Promise<void>;
  /** Tells the admins what ComfyUI does not have for the templates, a sentence each. */
  tellLacking(problems: readonly string[]): Promise<void>;
  readonly tellAdmins: TellAdmins;
  /** Resolves when no status message and no announcement is on its way. */
  flush(): Promise<void>;
}

/** Longest time that Telegram may take for one call; a long poll takes 30 s of it. */
const callTimeoutSeconds = 60;
/** Longest time for the question whether a message is there: some dozen of them may follow each other. */
const questionTimeoutSeconds = 10;

/** Milliseconds of a monotonic clock, for durations: a jump of the host's clock would hold back what is shown. */
const steady = () => performance.now();

/** Makes the bot; nothing goes out before `run` or a call of the messenger. `signal` ends waits for Telegram. */
export function createTelegramBot(deps: TelegramDeps, signal: AbortSignal): TelegramBot {
  const { drawing } = deps;
  const { telegram } = deps.config();
  const token = telegram.token.reveal();
  const { apiRoot } = telegram;
  const client = {
    apiRoot,
    fetch: readableRefusals(fetchOnce),
    timeoutSeconds: callTimeoutSeconds,
  };
  const bot = new Bot<BotContext>(token, { client });
  const rateLimiter = createRateLimiter({ now: steady });
  const sent = createMessageIds();
  // The last one is the outermost: each try waits for room of its own.
  const tokenWatch = watchToken(() => {
    notices.tellTrouble("token", (text) => text.notices.token);
  });
  const observed = [ignoreNotModified, observeCalls(deps.called), tokenWatch];
  const addresses = createAddresses(deps.moved);
  const afterFloods = floodTransformer(signal);
  const drafts = createStatusDrafts({ api: bot.api, now: steady });
  const others = createOtherMessages({ store: deps.otherMessages, sent });
  const paced = [
    ...observed,
    sent.transformer,
    others.transformer,
    rateLimiter.transformer,
    drafts.transformer,
  ];
  bot.api.config.use(
    ...paced,
    exceptGetUpdates(retryTransformer({ signal })),
    exceptGetUpdates(afterFloods),
    addresses.transformer,
  );
  const { api } = bot;
  const once = new Api(token, client);
  once.config.use(
    ...observed,
    sent.transformer,
    rateLimiter.heed,
    drafts.transformer,
    addresses.transformer,
  );
  const keepMetadata = () => deps.config().image.keepMetadata;
  const asking = new Api(token, { ...client, timeoutSeconds: questionTimeoutSeconds });
  asking.config.use(...observed, rateLimiter.asking, afterFloods);
  const reacting = new Api(token, { ...client, timeoutSeconds: questionTimeoutSeconds });
  reacting.config.use(...observed);
  const reactions = createReactions({ api: reacting, rateLimiter, now: steady });
  const find = createFindMessage({ asking, sent, others, queue: deps.queue, signal });
  const chatTurns = createSerializer();
  const sendOnce = createSendOnce({ sent, find, chatTurns, rateLimiter, signal });
  const delivery = { once, sendOnce, keepMetadata, drawing, api };
  const hints = createHints({ ...deps, api });
  const sending = { once, sendOnce, find: findInTurn({ find, chatTurns }) };
  const statusUpdater = createStatusUpdater({
    ...deps,
    now: steady,
    api,
    rateLimiter,
    drafts,
    sending,
  }, signal);
  const imageFetcher = createImageFetcher({ ...deps, drawing }, signal);
  const intake = createIntake({ ...deps, statusUpdater, imageFetcher });
  const imports = createWorkflowImports({ ...deps, intake, imageFetcher }, signal);
  const settingsMenu = createSettingsMenu({ ...deps, intake, imageFetcher });
  const tellAdmins = createTellAdmins({ ...deps, api });
  const accessRequests = createAccessRequests({ ...deps, api, tellAdmins });
  const reloadCommand = createReloadCommand({ ...deps, tellAdmins });
  const adminPanel = createAdminPanel(
    { ...deps, api, statusUpdater, reloadCommand },
    signal,
  );
  const notices = createAdminAlerts({ tellAdmins, queue: deps.queue }, signal);
  const keptResults = createKeptResults({
    ...deps,
    deliver: (result, places) => deliver(delivery, result, places),
  });
  route(bot, {
    ...deps,
    statusUpdater,
    imageFetcher,
    intake,
    settingsMenu,
    accessRequests,
    reloadCommand,
    adminPanel,
    imports,
    keptResults,
    example: createExample(deps),
    reactions,
    senders: createSenders({ ...deps, api }),
    addresses,
  });

  return {
    messenger: {
      notify: (job, event) => statusUpdater.notify(job, event),
      wantsPreviews: (job) => statusUpdater.wantsPreviews(job),
      async deliver(job, result, note, read) {
        const outcome = await deliver(delivery, { job, result, note, read });
        if (outcome.type === "delivered") hints.arrived(job);
        return outcome;
      },
      clear: (job) => statusUpdater.clear(job),
      ended: (job) => statusUpdater.ended(job),
    },
    async run(stop) {
      const ready = deps.queue.ready.then(() => {
        for (const job of deps.queue.unsettled()) sent.learn(job);
        statusUpdater.run(stop);
      });
      publishProfile(api, deps.profile, deps.access).catch((error) =>
        log.warn("Cannot publish the profile: {error}", { error: messageOf(error) })
      );
      /** Without its own name the bot handles nothing; what comes stays in the inbox until Telegram has said it. */
      let introduced: Promise<void> | undefined;
      const persist = createPersistence(signal);
      const introduce = () =>
        introduced ??= retryUntilDelivered(() => bot.init(), {
          what: "the bot's own name",
          signal,
        }).catch((error) => {
          introduced = undefined;
          throw error;
        });
      const updates = runUpdates({
        api,
        inbox: deps.inbox,
        // Jobs wait: a refused token may become valid again, and a restart by systemd would not help.
        wasTaken: async () => {
          await ready;
          return deps.queue.unsettled().length > 0;
        },
        ready: Promise.all([ready, deps.templatesKnown()]),
        onPoll: deps.onPoll,
        handle: async (update) => {
          sent.note(update);
          await introduce();
          await persist(() => handle(bot, update, signal));
        },
        ending: signal,
        tellGivenUp: (update) => tellGivenUp(update, { ...deps, api }),
        tellHeldUp: (update) => tellHeldUp(update, { api }),
      }, stop);
      await Promise.all([updates, ready]);
    },
    tellReload: (outcome) => reloadCommand.tell(outcome),
    tellAtStart: (problems, builtIn) => reloadCommand.tellAtStart(problems, builtIn),
    tellLacking: (problems) => reloadCommand.tellLacking(problems),
    tellAdmins,
    ...notices,
    async flush() {
      await Promise.all([
        statusUpdater.flush(),
        adminPanel.flush(),
        keptResults.flush(),
        hints.flush(),
      ]);
    },
  };
}

/** Once `ending` has aborted, what fails is not told to its user: the next start does it. */
async function handle(
  bot: Bot<BotContext>,
  update: Update,
  ending: AbortSignal,
): Promise<void> {
  try {
    await bot.handleUpdate(update);
  } catch (error) {
    if (!(error instanceof BotError) || ending.aborted) throw error;
    if (error.error instanceof StateAwayError) throw error.error;
    await bot.errorHandler(error);
  }
}

/** Pause before updates are handled again that met a state which is away. */
const stateRetryMs = 1_000;

/**
 * Handles an update again, as after a kill, until the state is there; those that come meanwhile wait behind it. They go on in the order
 * in which they failed, which is that of their chat.
 */
function createPersistence(ending: AbortSignal): (act: () => Promise<void>) => Promise<void> {
  let back: Promise<void> | undefined;
  return async (act) => {
    for (;;) {
      await back;
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof StateAwayError) || ending.aborted) throw error;
        log.warn("Cannot handle updates: {error}; they wait", {
          error: messageOf(error),
          outage: "the state",
        });
        back ??= pause(stateRetryMs, undefined, { signal: ending })
          .finally(() => back = undefined);
      }
    }
  };
}

/** The long poll is repeated by its own loop. */
function exceptGetUpdates(transformer: Transformer): Transformer {
  return (prev, method, payload, signal) =>
    method === "getUpdates"
      ? prev(method, payload, signal)
      : transformer(prev, method, payload, signal);
}
