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
  const text = textIn(job.origin.language);
  const { head, tail } = text.result({
    words: job.promptText,
    seed: seed === undefined ? undefined : String(seed),
    steps: typeof steps === "number" ? steps : undefined,
    ms: (job.renderedAt ?? 0) - (job.startedAt ?? job.submittedAt ?? 0),
  });
  const foot = job.isShrunk ? `${tail}\n${text.shrunk}` : tail;
  return `${cut(head, maxCaption - foot.length - 2)}\n\n${foot}`;
}

/** Of how many files an album has those from … to …, counted from 1. */
export interface AlbumRange {
  readonly from: number;
  readonly to: number;
  readonly of: number;
}

/** The caption of the first picture of an album; where there are several albums, each after the first says which it is. */
export function albumCaption(job: Job, range?: AlbumRange): string {
  const caption = resultCaption(job);
  if (!range || range.from === 1) return caption;
  return cut(`${range.from}–${range.to} / ${range.of}\n\n${caption}`, maxCaption);
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
    .text(buttons.preset, data("preset")).row()
    .text(buttons.more, data("more"));
  return keyboard.text(buttons.delete, data("delete")).danger();
}

/** What can be made of a result besides: it is looked up when the page is opened, for it is not always the same. */
export interface Makeable {
  /** How many times larger. */
  readonly factors: readonly number[];
}

/** The second page of the same keyboard. */
export function moreKeyboard(job: Job, { factors }: Makeable): InlineKeyboard {
  const { buttons } = textIn(job.origin.language);
  const { id: jobId } = job;
  const data = (verb: ButtonOf<"result">["verb"]) => writeButton({ type: "result", verb, jobId });
  const keyboard = new InlineKeyboard();
  for (const factor of factors) {
    keyboard.text(`🔍 ${factor}×`, writeButton({ type: "bigger", factor, jobId }));
  }
  keyboard.row();
  if (job.rootId !== undefined) keyboard.text(buttons.original, data("original"));
  if (job.params.seed !== undefined) {
    const seed = String(job.params.seed);
    keyboard.copyText(buttons.seed({ seed }), seed);
  }
  return keyboard.row().text(buttons.back, data("back"));
}
