/**
 * /forget: deletes everything that is kept of a user, and says what was deleted. Owns the question and its answer. Does not
 * know where the records are.
 */
import { InlineKeyboard } from "grammy";
import { type ChatUser, isEnd, resultFilesOf } from "../../jobs/mod.ts";
import { answer, type BotContext, type ChatDeps, type PressAnswer } from "../api/mod.ts";
import { type ButtonOf, writeButton } from "../buttons/mod.ts";
import { type StatusUpdater } from "../status/mod.ts";

export async function askForget(
  ctx: BotContext,
  chatUser: ChatUser,
  { queue }: ChatDeps,
): Promise<void> {
  const { userId } = chatUser;
  const data = (isConfirmed: boolean) => writeButton({ type: "forget", userId, isConfirmed });
  await answer(ctx, ctx.text.forget.ask({ jobs: queue.live(userId).length }), {
    keyboard: new InlineKeyboard()
      .text(ctx.text.forget.yes, data(true)).danger()
      .text(ctx.text.forget.no, data(false)),
  });
}

/** Does what yes or no asks for. */
export async function pressForget(
  ctx: BotContext,
  chatUser: ChatUser,
  { isConfirmed }: ButtonOf<"forget">,
  { queue, settings, storage, statusUpdater }: ChatDeps & { readonly statusUpdater: StatusUpdater },
): Promise<PressAnswer> {
  if (!isConfirmed) {
    await ctx.editMessageText(ctx.text.forget.kept);
    return {};
  }
  for (const job of queue.live(chatUser.userId)) {
    const cancelled = await queue.cancel(job.id);
    if (cancelled.type === "cancelled") statusUpdater.ended(cancelled.job);
  }
  await statusUpdater.flush();
  const { presets } = ctx.user;
  const drafts = await settings.forget(chatUser.userId);
  const jobs = await queue.forget(chatUser.userId);
  let files = 0;
  for (const draft of drafts) {
    if (draft.kind !== "pictures") continue;
    for (const { file } of draft.pictures) {
      await storage.removeInput(file);
      files++;
    }
  }
  for (const job of jobs.filter(({ state }) => isEnd(state))) {
    for (const file of resultFilesOf(job)) {
      await storage.removeResult(file);
      files++;
    }
  }
  await ctx.editMessageText(
    ctx.text.forget.done({ jobs: jobs.length, files, presets: presets.length }),
  );
  return {};
}
