/**
 * The chat commands: one entry each. The menu in Telegram, /help and the README's table follow from this list.
 */
import { InlineKeyboard } from "grammy";
import { cut, type Text } from "../i18n/mod.ts";
import { type Drawing } from "../images/drawing/mod.ts";
import { type ChatUser, isEnd, type Job } from "../jobs/mod.ts";
import { specsOf, type Template } from "../templates/mod.ts";
import { factorsOf } from "../templates/tasks/mod.ts";
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
import { type ImageFetcher, type Intake, jobIdOf } from "./intake/mod.ts";
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
}

export type CommandName = keyof Text["commands"];
export type AdminCommandName = keyof Text["adminCommands"];

/** One command: `run` answers it. */
type CommandHandler = (ctx: BotContext, chatUser: ChatUser, deps: CommandDeps) => Promise<void>;

/** Every command, in the order of the menu. */
export const commands: Readonly<Record<CommandName, CommandHandler>> = {
  async start(ctx) {
    await answer(ctx, ctx.text.start);
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

  async new(ctx, chatUser, { intake, settings, now }) {
    await intake.dropDraft(chatUser);
    await settings.setDraft(chatUser, {
      v: 1,
      kind: "pictures",
      at: now(),
      pictures: [],
      messageId: ctx.msgId ?? 0,
      collecting: true,
      id: jobIdOf(ctx),
    });
    await answer(ctx, ctx.text.askPicture);
  },

  async status(ctx, chatUser, deps) {
    const { queue } = deps;
    const jobs = jobsToShow(ctx, queue.live(chatUser.userId));
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
    const { intake, queue, statusUpdater } = deps;
    if (await intake.dropDraft(chatUser)) {
      await answer(ctx, ctx.text.cancel.draft);
      return;
    }
    const jobs = jobsToShow(ctx, queue.live(chatUser.userId))
      .filter(({ state }) => state !== "delivering");
    const [only, another] = jobs;
    if (!only) {
      const { nothing, nothingHere } = ctx.text.cancel;
      await answer(ctx, isSeenByUserAlone(ctx) ? nothing : nothingHere);
    } else if (another) {
      await answer(ctx, ctx.text.cancel.which, { keyboard: cancelList(ctx, chatUser, jobs) });
    } else {
      const cancelled = await queue.cancel(only.id);
      if (cancelled.type === "cancelled") statusUpdater.ended(cancelled.job);
      await answer(
        ctx,
        cancelled.type === "too_late" ? ctx.text.cancel.tooLate : ctx.text.cancel.done({ jobs: 1 }),
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
  { helpMore }: Text,
  { marks }: Template,
  offered: readonly Template[],
): readonly string[] {
  const enlarges = offered.some((each) => factorsOf(each).length > 0);
  return [
    ...(marks === undefined ? [] : [helpMore.marks]),
    ...(enlarges ? [helpMore.bigger] : []),
  ];
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
  { queue, statusUpdater }: CommandDeps,
): Promise<PressAnswer> {
  if (button.type === "cancel") {
    const job = await queue.get(button.jobId);
    if (job && isEnd(job.state)) return { text: ctx.text.cancel.tooLate };
    if (job?.origin.userId !== chatUser.userId) {
      return { text: job ? ctx.text.cancel.notYours : ctx.text.stale, isAlert: true };
    }
  }
  const mine = queue.live(chatUser.userId);
  const chosen = button.type === "cancel"
    ? mine.filter(({ id }) => id === button.jobId)
    : jobsToShow(ctx, mine);
  const outcomes = [];
  for (const job of chosen) {
    const cancelled = await queue.cancel(job.id);
    if (cancelled.type === "cancelled") statusUpdater.ended(cancelled.job);
    outcomes.push(cancelled.type);
  }
  const stopped = outcomes.some((outcome) => outcome !== "too_late");
  return { text: stopped ? ctx.text.cancel.requested : ctx.text.cancel.tooLate };
}
