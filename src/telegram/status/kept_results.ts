/**
 * Results that Telegram did not accept when they were ready. They are kept with the job's record for as long as their files
 * are (`storage.cleanup_after_hours`). Owns how the user gets them: they are sent when the user writes again, offered where they
 * belong to another chat, and each has a button under /status. Does not know how a result is sent.
 */
import { getLogger } from "@logtape/logtape";
import { InlineKeyboard } from "grammy";
import { cut } from "../../i18n/mod.ts";
import { type ChatUser, isKept, type Job, resultFilesOf } from "../../jobs/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import { type Delivery, type NoteSending } from "../../worker/mod.ts";
import { answer, type BotContext, type ChatDeps, type PressAnswer } from "../api/mod.ts";
import { type ButtonOf, writeButton } from "../buttons/mod.ts";
import type { ResultToSend } from "./delivery.ts";
import type { Place } from "./result_form.ts";
import { wordsInList } from "./status_text.ts";

const log = getLogger(["bot", "telegram", "status"]);

export interface KeptResults {
  /** The user's kept results that may be shown in this chat: those asked for here, in their private chat all. */
  of(ctx: BotContext, chatUser: ChatUser): Promise<readonly Job[]>;
  /** The user has written: what is kept for them is sent or offered. Resolves when it is, or cannot be; never rejects. */
  welcome(ctx: BotContext, chatUser: ChatUser): Promise<void>;
  /** Sends the one that the button is of. */
  press(
    ctx: BotContext,
    chatUser: ChatUser,
    button: ButtonOf<"kept_result">,
  ): Promise<PressAnswer>;
  /** Resolves when nothing is on its way. */
  flush(): Promise<void>;
}

export interface KeptResultsDeps extends Pick<ChatDeps, "queue" | "storage" | "config" | "now"> {
  /** As a Messenger's, to the given places and no others. */
  readonly deliver: (result: ResultToSend, places: readonly Place[]) => Promise<Delivery>;
}

type Fetched = "sent" | "busy" | "refused" | "too_large" | "gone";

/** Most that one message offers. */
const maxOffered = 10;

/** A button for each, with its words. */
export function keptKeyboard(ctx: BotContext, jobs: readonly Job[]): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  for (const { id, promptText } of jobs.slice(0, maxOffered)) {
    const label = ctx.text.kept.get({ words: cut(promptText, wordsInList) });
    keyboard.text(label, writeButton({ type: "kept_result", jobId: id })).row();
  }
  return keyboard;
}

/** Where it is sent the whole chat sees it, so an ephemeral answer counts as any other. */
function isOf({ chat }: BotContext, { origin }: Job): boolean {
  return chat?.type === "private" || origin.chatId === chat?.id;
}

export function createKeptResults(deps: KeptResultsDeps): KeptResults {
  const { queue, storage, config, deliver, now } = deps;
  /** Jobs whose result is being sent: a second press sends no second one. */
  const sending = new Set<string>();
  const underway = new Set<Promise<void>>();

  /** Sends one, as a reply where it was asked for in that chat; where its file is gone, it is kept no longer. */
  async function send(job: Job, place: Omit<Place, "replyTo">): Promise<Fetched> {
    if (sending.has(job.id)) return "busy";
    sending.add(job.id);
    try {
      const known = await queue.get(job.id);
      if (!known || !isKept(known)) return "gone";
      const bytes = await storage.readResult(known.resultFile ?? "");
      if (!bytes) {
        await queue.update(known.id, { resultFile: undefined });
        return "gone";
      }
      const note: NoteSending = (progress) => queue.update(known.id, progress);
      const toSend = { job: known, result: bytes, note, read: storage.readResult };
      const isAtOrigin = place.chatId === known.origin.chatId;
      const replyTo = isAtOrigin && known.origin.messageId || undefined;
      const outcome = await deliver(toSend, [{ ...place, replyTo }]);
      if (outcome.type === "kept") return outcome.reason === "form" ? "too_large" : "refused";
      const { delivered } = outcome;
      const ended = { state: "done", album: undefined } as const;
      await queue.update(known.id, { ...ended, delivered, failure: undefined, error: undefined });
      log.info("Job {jobId} is delivered after all", { jobId: known.id });
      if (!config().storage.keepResults) {
        for (const file of resultFilesOf(known)) await storage.removeResult(file);
      }
      return "sent";
    } finally {
      sending.delete(job.id);
    }
  }

  async function of(ctx: BotContext, chatUser: ChatUser): Promise<readonly Job[]> {
    return (await queue.kept(chatUser.userId)).filter((job) => isOf(ctx, job));
  }

  async function sendOrOffer(ctx: BotContext, chatUser: ChatUser): Promise<void> {
    const kept = await of(ctx, chatUser);
    const isTheirs = ({ origin }: Job) => origin.isPrivate && origin.chatId === chatUser.chatId;
    for (const job of kept.filter((job) => job.kept !== "form" && isTheirs(job))) {
      await send(job, { chatId: chatUser.chatId });
    }
    const offered = kept.filter((job) =>
      job.kept !== "form" && !isTheirs(job) && job.offeredAt === undefined
    ).slice(0, maxOffered);
    if (offered.length === 0) return;
    const text = ctx.text.kept.offer({ jobs: offered.length });
    await answer(ctx, text, { keyboard: keptKeyboard(ctx, offered) });
    for (const { id } of offered) await queue.update(id, { offeredAt: now() });
  }

  return {
    of,
    welcome(ctx, chatUser) {
      const done = sendOrOffer(ctx, chatUser).catch((error) =>
        log.warn("Cannot send {userId} their kept results: {error}", {
          userId: chatUser.userId,
          error: messageOf(error),
        })
      ).finally(() => underway.delete(done));
      underway.add(done);
      return done;
    },
    async press(ctx, chatUser, { jobId }) {
      const job = await queue.get(jobId);
      const { kept: text } = ctx.text;
      if (!job || !isKept(job)) return { text: text.gone };
      if (job.origin.userId !== chatUser.userId) return { text: ctx.text.notYours, isAlert: true };
      if (!isOf(ctx, job)) return { text: ctx.text.stale };
      const fetched = await send(job, {
        chatId: chatUser.chatId,
        threadId: ctx.msg?.is_topic_message ? ctx.msg.message_thread_id : undefined,
      });
      const said = {
        sent: undefined,
        busy: undefined,
        refused: text.refused,
        too_large: text.tooLarge,
        gone: text.gone,
      }[fetched];
      return said === undefined ? {} : { text: said, isAlert: true };
    },
    async flush() {
      await Promise.allSettled(underway);
    },
  };
}
