/**
 * The board: one status message a job, kept current until the job ends. Owns which text stands in it, how often it is
 * edited, and what its person reads when the job ends without a result.
 *
 * What is shown is folded from the queue and the latest event, never queued up: an edit that finds no room under
 * Telegram's limits is overtaken by the next one.
 */
import { getLogger } from "@logtape/logtape";
import { type Api, GrammyError } from "grammy";
import type { InlineKeyboardMarkup } from "grammy/types";
import { messageOf } from "../errors.ts";
import { isEnd, type Job, type JobEvent } from "../job.ts";
import type { JobQueue } from "../queue.ts";
import { textIn } from "../text.ts";
import type { ChatDeps } from "./context.ts";
import type { Pacer } from "./pacer.ts";

const log = getLogger(["bot", "telegram", "board"]);

/** The last thing that was shown of a job. */
interface Entry {
  event: JobEvent | undefined;
  messageId: number | undefined;
  shown: string;
  shownAt: number;
  /** The call that is under way; edits of one message never overtake each other. */
  busy: Promise<void> | undefined;
}

/** How often the board looks for something to show. */
const tickMs = 250;
/** Least time between two edits of a running job's message: in private, in a group. */
const progressMs = { private: 1_200, group: 6_000 };
/** Least time between two edits of a waiting job's message, and how much more for each place further back. */
const waitingMs = 5_000;
const waitingMsPerPlace = 500;

/** A wait that is not worth a number. */
const soonMs = 3_000;

export interface BoardDeps extends Pick<ChatDeps, "waitMs" | "reachable" | "now"> {
  readonly api: Api;
  readonly queue: JobQueue;
  readonly pacer: Pacer;
}

export interface Board {
  /** Shows a job that was just made, or that a former process left. */
  open(job: Job): void;
  /** Takes in what happens to it. */
  notify(job: Job, event: JobEvent): void;
  /** Takes the status message away: the result is there. Never throws. */
  clear(job: Job): Promise<void>;
  /** Says that the job failed or was cancelled, and settles it. */
  ended(job: Job): void;
  /** Resolves when no call is under way. */
  flush(): Promise<void>;
  /** Keeps the messages current until the signal aborts. */
  run(signal: AbortSignal): void;
}

/** A bar of ten blocks: `▓▓▓▓▓░░░░░`. */
function bar(fraction: number): string {
  const full = Math.round(fraction * 10);
  return "▓".repeat(full) + "░".repeat(10 - full);
}

/** The button that gives a job up; its press comes to `cancel_flow.ts`. */
export function cancelKeyboard(job: Job): InlineKeyboardMarkup {
  return {
    inline_keyboard: [[{
      text: textIn(job.origin.language).queue.cancel,
      callback_data: `x:${job.id}`,
    }]],
  };
}

/** Makes the board and takes up the jobs that a former process left. */
export function createBoard(deps: BoardDeps): Board {
  const { api, queue, pacer, now } = deps;
  const entries = new Map<string, Entry>();
  const calls = new Set<Promise<void>>();

  /** What the message should say now. */
  function textOf(job: Job, event: JobEvent | undefined): string {
    const text = textIn(job.origin.language);
    if (isEnd(job.state)) {
      return job.state === "cancelled"
        ? text.queue.cancelled
        : text.failed(job.failure ?? "execution");
    }
    if (job.state === "delivering") return text.queue.sending;
    if (event?.type === "stalled" && !deps.reachable()) return text.queue.stalled;
    const position = queue.position(job.id);
    if (position !== undefined) {
      const waitMs = deps.waitMs(position);
      if (position === 1 && (waitMs ?? 0) < soonMs) return text.queue.next;
      return text.queue.waiting({ position, waitMs: waitMs && calm(waitMs) });
    }
    if (event?.type !== "progress") return text.queue.next;
    if (event.fraction === 0) return text.queue.starting;
    return text.queue.progress({
      bar: bar(event.fraction),
      percent: Math.round(event.fraction * 100),
      step: event.step,
      leftMs: event.leftMs,
    });
  }

  /** One call at a time for each message; a failure is logged, not thrown. */
  function call(job: Job, entry: Entry, act: () => Promise<void>): Promise<void> {
    const busy = (entry.busy ?? Promise.resolve()).then(act).catch((error) =>
      log.warn("Cannot show job {jobId}: {error}", { jobId: job.id, error: messageOf(error) })
    ).finally(() => {
      calls.delete(busy);
      if (entry.busy === busy) entry.busy = undefined;
    });
    calls.add(busy);
    return entry.busy = busy;
  }

  async function send(job: Job, text: string): Promise<number> {
    const { chatId, messageId, threadId } = job.origin;
    const sent = await api.sendMessage(chatId, text, {
      reply_parameters: { message_id: messageId, allow_sending_without_reply: true },
      ...(threadId === undefined ? {} : { message_thread_id: threadId }),
      ...(isEnd(job.state) ? {} : { reply_markup: cancelKeyboard(job) }),
    });
    return sent.message_id;
  }

  async function edit(job: Job, entry: Entry, text: string): Promise<void> {
    if (entry.messageId === undefined) return;
    entry.shown = text;
    entry.shownAt = now();
    await api.editMessageText(job.origin.chatId, entry.messageId, text, {
      ...(isEnd(job.state) ? {} : { reply_markup: cancelKeyboard(job) }),
    });
  }

  function open(job: Job): void {
    if (entries.has(job.id)) return;
    const entry: Entry = {
      event: undefined,
      messageId: job.statusMessageId,
      shown: "",
      shownAt: 0,
      busy: undefined,
    };
    entries.set(job.id, entry);
    if (isEnd(job.state)) return ended(job);
    if (entry.messageId !== undefined) return;
    call(job, entry, async () => {
      // It may have come to its end while this call waited for its turn.
      const current = await queue.get(job.id);
      if (!current || current.state === "delivering" || isEnd(current.state)) return;
      const text = textOf(current, entry.event);
      entry.shown = text;
      entry.shownAt = now();
      entry.messageId = await send(current, text);
      await queue.update(job.id, { statusMessageId: entry.messageId });
    });
  }

  function ended(job: Job): void {
    const entry = entries.get(job.id) ??
      { event: undefined, messageId: job.statusMessageId, shown: "", shownAt: 0, busy: undefined };
    entries.delete(job.id);
    call(job, entry, async () => {
      const text = textOf(job, undefined);
      try {
        if (entry.messageId === undefined) await send(job, text);
        else await edit(job, entry, text);
      } catch (error) {
        if (!(error instanceof GrammyError)) throw error;
        // The status message is gone, or the person has blocked the bot.
        if (error.error_code === 400 && entry.messageId !== undefined) await send(job, text);
      }
      await queue.update(job.id, { settled: true });
    });
  }

  /** True where the message has stood long enough to be changed. */
  function isDue(job: Job, entry: Entry): boolean {
    const position = queue.position(job.id);
    const leastMs = position === undefined
      ? progressMs[job.origin.isPrivate ? "private" : "group"]
      : waitingMs + waitingMsPerPlace * position;
    const showsFirstStep = entry.event?.type === "progress" && entry.event.fraction > 0 &&
      entry.shownAt < (job.startedAt ?? 0);
    return showsFirstStep || now() - entry.shownAt >= leastMs;
  }

  function tick(): void {
    for (const job of queue.live()) {
      const entry = entries.get(job.id);
      if (!entry || entry.busy || entry.messageId === undefined || !isDue(job, entry)) continue;
      const text = textOf(job, entry.event);
      if (text === entry.shown || !pacer.hasRoomForProgress(job.origin.chatId)) continue;
      call(job, entry, () => edit(job, entry, text));
    }
  }

  for (const job of queue.unsettled()) open(job);

  return {
    open,
    notify(job, event) {
      const entry = entries.get(job.id);
      if (entry && event.type !== "preview") entry.event = event;
    },
    async clear(job) {
      const entry = entries.get(job.id);
      entries.delete(job.id);
      await entry?.busy;
      const messageId = entry?.messageId ?? job.statusMessageId;
      if (messageId === undefined) return;
      try {
        await api.deleteMessage(job.origin.chatId, messageId);
      } catch (error) {
        log.info("Cannot delete the status message of job {jobId}: {error}", {
          jobId: job.id,
          error: messageOf(error),
        });
      }
    },
    ended,
    async flush() {
      while (calls.size > 0) await Promise.allSettled(calls);
    },
    run(signal) {
      const timer = setInterval(tick, tickMs);
      signal.addEventListener("abort", () => clearInterval(timer), { once: true });
    },
  };
}

/** An expected time that does not flicker: in steps of 5 s, beyond two minutes of 30 s. */
function calm(ms: number): number {
  const step = ms < 120_000 ? 5_000 : 30_000;
  return Math.ceil(ms / step) * step;
}
