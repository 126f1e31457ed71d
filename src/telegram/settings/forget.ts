/** /forget: asks whether everything kept of a user is to be erased, and says what was. What is erased, and when, is users/'s. */
import { InlineKeyboard } from "grammy";
import { type ChatUser } from "../../jobs/mod.ts";
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
  { userId }: ChatUser,
  { isConfirmed }: ButtonOf<"forget">,
  { erasure, statusUpdater }: ChatDeps & { readonly statusUpdater: StatusUpdater },
): Promise<PressAnswer> {
  if (!isConfirmed) {
    await ctx.editMessageText(ctx.text.forget.kept);
    return {};
  }
  const by = { userId, updateId: ctx.update.update_id };
  const erased = await erasure.erase(by, (job) => statusUpdater.ended(job));
  await ctx.editMessageText(ctx.text.forget.done(erased));
  return {};
}
