/**
 * The chat commands: one entry each. The menu in Telegram, /help and the README's table follow from this list.
 */
import { InlineKeyboard } from "grammy";
import { cut, type Text } from "../i18n/mod.ts";
import { type Drawing } from "../images/drawing/mod.ts";
import { type ChatUser, type Job, livingOf, maxBatch, oneOfEach } from "../jobs/mod.ts";
import { specsOf, type Template } from "../templates/mod.ts";
import { cutsOut, factorsOf, fillsIn } from "../templates/tasks/mod.ts";
import { type AccessRequests, type AdminPanel, type ReloadCommand } from "./admin/mod.ts";
import {
  answer,
  type BotContext,
  type ChatDeps,
  isSeenByUserAlone,
  jobsToShow,
  type PressAnswer,
  templateOf,
} from "./api/mod.ts";
import { type ButtonOf, writeButton } from "./buttons/mod.ts";
import { type Example, type ImageFetcher, type Intake, jobIdOf, seedsOf } from "./intake/mod.ts";
import { askForget, askLanguage, type SettingsMenu } from "./settings/mod.ts";
import {
  jobLine,
  keptKeyboard,
  type KeptResults,
  type StatusUpdater,
  wordsInList,
} from "./status/mod.ts";

/** What the commands act on. */
export interface CommandDeps extends ChatDeps {
  readonly intake: Intake;
  readonly imageFetcher: ImageFetcher;
  readonly statusUpdater: StatusUpdater;
  readonly keptResults: KeptResults;
  readonly settingsMenu: SettingsMenu;
  readonly accessRequests: AccessRequests;
  readonly reloadCommand: ReloadCommand;
  readonly adminPanel: AdminPanel;
  readonly drawing: Drawing;
  readonly example: Example;
}

export type CommandName = keyof Text["commands"];
export type AdminCommandName = keyof Text["adminCommands"];

/** One command: `run` answers it. */
type CommandHandler = (ctx: BotContext, chatUser: ChatUser, deps: CommandDeps) => Promise<void>;

/** Every command, in the order of the menu. */
export const commands: Readonly<Record<CommandName, CommandHandler>> = {
  async start(ctx, _chatUser, { example }) {
    await example.show(ctx);
  },

  async help(ctx, _chatUser, deps) {
    const template = templateOf(deps, ctx.user);
    const params = Object.keys(specsOf(template)).join(", ");
    const list = commandNames.map((name) => `/${name} — ${ctx.text.commands[name]}`).join("\n");
    const more = helpRows(ctx.text, template, [...deps.offered().values()]).map((row) =>
      `${row}\n\n`
    );
    await answer(ctx, ctx.text.help({ params, commands: list, more: more.join("") }));
  },

  async new(ctx, chatUser, deps) {
    await begin(ctx, chatUser, deps, {});
    await answer(ctx, ctx.text.askPicture);
  },

  async batch(ctx, chatUser, deps) {
    await begin(ctx, chatUser, deps, { each: true });
    await answer(ctx, ctx.text.batch.ask({ max: maxBatch }));
  },

  async status(ctx, chatUser, deps) {
    const { queue } = deps;
    const jobs = oneOfEach(jobsToShow(ctx, queue.live(chatUser.userId)));
    const none = isSeenByUserAlone(ctx) ? ctx.text.status.none : ctx.text.status.noneHere;
    const kept = await deps.keptResults.of(ctx, chatUser);
    const waiting = await deps.positions.waiting();
    const total = ctx.text.status.total({ waiting }) +
      (queue.paused ? `\n${ctx.text.status.paused}` : "");
    await answer(
      ctx,
      [
        jobs.length === 0 ? none : ctx.text.status.head({ jobs: jobs.length }),
        ...await Promise.all(jobs.map((job) => jobLine(ctx.text, job, deps))),
        ...kept.map(({ promptText }) =>
          ctx.text.status.kept({ words: cut(promptText, wordsInList) })
        ),
        "",
        total,
      ].join("\n"),
      kept.length === 0 ? {} : { keyboard: keptKeyboard(ctx, kept) },
    );
  },

  async settings(ctx, chatUser, { settingsMenu }) {
    await settingsMenu.show(ctx, chatUser);
  },

  async cancel(ctx, chatUser, deps) {
    const { intake, queue, settings } = deps;
    if (await settings.draft(chatUser) ?? await settings.question(chatUser)) {
      await answer(ctx, ctx.text.cancel.draft);
      return await intake.dropDraft(chatUser, ctx.update.update_id);
    }
    const jobs = oneOfEach(
      jobsToShow(ctx, queue.live(chatUser.userId)).filter(({ state }) => state !== "delivering"),
    );
    const [only, another] = jobs;
    if (!only) {
      const { nothing, nothingHere } = ctx.text.cancel;
      await answer(ctx, isSeenByUserAlone(ctx) ? nothing : nothingHere);
    } else if (another) {
      await answer(ctx, ctx.text.cancel.which, { keyboard: cancelList(ctx, chatUser, jobs) });
    } else {
      const stopped = await cancelJobs(livingOf(queue, only), deps);
      await answer(
        ctx,
        stopped === 0 ? ctx.text.cancel.tooLate : ctx.text.cancel.done({ jobs: stopped }),
      );
    }
  },

  async language(ctx, chatUser) {
    await askLanguage(ctx, chatUser);
  },

  async forget(ctx, chatUser, deps) {
    await askForget(ctx, chatUser, deps);
  },
};

/** Commands that only admins have: they are in their menus alone, and to all others they are unknown. */
export const adminCommands: Readonly<Record<AdminCommandName, CommandHandler>> = {
  async admin(ctx, chatUser, { adminPanel }) {
    await adminPanel.show(ctx, chatUser);
  },

  async users(ctx, _chatUser, { accessRequests }) {
    await accessRequests.list(ctx);
  },

  async reload(ctx, _chatUser, { reloadCommand }) {
    await reloadCommand.answer(ctx);
  },
};

/** The admin commands' names, in the order of the menu. */
export const adminCommandNames = Object.keys(adminCommands) as readonly AdminCommandName[];

/** The commands' names, in the order of the menu. */
export const commandNames = Object.keys(commands) as readonly CommandName[];

/** What can be done besides editing by words: by the user's own template, and by any that is offered. */
function helpRows(
  { helpMore, batch }: Text,
  template: Template,
  offered: readonly Template[],
): readonly string[] {
  const enlarges = offered.some((each) => factorsOf(each).length > 0);
  const { marks, pictures } = template;
  return [
    ...(pictures.length > 1 ? [batch.help.several({ max: pictures.length })] : []),
    batch.help.each({ max: maxBatch }),
    ...(seedsOf(specsOf(template)).length > 0 ? [batch.help.four] : []),
    ...(marks === undefined ? [] : [helpMore.marks]),
    ...(fillsIn(template) ? [helpMore.format] : []),
    ...(offered.some(cutsOut) ? [helpMore.cutout] : []),
    ...(enlarges ? [helpMore.bigger] : []),
    helpMore.seen,
  ];
}

/** Pictures that come from now on are collected. */
async function begin(
  ctx: BotContext,
  chatUser: ChatUser,
  { intake, settings, now }: CommandDeps,
  mode: { readonly each?: boolean },
): Promise<void> {
  await intake.dropDraft(chatUser);
  await settings.setDraft(chatUser, {
    v: 1,
    kind: "pictures",
    at: now(),
    pictures: [],
    messageId: ctx.msgId ?? 0,
    collecting: true,
    id: jobIdOf(ctx),
    ...mode,
  });
}

function cancelList(ctx: BotContext, chatUser: ChatUser, jobs: readonly Job[]): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  for (const job of jobs.slice(0, 20)) {
    const data = writeButton({ type: "cancel", jobId: job.id });
    keyboard.text(`✖ ${cut(job.promptText, wordsInList)}`, data).row();
  }
  const { userId } = chatUser;
  return keyboard.text(ctx.text.cancel.all, writeButton({ type: "cancel_all", userId }));
}

/** Does what the buttons ask for that cancel jobs. Only the job's user may; "all of them" are those that the list may show. */
export async function pressCancel(
  ctx: BotContext,
  chatUser: ChatUser,
  button: ButtonOf<"cancel" | "cancel_all">,
  deps: CommandDeps,
): Promise<PressAnswer> {
  const { queue } = deps;
  let chosen = jobsToShow(ctx, queue.live(chatUser.userId));
  if (button.type === "cancel") {
    const job = await queue.get(button.jobId);
    if (!job) return { text: ctx.text.stale, isAlert: true };
    chosen = livingOf(queue, job);
    if (chosen.length === 0) return { text: ctx.text.cancel.tooLate };
    if (job.origin.userId !== chatUser.userId) {
      return { text: ctx.text.cancel.notYours, isAlert: true };
    }
  }
  const stopped = await cancelJobs(chosen, deps);
  return { text: stopped > 0 ? ctx.text.cancel.requested : ctx.text.cancel.tooLate };
}

/** Cancels them, those that come last first: none begins meanwhile. Gives how many can be. */
async function cancelJobs(
  jobs: readonly Job[],
  { queue, statusUpdater }: Pick<CommandDeps, "queue" | "statusUpdater">,
): Promise<number> {
  const cancelled = await queue.cancelAll(jobs.map(({ id }) => id).reverse());
  for (const { type, job } of cancelled) if (type === "cancelled") statusUpdater.ended(job);
  return cancelled.filter(({ type }) => type !== "too_late").length;
}
