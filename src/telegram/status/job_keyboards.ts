/** What a job's two messages have that no other message has: the words under the result, the button under the status. */
import { InlineKeyboard } from "grammy";
import type { InlineKeyboardMarkup } from "grammy/types";
import { cut, textIn } from "../../i18n/mod.ts";
import { type Job } from "../../jobs/mod.ts";
import { type ButtonOf, writeButton } from "../buttons/mod.ts";

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
  const data = writeButton({ type: "cancel", jobId: job.id });
  return { inline_keyboard: [[{ text: cancel, callback_data: data }]] };
}

/** The keyboard of a delivered job. The same job always has the same one. */
export function resultKeyboard(job: Job): InlineKeyboard {
  const { buttons } = textIn(job.origin.language);
  const data = (verb: ButtonOf<"result">["verb"]) =>
    writeButton({ type: "result", verb, jobId: job.id });
  const keyboard = new InlineKeyboard();
  // Without chance the same words give the same picture.
  if (job.params.seed !== undefined) keyboard.text(buttons.again, data("again")).primary();
  keyboard.text(buttons.further, data("further")).row()
    .text(buttons.params, data("params"))
    .text(buttons.compare, data("compare")).row()
    .text(buttons.file, data("file"))
    .text(buttons.preset, data("preset")).row();
  if (job.rootId !== undefined) keyboard.text(buttons.original, data("original")).row();
  if (job.params.seed !== undefined) {
    const seed = String(job.params.seed);
    keyboard.copyText(buttons.seed({ seed }), seed);
  }
  return keyboard.text(buttons.delete, data("delete")).danger();
}
