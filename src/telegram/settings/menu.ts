/**
 * The menus of parameters: /settings for a user's next jobs, and the same for one job that is to be made again. Owns
 * what a press does, in this order: it is checked, made durable, answered, drawn. What stands in a menu is pages.ts's.
 */
import type { Message } from "grammy/types";
import { paramLabel, shownLimits } from "../../i18n/mod.ts";
import { type ChatUser, digestId, type Job } from "../../jobs/mod.ts";
import { createSerializer } from "../../lib/mod.ts";
import { type ParamProblem, type ParamSpec, parseParam, specsOf } from "../../templates/mod.ts";
import {
  answer,
  type BotContext,
  type ChatDeps,
  contentOf,
  isSeenByUserAlone,
  type PressAnswer,
} from "../api/mod.ts";
import {
  type ButtonOf,
  type MenuOwner,
  type MenuPage,
  readButton,
  writeButton,
} from "../buttons/mod.ts";
import { type ImageFetcher, type Intake, refusalOf, rerunJob, sayRefused } from "../intake/mod.ts";
import { carryOut, languageOf } from "./actions.ts";
import { createValueQuestions } from "./ask_value.ts";
import { createMenuMessages, type MenuMessage } from "./menu_message.ts";
import { menuView } from "./pages.ts";
import {
  chooseValue,
  readTarget,
  resetTarget,
  type SettingsTarget,
  targetForGroup,
} from "./target.ts";

export interface SettingsMenu {
  /** Sends the menu. */
  show(ctx: BotContext, chatUser: ChatUser): Promise<void>;
  /** Sends the same menu for one job's parameters; its button makes the job once more with them. */
  showForJob(ctx: BotContext, chatUser: ChatUser, job: Job): Promise<void>;
  /** Does what one of its buttons asks for. */
  press(ctx: BotContext, chatUser: ChatUser, button: ButtonOf<"menu">): Promise<PressAnswer>;
  /** Takes a text as the value that a menu has asked for; false where none has. */
  takeValue(ctx: BotContext, chatUser: ChatUser, message: Message): Promise<boolean>;
}

const mainPage: MenuPage = { type: "main" };

export function createSettingsMenu(
  deps: ChatDeps & { readonly intake: Intake; readonly imageFetcher: ImageFetcher },
): SettingsMenu {
  const { settings } = deps;
  const messages = createMenuMessages();
  const questions = createValueQuestions(deps);
  const serialize = createSerializer();

  /** `groupId` is that of a group that sees the menu. */
  function viewOf(
    ctx: BotContext,
    target: SettingsTarget,
    page: MenuPage,
    groupId: number | undefined,
  ) {
    const language = languageOf(ctx, target.user);
    const shown = groupId === undefined ? target : targetForGroup(target, groupId);
    return menuView(shown, page, { language, templates: deps.offered() });
  }

  /** Shows the page as it is when its turn comes; false where the message is gone. */
  function redraw(ctx: BotContext, at: MenuMessage, owner: MenuOwner, page: MenuPage) {
    return messages.show(ctx.api, at, async () => {
      const target = await readTarget(deps, owner);
      const isInGroup = at.chatId < 0 && at.ephemeralId === undefined;
      return target && viewOf(ctx, target, page, isInGroup ? at.chatId : undefined);
    });
  }

  async function send(ctx: BotContext, owner: MenuOwner, replyTo?: number): Promise<void> {
    const target = await readTarget(deps, owner);
    if (!target) return await answer(ctx, staleText(ctx, owner));
    const isAlone = ctx.chat?.type === "private" ||
      replyTo === undefined && isSeenByUserAlone(ctx);
    const { text, keyboard } = viewOf(ctx, target, mainPage, isAlone ? undefined : ctx.chat?.id);
    if (replyTo === undefined) return await answer(ctx, text, { keyboard });
    await ctx.reply(text, {
      reply_markup: keyboard,
      reply_parameters: { message_id: replyTo, allow_sending_without_reply: true },
      ...(ctx.msg?.is_topic_message && ctx.msg.message_thread_id !== undefined
        ? { message_thread_id: ctx.msg.message_thread_id }
        : {}),
    });
  }

  async function press(
    ctx: BotContext,
    chatUser: ChatUser,
    { userId, jobId, action }: ButtonOf<"menu">,
  ): Promise<PressAnswer> {
    const owner: MenuOwner = { userId, ...(jobId === undefined ? {} : { jobId }) };
    const at = menuMessageOf(ctx, chatUser);
    if (!at) return { text: staleText(ctx, owner) };
    // Presses that come together take effect in the order that they came; they are drawn together.
    const { target, outcome } = await serialize(menuName(owner), async () => {
      const target = await readTarget(deps, owner);
      return { target, outcome: target && action && await carryOut(deps, ctx, target, action) };
    });
    if (!target || !outcome || outcome.type === "stale") return { text: staleText(ctx, owner) };
    if (outcome.type === "notice") return outcome;
    // A press withdraws the question for a value: the user went on in the menu.
    if (outcome.type !== "ask") await questions.withdraw(ctx, chatUser, at);
    switch (outcome.type) {
      case "show":
        return { text: outcome.notice, show: () => redraw(ctx, at, owner, outcome.page) };
      case "ask": {
        const { param } = outcome;
        const spec = specsOf(target.template)[param];
        if (!spec) return { text: staleText(ctx, owner) };
        const asked = questionFor(ctx, param, spec);
        await questions.ask(ctx, chatUser, { menu: menuName(owner), at, param, ...asked });
        return {};
      }
      case "close":
        if (target.job) await resetTarget(deps, owner);
        await messages.remove(ctx.api, at);
        return {};
      case "start":
        return await start(ctx, chatUser, target, at);
      default:
        return outcome satisfies never;
    }
  }

  /** Makes the menu's job once more, and once in all; the menu goes when the new job is in the queue. */
  async function start(
    ctx: BotContext,
    chatUser: ChatUser,
    target: SettingsTarget,
    at: MenuMessage,
  ): Promise<PressAnswer> {
    const { owner, job, template, values } = target;
    if (!job) return { text: staleText(ctx, owner) };
    const id = digestId([menuName(owner), at.chatId, at.messageId, at.ephemeralId].join());
    const isUnderway = deps.queue.live(owner.userId).some((other) => other.id === id);
    const changed = await settings.jobParams(owner.userId, job.id);
    const shown = Object.entries(specsOf(template)).filter(([name, { kind }]) =>
      // The seed that is shown is the seed that is used.
      name in changed || kind === "seed"
    );
    const params = Object.fromEntries(shown.map(([name]) => [name, values[name]!]));
    if (!await rerunJob(ctx, chatUser, job, deps, { id, changed: params })) return {};
    await resetTarget(deps, owner);
    await messages.remove(ctx.api, at);
    return isUnderway ? { text: ctx.text.underway } : {};
  }

  return {
    press,
    show: (ctx, chatUser) => send(ctx, { userId: chatUser.userId }),
    showForJob: (ctx, chatUser, job) =>
      send(ctx, { userId: chatUser.userId, jobId: job.id }, ctx.msgId),

    async takeValue(ctx, chatUser, message) {
      const question = await questions.open(ctx, chatUser);
      const owner = question && ownerOf(question.menu);
      const replied = message.reply_to_message ?? message.external_reply;
      const isAboutPicture = replied && contentOf(replied).type === "picture";
      if (!question || !owner || isAboutPicture) return false;
      const { param } = question;
      const target = await readTarget(deps, owner);
      const spec = target && specsOf(target.template)[param];
      if (!spec) {
        await answer(ctx, staleText(ctx, owner));
        await questions.settle(ctx, chatUser, question);
        return true;
      }
      const at: MenuMessage = {
        chatId: chatUser.chatId,
        messageId: question.menuMessageId,
        ephemeralId: question.menuEphemeralId,
        userId: chatUser.userId,
      };
      const written = message.text?.trim() ?? "";
      const parsed = parseParam(spec, spec.kind === "text" && written === "-" ? "" : written);
      if (!parsed.ok) {
        const asked = questionFor(ctx, param, spec, parsed.problem);
        await questions.ask(ctx, chatUser, { menu: question.menu, at, param, ...asked });
        return true;
      }
      const refusal = spec.kind === "text"
        ? refusalOf(param, String(parsed.value), deps)
        : undefined;
      if (refusal) {
        await sayRefused(ctx, chatUser, refusal);
        await questions.settle(ctx, chatUser, question);
        return true;
      }
      await chooseValue(deps, owner, param, parsed.value);
      // A tick for the answer takes no message, and works where reactions are allowed.
      await ctx.react("👌").catch(() => {});
      if (!await redraw(ctx, at, owner, mainPage)) await send(ctx, owner);
      await questions.settle(ctx, chatUser, question);
      return true;
    },
  };
}

/** The words that ask for a value, or that say what was wrong with the last one. */
function questionFor(ctx: BotContext, param: string, spec: ParamSpec, problem?: ParamProblem) {
  const name = paramLabel(ctx.text, param);
  const limits = shownLimits(ctx.text, spec);
  return {
    sentence: problem === undefined
      ? ctx.text.settings.askValue({ name, limits })
      : ctx.text.paramProblem({ name, problem }),
    ...(limits === "" ? {} : { placeholder: limits }),
  };
}

/** By this a stored question knows its menu: the menu's button without an action. */
function menuName(owner: MenuOwner): string {
  return writeButton({ type: "menu", ...owner });
}

/** The owner of the menu with that name; undefined for the admins' panel. */
function ownerOf(menu: string): MenuOwner | undefined {
  const button = readButton(menu);
  if (button?.type !== "menu") return undefined;
  const { userId, jobId } = button;
  return { userId, ...(jobId === undefined ? {} : { jobId }) };
}

function menuMessageOf(ctx: BotContext, chatUser: ChatUser): MenuMessage | undefined {
  const message = ctx.callbackQuery?.message;
  return message && {
    ...chatUser,
    messageId: message.message_id,
    ephemeralId: message.ephemeral_message_id,
  };
}

function staleText(ctx: BotContext, { jobId }: MenuOwner): string {
  return jobId === undefined ? ctx.text.settings.stale : ctx.text.settings.jobStale;
}
