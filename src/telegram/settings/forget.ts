/**
 * /forget: everything that is kept of a person goes, and it is said what went. Callback data is `f:<owner>:yes` or `no`.
 */
import { InlineKeyboard } from "grammy";
import type { Seat } from "../../jobs/job.ts";
import { isEnd } from "../../jobs/job.ts";
import { answer, type BotContext, type ChatDeps } from "../api/context.ts";
import type { Board } from "../status/status_updater.ts";

export async function askForget(ctx: BotContext, seat: Seat, { queue }: ChatDeps): Promise<void> {
  const owner = seat.userId.toString(36);
  await answer(ctx, ctx.text.forget.ask({ jobs: queue.live(seat.userId).length }), {
    keyboard: new InlineKeyboard()
      .text(ctx.text.forget.yes, `f:${owner}:yes`).danger()
      .text(ctx.text.forget.no, `f:${owner}:no`),
  });
}

/** Answers a press of yes or no. */
export async function pressForget(
  ctx: BotContext,
  seat: Seat,
  data: string,
  { queue, settings, storage, board }: ChatDeps & { readonly board: Board },
): Promise<void> {
  const [, owner, value] = data.split(":");
  if (owner !== seat.userId.toString(36)) {
    await ctx.answerCallbackQuery({ text: ctx.text.notYours, show_alert: true });
    return;
  }
  await ctx.answerCallbackQuery();
  if (value !== "yes") {
    await ctx.editMessageText(ctx.text.forget.kept);
    return;
  }
  for (const job of queue.live(seat.userId)) {
    const cancelled = await queue.cancel(job.id);
    if (cancelled.type === "cancelled") board.ended(cancelled.job);
  }
  await board.flush();
  const { presets } = ctx.person;
  const drafts = await settings.forget(seat.userId);
  const jobs = await queue.forget(seat.userId);
  let files = 0;
  for (const draft of drafts) {
    if (draft.kind !== "pictures") continue;
    for (const { file } of draft.pictures) {
      await storage.removeInput(file);
      files++;
    }
  }
  for (const { state, resultFile } of jobs) {
    if (!isEnd(state) || !resultFile) continue;
    await storage.removeResult(resultFile);
    files++;
  }
  await ctx.editMessageText(
    ctx.text.forget.done({ jobs: jobs.length, files, presets: presets.length }),
  );
}
