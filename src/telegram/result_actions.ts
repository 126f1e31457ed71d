/**
 * The buttons under a result. They work for as long as the job's record is kept, over restarts, for the job's user alone:
 * everything they need is in the record. Owns what each does. Does not know the keyboard.
 */
import { GrammyError, type InlineKeyboard, InputFile } from "grammy";
import { cut } from "../i18n/mod.ts";
import { type Drawing } from "../images/drawing/mod.ts";
import { extensionOf, withoutMetadata } from "../images/mod.ts";
import { type ChatUser, isKept, type Job, resultFilesOf } from "../jobs/mod.ts";
import { specsOf, takesWords } from "../templates/mod.ts";
import { maxOwnPresets } from "../users/mod.ts";
import { answer, type BotContext, type ChatDeps, type PressAnswer, refusalOf } from "./api/mod.ts";
import { type ButtonOf, readButton } from "./buttons/mod.ts";
import {
  type ImageFetcher,
  type Intake,
  isUnderway,
  jobIdOf,
  maxSeeds,
  rerunJob,
  rootOf,
  seedsOf,
  type Source,
} from "./intake/mod.ts";
import { cutOut, makeableOf, makeBigger, reframe } from "./result_tasks.ts";
import { type SettingsMenu } from "./settings/mod.ts";
import { moreKeyboard, type NumberButton, numberKeyboard, resultKeyboard } from "./status/mod.ts";

/** A preset's words are cut here: all of a user's presets lie in one record. */
const maxPresetWords = 800;

export interface ResultButtonDeps extends ChatDeps {
  readonly intake: Intake;
  readonly imageFetcher: ImageFetcher;
  readonly settingsMenu: SettingsMenu;
  readonly drawing: Drawing;
}

/** Does what one of them asks for. */
export async function pressResult(
  ctx: BotContext,
  chatUser: ChatUser,
  button: ButtonOf<"result" | "bigger" | "format">,
  deps: ResultButtonDeps,
): Promise<PressAnswer> {
  const job = await deps.queue.get(button.jobId);
  // A press may come before it is noted that the result has arrived, also one that was kept.
  if (!job || !job.delivered && job.state !== "delivering" && !isKept(job)) {
    return { text: ctx.text.stale };
  }
  if (job.origin.userId !== chatUser.userId) return { text: ctx.text.notYours, isAlert: true };
  if (button.type === "bigger") return await makeBigger(ctx, chatUser, job, button.factor, deps);
  if (button.type === "format") return await reframe(ctx, chatUser, job, button.format, deps);
  const { verb } = button;
  switch (verb) {
    case "more":
      await turnTo(ctx, job, moreKeyboard(job, await makeableOf(ctx, job, deps)));
      return {};
    case "cutout":
      return await cutOut(ctx, chatUser, job, deps);
    case "back":
      await turnTo(ctx, job, resultKeyboard(job));
      return {};
    case "again":
    case "four": {
      const template = deps.templates().get(job.template);
      if (template && seedsOf(specsOf(template)).length === 0) {
        return { text: ctx.text.noSeed, isAlert: true };
      }
      if (isUnderway(ctx, chatUser, deps.queue)) return { text: ctx.text.underway };
      await rerunJob(ctx, chatUser, job, deps, {
        id: jobIdOf(ctx),
        n: verb === "four" ? maxSeeds : 1,
      });
      return {};
    }
    case "further":
      return await deps.intake.ask(ctx, chatUser, {
        sources: () => Promise.resolve([{ type: "result", job }]),
        rootId: rootOf(job),
      });
    case "original": {
      const root = await deps.queue.get(rootOf(job)) ?? job;
      return await deps.intake.ask(ctx, chatUser, {
        sources: () => deps.imageFetcher.sourcesOf(root.pictures),
        rootId: rootOf(job),
      });
    }
    case "params":
      await deps.settingsMenu.showForJob(ctx, chatUser, job);
      return {};
    case "file":
      await sendFile(ctx, job, deps);
      return {};
    case "compare":
      await compare(ctx, job, deps);
      return {};
    case "preset":
      return await savePreset(ctx, chatUser, job, deps);
    case "delete":
      return await deleteResult(ctx, job, deps);
    default:
      return verb satisfies never;
  }
}

function replyTo({ msgId = 0 }: BotContext, job: Job) {
  return { message_id: pictureOf(job) ?? msgId, allow_sending_without_reply: true };
}

/** Chooses one of a batch's results: its buttons come under the numbers. */
export async function pressPick(
  ctx: BotContext,
  chatUser: ChatUser,
  { jobId }: ButtonOf<"pick">,
  { queue }: ResultButtonDeps,
): Promise<PressAnswer> {
  const job = await queue.get(jobId);
  if (!job?.delivered || !job.batch) return { text: ctx.text.stale };
  if (job.origin.userId !== chatUser.userId) return { text: ctx.text.notYours, isAlert: true };
  const { index, of } = job.batch;
  const text = ctx.text.batch.chosen({ number: index + 1, of });
  const keyboard = numberKeyboard(numbersUnder(ctx), job);
  return { show: () => ctx.editMessageText(text, { reply_markup: keyboard }) };
}

/** Shows a page of a result's buttons; under the numbers of a batch these stay. */
async function turnTo(ctx: BotContext, job: Job, page: InlineKeyboard): Promise<void> {
  const numbers = numbersUnder(ctx);
  const keyboard = numbers.length > 0 ? numberKeyboard(numbers, job, page) : page;
  await ctx.editMessageReplyMarkup({ reply_markup: keyboard });
}

/** The numbers under the message that was pressed. */
function numbersUnder({ callbackQuery }: BotContext): readonly NumberButton[] {
  const message = callbackQuery?.message;
  const rows = message && "reply_markup" in message && message.reply_markup?.inline_keyboard || [];
  return rows.flat().flatMap((each) => {
    const button = "callback_data" in each ? readButton(each.callback_data ?? "") : undefined;
    const text = each.text.replaceAll(/\D/g, "");
    return button?.type === "pick" ? [{ text, jobId: button.jobId }] : [];
  });
}

/** The message that shows the job's result, where that is not the one with its buttons. */
function pictureOf({ batch, delivered }: Job): number | undefined {
  return batch && (delivered?.album?.[0]?.id ?? delivered?.messageId);
}

/** The lossless files: from the disk, or as Telegram has the only one from an earlier time. */
async function sendFile(ctx: BotContext, job: Job, { queue, storage, config }: ResultButtonDeps) {
  const reply = {
    reply_parameters: replyTo(ctx, job),
    disable_content_type_detection: true,
  };
  const known = job.isShrunk ? undefined : job.delivered?.documentFileId;
  if (known !== undefined) return void await ctx.replyWithDocument(known, reply);
  const files = resultFilesOf(job);
  let sent = 0;
  for (const file of files) {
    const kept = await storage.readResult(file);
    if (!kept) continue;
    sent++;
    const bytes = config().image.keepMetadata ? kept : withoutMetadata(kept);
    const number = files.length > 1 ? `_${files.indexOf(file) + 1}` : "";
    const name = `image-edit-${job.id}${number}.${extensionOf(bytes)}`;
    try {
      const { document } = await ctx.replyWithDocument(new InputFile(bytes, name), reply);
      if (files.length === 1 && document && job.delivered) {
        const delivered = { ...job.delivered, documentFileId: document.file_id };
        await queue.update(job.id, { delivered });
      }
    } catch (error) {
      if (refusalOf(error)?.kind !== "form") throw error;
      await answer(ctx, ctx.text.fileTooLarge);
    }
  }
  if (sent === 0) await answer(ctx, ctx.text.fileGone);
}

/** Takes the message away, or its buttons where Telegram deletes it no more (after 48 hours), and the file with it. */
async function deleteResult(
  ctx: BotContext,
  job: Job,
  { storage }: ResultButtonDeps,
): Promise<PressAnswer> {
  for (const file of resultFilesOf(job)) await storage.removeResult(file);
  const pictures = job.delivered?.album?.map(({ id }) => id) ?? [pictureOf(job) ?? 0];
  const others = numbersUnder(ctx).filter(({ jobId }) => jobId !== job.id);
  if (others.length > 0) {
    await deleteAlbum(ctx, pictures);
    await ctx.editMessageText(ctx.text.batch.which, { reply_markup: numberKeyboard(others) });
    return {};
  }
  let said: PressAnswer = {};
  try {
    await ctx.deleteMessage();
  } catch (error) {
    if (!(error instanceof GrammyError) || refusalOf(error)?.kind !== "other") throw error;
    if (!/not found/i.test(error.description)) {
      await ctx.editMessageReplyMarkup();
      said = { text: ctx.text.cannotDelete, isAlert: true };
    }
  }
  await deleteAlbum(ctx, pictures.filter((id) => id !== 0 && id !== ctx.msgId));
  return said;
}

/** Of messages that Telegram deletes no more nothing is said here: that of the buttons tells. */
async function deleteAlbum(ctx: BotContext, ids: readonly number[]): Promise<void> {
  const maxAtOnce = 100;
  for (let at = 0; at < ids.length; at += maxAtOnce) {
    await ctx.deleteMessages(ids.slice(at, at + maxAtOnce)).catch((error) => {
      if (refusalOf(error)?.kind !== "other") throw error;
    });
  }
}

/** The source and the result in one picture. */
async function compare(
  ctx: BotContext,
  job: Job,
  { imageFetcher, storage, drawing }: ResultButtonDeps,
) {
  const sources: readonly Source[] = [...await imageFetcher.sourcesOf(job.pictures), {
    type: "result",
    job,
  }];
  const pictures = await imageFetcher.fetch(ctx, [sources[0]!, sources.at(-1)!], 2);
  if (!pictures) return;
  try {
    const both = await drawing.compare(async () => {
      const [before, after] = await Promise.all(
        pictures.map(({ file }) => storage.readInput(file)),
      );
      return before && after && [before, after];
    });
    if (!both) return await answer(ctx, ctx.text.cannotCompare);
    await ctx.replyWithPhoto(new InputFile(both, "before-after.jpg"), {
      caption: ctx.text.compared,
      reply_parameters: replyTo(ctx, job),
    });
  } finally {
    await imageFetcher.remove(pictures);
  }
}

/** Saves the words and the explicit parameters as a preset, for a tap under another picture. */
async function savePreset(
  ctx: BotContext,
  chatUser: ChatUser,
  job: Job,
  { settings, templates }: ResultButtonDeps,
): Promise<PressAnswer> {
  const template = templates().get(job.template);
  const hasWords = job.format === undefined && job.task === undefined &&
    (!template || takesWords(template));
  if (!hasWords) return { text: ctx.text.noWordsToSave, isAlert: true };
  const params = Object.fromEntries(
    Object.entries(job.params).filter(([name]) => job.given.includes(name)),
  );
  await settings.changeUser(chatUser.userId, (user) => ({
    ...user,
    presets: [
      ...user.presets.filter(({ id }) => id !== job.id),
      {
        id: job.id,
        words: cut(job.promptText, maxPresetWords),
        params,
        chatId: chatUser.chatId,
      },
    ].slice(-maxOwnPresets),
  }));
  return { text: ctx.text.presetSaved, isAlert: true };
}
