/**
 * Message drafts (Bot API 9.3; the Stop button 10): the state of a job as Telegram itself shows what a bot is busy with, in
 * private chats only. Owns which job of a chat has its one draft, when that must be shown again, and where Telegram does
 * not take drafts.
 *
 * A draft cannot be deleted: it vanishes when the bot sends any message to the chat, or after 30 s. Its id is the job's
 * `seq`, so that a restarted bot goes on with the same one, and that Telegram's Stop button names the job.
 */
import { getLogger } from "@logtape/logtape";
import { type Api, GrammyError, type Transformer } from "grammy";
import { type Job } from "../../jobs/mod.ts";
import { apiSignal, isTransient, refusalOf } from "../api/mod.ts";
import type { StatusView } from "./status_message.ts";

const log = getLogger(["bot", "telegram", "status"]);

export interface StatusDrafts extends StatusView {
  /** Sees which messages of the bot make a draft vanish. */
  readonly transformer: Transformer;
  /** True where the job can have its chat's draft: Telegram takes it, and no other job has it. */
  isFree(job: Job): boolean;
  /** True where the job has its chat's draft and the draft can no longer be seen. */
  hasVanished(job: Job): boolean;
}

/** A chat's draft. */
interface Shown {
  readonly jobId: string;
  /** Undefined where it has vanished, or where its text is unknown. */
  text: string | undefined;
  /** When it was shown. */
  at: number;
}

/** A draft stands for 30 s (Bot API documentation of sendMessageDraft): refreshed well before. */
const refreshMs = 20_000;

/** Makes the view; every chat is thought to take drafts until one is refused. */
export function createStatusDrafts(
  { api, now }: { readonly api: Api; readonly now: () => number },
): StatusDrafts {
  const chats = new Map<number, Shown>();
  const refusedBy = new Set<number>();
  let isKnown = true;

  /** Remembers where drafts are of no use: a server that is too old, or one chat. */
  function refuse(error: GrammyError, chatId: number): void {
    const { description } = error;
    if (refusalOf(error)?.kind === "method") isKnown = false;
    else refusedBy.add(chatId);
    log.info(
      "Telegram does not accept message drafts ({description}): edited messages from now on",
      {
        description,
      },
    );
  }

  return {
    isFree: ({ id, origin: { chatId, isPrivate } }) =>
      isPrivate && isKnown && !refusedBy.has(chatId) && (chats.get(chatId)?.jobId ?? id) === id,

    hasVanished({ id, origin: { chatId } }) {
      const shown = chats.get(chatId);
      return shown?.jobId === id && shown.text === undefined;
    },

    async show(job, { text }, signal) {
      const { chatId, threadId } = job.origin;
      const shown: Shown = chats.get(chatId) ?? { jobId: job.id, text: undefined, at: 0 };
      if (shown.text === text && now() - shown.at < refreshMs) return true;
      // A message that is sent meanwhile leaves the text undefined: which of the two came first is unknown.
      signal.throwIfAborted();
      const pending: Shown = { jobId: job.id, text, at: now() };
      chats.set(chatId, pending);
      try {
        await api.sendMessageDraft(chatId, job.seq, text, {
          can_stop: true,
          ...(threadId === undefined ? {} : { message_thread_id: threadId }),
        }, apiSignal(signal));
        return true;
      } catch (error) {
        pending.text = undefined;
        if (!(error instanceof GrammyError) || isTransient(error)) throw error;
        chats.delete(chatId);
        refuse(error, chatId);
        return false;
      }
    },

    remove({ id, origin: { chatId } }) {
      if (chats.get(chatId)?.jobId === id) chats.delete(chatId);
      return Promise.resolve();
    },

    transformer: async (prev, method, payload, signal) => {
      const answer = await prev(method, payload, signal);
      if (answer.ok && takesDraftAway(method) && "chat_id" in payload) {
        const shown = chats.get(Number(payload.chat_id));
        if (shown) shown.text = undefined;
      }
      return answer;
    },
  };
}

function takesDraftAway(method: string): boolean {
  return /^(send|copy|forward)/.test(method) && !/Draft$|^sendChatAction$/.test(method);
}
