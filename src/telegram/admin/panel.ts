/**
 * `/admin`: the owner's panel, one message with a page at a time. Owns what a press does and that only admins may; what
 * stands on a page is pages.ts's. Shown in private chats only, as the router ensures: it has users' texts.
 */
import { getLogger } from "@logtape/logtape";
import { type Api, GrammyError } from "grammy";
import type { Message } from "grammy/types";
import { type Drawing } from "../../images/drawing/mod.ts";
import {
  type ChatUser,
  type Job,
  type ServiceMode,
  type ServiceModeControl,
} from "../../jobs/mod.ts";
import { createCoalescer } from "../../lib/mod.ts";
import { type DailyStats } from "../../monitoring/mod.ts";
import { type BackendMonitor, type Freed } from "../../worker/mod.ts";
import { answer, type BotContext, type ChatDeps, type PressAnswer } from "../api/mod.ts";
import { type AdminAction } from "../buttons/mod.ts";
import { jobLine, type StatusUpdater } from "../status/mod.ts";
import { createAnnouncements } from "./announcements.ts";
import {
  type AdminView,
  backendsView,
  homeView,
  jobView,
  logView,
  queueView,
  type ShownJob,
} from "./pages.ts";
import type { ReloadCommand } from "./reload.ts";
import { sendStatistics } from "./statistics.ts";

const log = getLogger(["bot", "telegram", "admin"]);

/** So many lines of the log are worth a look on a phone. */
const logLines = 30;

/** What only the panel acts on. */
export interface OwnerDeps {
  readonly control: ServiceModeControl;
  readonly dailyStats: Pick<DailyStats, "days">;
  readonly backendMonitor: BackendMonitor;
  /** By template, what keeps it from running, a sentence each. */
  readonly missing: () => ReadonlyMap<string, readonly string[]>;
  /** Whether a backend can run it, by template; undefined where that is not known. */
  readonly templatesOn: (backend: string) => ReadonlyMap<string, boolean> | undefined;
  /** The last lines of the log, the newest last. */
  readonly logTail: (lines: number) => Promise<readonly string[]>;
}

export interface AdminPanelDeps extends ChatDeps, OwnerDeps {
  readonly api: Api;
  readonly statusUpdater: Pick<StatusUpdater, "ended">;
  readonly reloadCommand: ReloadCommand;
  readonly drawing: Drawing;
}

export interface AdminPanel {
  /** Sends the panel. */
  show(ctx: BotContext, chatUser: ChatUser): Promise<void>;
  /** Does what one of its buttons asks for. */
  press(ctx: BotContext, chatUser: ChatUser, action: AdminAction): Promise<PressAnswer>;
  /** Takes a text as what the panel has asked for; false where it has not. */
  takeText(ctx: BotContext, chatUser: ChatUser, message: Message): Promise<boolean>;
  /** Resolves when nothing that it sends is on its way. */
  flush(): Promise<void>;
}

const modes: Readonly<Record<"pause" | "drain" | "resume", ServiceMode>> = {
  pause: "paused",
  drain: "draining",
  resume: "running",
};

/** `signal` ends what it sends in the background. */
export function createAdminPanel(deps: AdminPanelDeps, signal: AbortSignal): AdminPanel {
  const { access, queue, control, backendMonitor, statusUpdater } = deps;
  const announcements = createAnnouncements(deps, signal);
  const latest = createCoalescer();

  /**
   * Puts what `look` gives into the panel's message when its turn comes; of many presses at once the last one's page is
   * shown. A message that is gone is left alone.
   */
  async function show(ctx: BotContext, look: () => AdminView | Promise<AdminView>): Promise<void> {
    const at = ctx.callbackQuery?.message;
    await latest(`${at?.chat.id}:${at?.message_id}`, async () => {
      const { text, keyboard, entities } = await look();
      const options = { reply_markup: keyboard, ...(entities ? { entities } : {}) };
      await ctx.editMessageText(text, options).catch((error) => {
        if (!(error instanceof GrammyError) || error.error_code !== 400) throw error;
        log.info("Cannot show the panel: {error}", { error: error.description });
      });
    });
  }

  /** In work, then waiting in their order. */
  function jobsInOrder(): readonly Job[] {
    return [...queue.live().filter(({ state }) => state !== "queued"), ...queue.waiting()];
  }

  /** Looks a job's user up among those who have asked for access once; others are known by their id. */
  async function lookUp(): Promise<(job: Job) => ShownJob> {
    const names = new Map((await access.guests()).map(({ id, name }) => [id, name]));
    return (job) => ({
      job,
      userName: names.get(job.origin.userId) ?? `id ${job.origin.userId}`,
      position: queue.position(job.id),
    });
  }

  async function home({ text }: BotContext): Promise<AdminView> {
    return homeView(text, {
      mode: control.mode,
      waiting: queue.size + queue.submitted,
      active: queue.live().length - queue.size - queue.submitted,
      backends: await backendMonitor.look(),
    });
  }

  async function queuePage({ text }: BotContext, page: number): Promise<AdminView> {
    return queueView(text, jobsInOrder(), page, await lookUp());
  }

  async function jobPage(ctx: BotContext, jobId: string): Promise<AdminView> {
    const job = queue.live().find(({ id }) => id === jobId);
    if (!job) return await queuePage(ctx, 0);
    const line = await jobLine(ctx.text, job, deps);
    return jobView(ctx.text, (await lookUp())(job), { line, now: deps.now() });
  }

  async function setMode(ctx: BotContext, chatUser: ChatUser, mode: ServiceMode): Promise<void> {
    await control.set(mode);
    log.info("The bot is {mode} now", { audit: "control", mode, by: chatUser.userId });
    await show(ctx, () => home(ctx));
  }

  async function cancel(ctx: BotContext, chatUser: ChatUser, jobId: string): Promise<PressAnswer> {
    const cancelled = await queue.cancel(jobId);
    const { cancel: text } = ctx.text;
    if (cancelled.type !== "too_late") {
      log.info("Job {jobId} was cancelled by an admin", {
        audit: "control",
        jobId,
        by: chatUser.userId,
      });
      if (cancelled.type === "cancelled") statusUpdater.ended(cancelled.job);
    }
    await show(ctx, () => queuePage(ctx, 0));
    return {
      text: cancelled.type === "too_late"
        ? text.tooLate
        : cancelled.type === "cancelled"
        ? text.done({ jobs: 1 })
        : text.requested,
    };
  }

  async function toFront(ctx: BotContext, jobId: string): Promise<PressAnswer> {
    const { first, notWaiting } = ctx.text.admin;
    const isFirst = await queue.moveToFront(jobId);
    await show(ctx, () => jobPage(ctx, jobId));
    return { text: isFirst ? first : notWaiting };
  }

  async function backendsPage({ text }: BotContext, freed?: readonly Freed[]): Promise<AdminView> {
    const answers = await backendMonitor.look();
    return backendsView(text, answers, { ...deps, missing: deps.missing(), freed });
  }

  async function freeMemory(ctx: BotContext): Promise<void> {
    const freed = await backendMonitor.free();
    await show(ctx, () => backendsPage(ctx, freed));
  }

  /** Does what has no words for an answer: what came of it is there to be seen. */
  async function display(
    ctx: BotContext,
    chatUser: ChatUser,
    action: Exclude<AdminAction, { readonly type: "cancel" | "first" | "send" | "discard" }>,
  ): Promise<void> {
    switch (action.type) {
      case "pause":
      case "drain":
      case "resume":
        return await setMode(ctx, chatUser, modes[action.type]);
      case "unload":
        return await freeMemory(ctx);
      case "home":
        return await show(ctx, () => home(ctx));
      case "queue":
        return await show(ctx, () => queuePage(ctx, action.page));
      case "job":
        return await show(ctx, () => jobPage(ctx, action.jobId));
      case "backends":
        return await show(ctx, () => backendsPage(ctx));
      case "log":
        return await show(ctx, async () => logView(ctx.text, await deps.logTail(logLines)));
      case "statistics":
        return await sendStatistics(ctx, deps);
      case "reload":
        return await deps.reloadCommand.answer(ctx);
      case "announce":
        return await announcements.ask(ctx, chatUser, ctx.callbackQuery?.message?.message_id ?? 0);
      case "close":
        await ctx.deleteMessage().catch(() => {}); // it is gone already
        return;
      default:
        return action satisfies never;
    }
  }

  async function carryOut(
    ctx: BotContext,
    chatUser: ChatUser,
    action: AdminAction,
  ): Promise<PressAnswer> {
    switch (action.type) {
      case "cancel":
        return await cancel(ctx, chatUser, action.jobId);
      case "first":
        return await toFront(ctx, action.jobId);
      case "send":
      case "discard":
        return await announcements[action.type](ctx) ? {} : { text: ctx.text.stale };
      default:
        await display(ctx, chatUser, action);
        return {};
    }
  }

  return {
    async show(ctx) {
      const { text, keyboard } = await home(ctx);
      await answer(ctx, text, { keyboard });
    },

    async press(ctx, chatUser, action) {
      if (!await access.isAdmin(chatUser.userId)) {
        return { text: ctx.text.access.adminsOnly, isAlert: true };
      }
      return await carryOut(ctx, chatUser, action);
    },

    takeText: (ctx, chatUser, message) => announcements.take(ctx, chatUser, message),
    flush: () => announcements.flush(),
  };
}
