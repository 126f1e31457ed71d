/**
 * The buttons under a picture that waits for its words: presets of the config and of the user, and "Done" while `/new`
 * collects. Owns what a press does: the preset's words are those that the picture waited for.
 */
import { type ChatUser } from "../../jobs/mod.ts";
import { type Language } from "../../lib/mod.ts";
import { type Preset } from "../../users/mod.ts";
import { type BotContext, type ChatDeps } from "../api/mod.ts";
import { type ButtonOf } from "../buttons/mod.ts";
import type { Intake } from "./intake.ts";
import { draftKeyboard, ownPresetsHere } from "./preset_keyboard.ts";

/** Answers a press of one of them. */
export async function pressPreset(
  ctx: BotContext,
  chatUser: ChatUser,
  button: ButtonOf<"preset" | "own_preset" | "preset_page" | "collected">,
  { intake, ...deps }: ChatDeps & { readonly intake: Intake },
): Promise<void> {
  const draft = await deps.settings.draft(chatUser);
  if (draft?.kind !== "pictures" || draft.pictures.length === 0) {
    await ctx.answerCallbackQuery({ text: ctx.text.stale });
    return;
  }
  const { presets } = deps.config();
  const { pictures, messageId, rootId } = draft;
  switch (button.type) {
    case "collected":
      await ctx.answerCallbackQuery();
      await deps.settings.setDraft(chatUser, { ...draft, collecting: false });
      await ctx.editMessageText(ctx.text.askWords({ count: pictures.length }), {
        reply_markup: draftKeyboard(ctx, chatUser, presets, { collecting: false }),
      });
      return;
    case "preset_page":
      await ctx.answerCallbackQuery();
      await ctx.editMessageReplyMarkup({
        reply_markup: draftKeyboard(ctx, chatUser, presets, {
          collecting: false,
          page: button.page,
        }),
      });
      return;
  }
  const chosen = button.type === "own_preset"
    ? ownPresetsHere(ctx, chatUser).find(({ id }) => id === button.id)
    : inLanguage(presets[button.index], ctx.language);
  if (!chosen) {
    await ctx.answerCallbackQuery({ text: ctx.text.stale });
    return;
  }
  await ctx.answerCallbackQuery();
  // The question becomes the status message.
  if (ctx.msgId !== undefined) ctx.noticeId = ctx.msgId;
  const { words, params } = chosen;
  await intake.begin(ctx, chatUser, { words, params, pictures, messageId, rootId });
}

function inLanguage(preset: Preset | undefined, language: Language) {
  return preset && { words: preset.words[language], params: preset.params };
}
