/** What a job's messages have that no other message has: the words under the result, the buttons under it and under the status. */
import { InlineKeyboard } from "grammy";
import type { InlineKeyboardMarkup } from "grammy/types";
import { cut, textIn } from "../../i18n/mod.ts";
import { jobIdOf } from "../../images/mod.ts";
import { albumOf, type Batch, batchJobId, type Format, type Job } from "../../jobs/mod.ts";
import { type ButtonOf, writeButton } from "../buttons/mod.ts";

/** Most UTF-16 units of a caption (Bot API documentation of sendPhoto). */
const maxCaption = 1024;

/** The caption of a delivered job. The same job always has the same one. */
export function resultCaption(job: Job): string {
  const { batch, params: { seed } } = job;
  return captionOf(job, {
    numbers: batch && `${batch.index + 1} / ${batch.of}`,
    seed: seed === undefined ? undefined : String(seed),
    ms: (job.renderedAt ?? 0) - (job.startedAt ?? job.submittedAt ?? 0),
  });
}

/** What stands under the words, beside the steps. */
interface Foot {
  readonly numbers: string | undefined;
  readonly seed: string | undefined;
  readonly ms: number | undefined;
}

function captionOf(job: Job, foot: Foot): string {
  const { steps } = job.params;
  const text = textIn(job.origin.language);
  const { head, tail: told } = text.result({
    words: job.promptText,
    steps: typeof steps === "number" ? steps : undefined,
    ...foot,
  });
  const tail = [foot.numbers, told].filter((part) => part).join(" · ");
  const end = job.isShrunk ? `${tail}\n${text.shrunk}` : tail;
  return `${cut(head, maxCaption - end.length - 2)}\n\n${end}`;
}

/** Of how many files an album has those from … to …, counted from 1. */
export interface AlbumRange {
  readonly from: number;
  readonly to: number;
  readonly of: number;
}

/**
 * The caption of the first picture of an album; where there are several albums, each after the first says which it is. That of
 * a batch says which of its jobs are in it.
 */
export function albumCaption(job: Job, range?: AlbumRange): string {
  const caption = job.batch ? batchCaption(job, job.batch) : resultCaption(job);
  if (!range || range.from === 1) return caption;
  return cut(`${range.from}–${range.to} / ${range.of}\n\n${caption}`, maxCaption);
}

function batchCaption(job: Job, batch: Batch): string {
  const { from, to } = albumOf(batch);
  return captionOf(job, {
    numbers: `${from}–${to} / ${batch.of}`,
    seed: undefined,
    ms: undefined,
  });
}

/** The button under the status of a living job, or batch; its press comes to `pressCancel`. */
export function cancelKeyboard(job: Job): InlineKeyboardMarkup {
  const text = textIn(job.origin.language);
  const { cancel } = job.batch ? text.batch : text.queue;
  const data = writeButton({ type: "cancel", jobId: job.id });
  return { inline_keyboard: [[{ text: cancel, callback_data: data }]] };
}

/** The keyboard after an album: what may be done with all of it, or of a batch which of its results that is to be. */
export function albumKeyboard(job: Job): InlineKeyboard {
  const { batch, album } = job;
  if (!batch) return resultKeyboard(job);
  const { from, to } = albumOf(batch);
  const there = new Set(album?.items.map(({ file }) => jobIdOf(file)));
  const ids = Array.from({ length: to - from + 1 }, (_, i) => batchJobId(batch.id, from - 1 + i));
  return numberKeyboard(
    ids.flatMap((jobId, i) => there.has(jobId) ? [{ text: String(from + i), jobId }] : []),
  );
}

/** A result of a batch, on its button. */
export interface NumberButton {
  readonly text: string;
  readonly jobId: string;
}

/** The numbers of results, five in a row; the chosen one is marked, and what may be done with it, `page`, stands below. */
export function numberKeyboard(
  numbers: readonly NumberButton[],
  chosen?: Job,
  page?: InlineKeyboard,
): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  for (const [i, { text, jobId }] of numbers.entries()) {
    const label = jobId === chosen?.id ? `• ${text} •` : text;
    keyboard.text(label, writeButton({ type: "pick", jobId }));
    if (i % 5 === 4) keyboard.row();
  }
  return chosen ? keyboard.row().append(page ?? resultKeyboard(chosen)) : keyboard;
}

/** The keyboard of a delivered job. The same job always has the same one. */
export function resultKeyboard(job: Job): InlineKeyboard {
  const { buttons } = textIn(job.origin.language);
  const data = (verb: ButtonOf<"result">["verb"]) =>
    writeButton({ type: "result", verb, jobId: job.id });
  const keyboard = new InlineKeyboard();
  // Without chance the same words give the same picture.
  const hasSeed = job.params.seed !== undefined;
  if (hasSeed) {
    keyboard.text(buttons.again, data("again")).primary()
      .text(buttons.four, data("four"))
      .text(buttons.file, data("file")).row();
  }
  keyboard.text(buttons.further, data("further"))
    .text(buttons.params, data("params")).row()
    .text(buttons.compare, data("compare"));
  // What was done without words is no idea.
  if (job.task === undefined && job.format === undefined) {
    keyboard.text(buttons.preset, data("preset"));
  }
  keyboard.row();
  if (!hasSeed) keyboard.text(buttons.file, data("file"));
  return keyboard.text(buttons.more, data("more"))
    .text(buttons.delete, data("delete")).danger();
}

/** What can be made of a result besides: it is looked up when the page is opened, for it is not always the same. */
export interface Makeable {
  /** How many times larger. */
  readonly factors: readonly number[];
  readonly formats: readonly Format[];
  /** Without its background. */
  readonly isCutOut: boolean;
}

/** The second page of the same keyboard. */
export function moreKeyboard(job: Job, { factors, formats, isCutOut }: Makeable): InlineKeyboard {
  const { buttons } = textIn(job.origin.language);
  const { id: jobId } = job;
  const data = (verb: ButtonOf<"result">["verb"]) => writeButton({ type: "result", verb, jobId });
  const keyboard = new InlineKeyboard();
  for (const factor of factors) {
    keyboard.text(`🔍 ${factor}×`, writeButton({ type: "bigger", factor, jobId }));
  }
  if (isCutOut) keyboard.text(buttons.cutout, data("cutout"));
  keyboard.row();
  for (const format of formats) {
    keyboard.text(format, writeButton({ type: "format", format, jobId }));
  }
  keyboard.row();
  if (job.rootId !== undefined) keyboard.text(buttons.original, data("original"));
  if (job.params.seed !== undefined) {
    const seed = String(job.params.seed);
    keyboard.copyText(buttons.seed({ seed }), seed);
  }
  return keyboard.row().text(buttons.back, data("back"));
}
