/**
 * The buttons under a picture that waits for its words: presets, the owner's and the person's own, and "Done" while `/new`
 * collects. Owns the meaning of a press: it is the words that the picture waited for.
 *
 * Callback data: `p:<owner>:<index>` a preset, `po:<owner>:<id>` an own one, `pp:<owner>:<page>` another page, `pd:<owner>` done.
 */
import { type ChatUser } from "../../jobs/mod.ts";
import { type BotContext, type ChatDeps } from "../api/mod.ts";
import type { Intake } from "./intake.ts";
import { draftKeyboard } from "./preset_keyboard.ts";

/** Answers a press of one of them. */
export async function pressPreset(
  ctx: BotContext,
  chatUser: ChatUser,
  data: string,
  { intake, ...deps }: ChatDeps & { readonly intake: Intake },
): Promise<void> {
  const [verb, owner, value = ""] = data.split(":");
  if (owner !== chatUser.userId.toString(36)) {
    await ctx.answerCallbackQuery({ text: ctx.text.notYours, show_alert: true });
    return;
  }
  const draft = await deps.settings.draft(chatUser);
  if (draft?.kind !== "pictures" || draft.pictures.length === 0) {
    await ctx.answerCallbackQuery({ text: ctx.text.stale });
    return;
  }
  const { presets } = deps.config();
  const { pictures, messageId, rootId } = draft;
  switch (verb) {
    case "pd":
      await ctx.answerCallbackQuery();
      await deps.settings.setDraft(chatUser, { ...draft, collecting: false });
      await ctx.editMessageText(ctx.text.askWords({ count: pictures.length }), {
        reply_markup: draftKeyboard(ctx, chatUser, presets, { collecting: false }),
      });
      return;
    case "pp":
      await ctx.answerCallbackQuery();
      await ctx.editMessageReplyMarkup({
        reply_markup: draftKeyboard(ctx, chatUser, presets, {
          collecting: false,
          page: Number(value) || 0,
        }),
      });
      return;
  }
  const own = ctx.person.presets.find(({ id }) => id === value);
  const chosen = verb === "po"
    ? own && { words: own.words, params: own.params }
    : presets[Number(value)] && {
      words: presets[Number(value)]!.words[ctx.language],
      params: presets[Number(value)]!.params,
    };
  if (!chosen) {
    await ctx.answerCallbackQuery({ text: ctx.text.stale });
    return;
  }
  await ctx.answerCallbackQuery();
  // The question becomes the status message.
  if (ctx.msgId !== undefined) ctx.noticeId = ctx.msgId;
  await intake.begin(ctx, chatUser, { ...chosen, pictures, messageId, rootId });
}
