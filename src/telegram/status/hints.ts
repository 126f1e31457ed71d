/**
 * What a user is told once, after a result, because nothing else would show it: that one can draw on a picture. Owns that it is
 * once: it is noted before it is said. In groups nothing is said, /help has it.
 */
import { getLogger } from "@logtape/logtape";
import type { Api } from "grammy";
import { textIn } from "../../i18n/mod.ts";
import { type Job } from "../../jobs/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import { speaksOfMarks } from "../../templates/tasks/mod.ts";
import { type ChatDeps } from "../api/mod.ts";

const log = getLogger(["bot", "telegram", "status"]);

export interface Hints {
  /** The job's result has arrived. Returns at once, never throws. */
  arrived(job: Job): void;
  /** Resolves when nothing is on its way. */
  flush(): Promise<unknown>;
}

export function createHints(
  { api, settings, templates }: Pick<ChatDeps, "settings" | "templates"> & { readonly api: Api },
): Hints {
  const underway = new Set<Promise<void>>();

  async function tell({ origin, template, promptText }: Job): Promise<void> {
    const { userId, chatId, isPrivate, language } = origin;
    if (!isPrivate || templates().get(template)?.marks === undefined) return;
    if ((await settings.user(userId)).knowsMarks) return;
    let isNew = false;
    await settings.changeUser(userId, (user) => {
      isNew = !user.knowsMarks;
      return { ...user, knowsMarks: true };
    });
    // A user who has drawn knows it.
    if (isNew && !speaksOfMarks(promptText)) {
      await api.sendMessage(chatId, textIn(language).marksHint);
    }
  }

  return {
    arrived(job) {
      const telling = tell(job)
        .catch((error) => log.info("Cannot give a hint: {error}", { error: messageOf(error) }))
        .finally(() => underway.delete(telling));
      underway.add(telling);
    },
    flush: () => Promise.allSettled(underway),
  };
}
