/** What a job's two messages have that no other message has: the words under the result, the button under the status. */
import type { InlineKeyboardMarkup } from "grammy/types";
import type { Job } from "../../jobs/job.ts";
import { cut, textIn } from "../../i18n/text.ts";

/** Most UTF-16 units of a caption (Bot API documentation of sendPhoto). */
const maxCaption = 1024;

/** The caption of a delivered job. The same job always has the same one. */
export function resultCaption(job: Job): string {
  const { seed, steps } = job.params;
  const { head, tail } = textIn(job.origin.language).result({
    words: job.promptText,
    seed: seed === undefined ? undefined : String(seed),
    steps: typeof steps === "number" ? steps : undefined,
    ms: (job.renderedAt ?? 0) - (job.startedAt ?? job.submittedAt ?? 0),
  });
  return `${cut(head, maxCaption - tail.length - 2)}\n\n${tail}`;
}

/** The button under a living job's status; its press comes to `pressCancel`. */
export function cancelKeyboard(job: Job): InlineKeyboardMarkup {
  const { cancel } = textIn(job.origin.language).queue;
  return { inline_keyboard: [[{ text: cancel, callback_data: `x:${job.id}` }]] };
}
