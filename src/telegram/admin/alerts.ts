/**
 * Alerts to admins: at once, then at most one in 15 minutes for each cause, with a count.
 * Owns what is said of failed jobs and of a ComfyUI that is away; which failures are the owner's business is
 * jobs/failure_watch.ts's.
 */
import { getLogger } from "@logtape/logtape";
import { cut, type Text, textIn } from "../../i18n/mod.ts";
import { type JobQueue, watchFailures } from "../../jobs/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import { type AlertThrottleDeps, createAlertThrottle, type Tell } from "../../monitoring/mod.ts";

import type { Api } from "grammy";
import type { InlineKeyboardMarkup } from "grammy/types";

import { languageOf } from "../../users/mod.ts";

import { type ChatDeps } from "../api/mod.ts";

const log = getLogger(["bot", "telegram", "admin"]);

type Sentence = (text: Text) => string;

export interface AdminAlerts {
  /** Tells the admins of trouble with that cause, each in their language. Returns at once, never throws. */
  readonly tellTrouble: Tell<Sentence>;
  /** Tells them that a backend went away, or that it is back. Returns at once, never throws. */
  tellReachable(name: string, isReachable: boolean): void;
}

export interface AdminAlertsDeps extends Pick<AlertThrottleDeps<Sentence>, "wait"> {
  readonly tellAdmins: TellAdmins;
  readonly queue: Pick<JobQueue, "listen">;
}

/** Watches the queue from now on. When `signal` aborts, what was only counted by then is dropped. */
export function createAdminAlerts(
  { tellAdmins, queue, ...clock }: AdminAlertsDeps,
  signal: AbortSignal,
): AdminAlerts {
  const tellTrouble = createAlertThrottle<Sentence>({
    ...clock,
    send(sentence, count) {
      tellAdmins((text) =>
        count === 1 ? sentence(text) : text.notices.repeated({ count, notice: sentence(text) })
      ).catch((error) =>
        log.warn("Cannot notify the admins: {error}", { error: messageOf(error) })
      );
    },
  }, signal);

  watchFailures(queue, ({ cause, reason, error }) => {
    tellTrouble(
      cause,
      ({ notices }) => notices.jobFailed({ reason: notices.reasons[reason], error }),
    );
  }, signal);

  return {
    tellTrouble,
    tellReachable(name, isReachable) {
      const cause = `${isReachable ? "back" : "away"}:${name}`;
      tellTrouble(cause, ({ notices }) => notices[isReachable ? "back" : "away"]({ name }));
    },
  };
}

/** Less than the 4096 characters of a message (Bot API). */
export const maxText = 4000;

/** Sends it to all admins. Rejects where the store cannot be read. */
export type TellAdmins = (
  sentence: (text: Text) => string,
  keyboard?: InlineKeyboardMarkup,
) => Promise<void>;

export function createTellAdmins(
  { api, access, settings }: Pick<ChatDeps, "access" | "settings"> & { readonly api: Api },
): TellAdmins {
  return async (sentence, keyboard) => {
    const markup = keyboard ? { reply_markup: keyboard } : {};
    for (const admin of await access.admins()) {
      const text = textIn(languageOf(await settings.user(admin)));
      await api.sendMessage(admin, cut(sentence(text), maxText), markup).catch(
        (error) => log.warn("Cannot notify {admin}: {error}", { admin, error: messageOf(error) }),
      );
    }
  };
}
