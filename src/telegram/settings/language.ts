/** /language: which language the bot speaks to a person. Callback data is `l:<owner>:<language or auto>`. */
import { InlineKeyboard } from "grammy";
import { languageFor, languages, textIn } from "../../i18n/mod.ts";
import { type ChatUser } from "../../jobs/mod.ts";
import { answer, type BotContext, type ChatDeps } from "../api/mod.ts";

export async function askLanguage(ctx: BotContext, chatUser: ChatUser): Promise<void> {
  const owner = chatUser.userId.toString(36);
  const keyboard = new InlineKeyboard();
  for (const language of languages) {
    keyboard.text(textIn(language).languageName, `l:${owner}:${language}`);
  }
  await answer(ctx, ctx.text.language.ask, {
    keyboard: keyboard.row().text(ctx.text.language.auto, `l:${owner}:auto`),
  });
}

/** Answers a press of one of the languages. */
export async function pressLanguage(
  ctx: BotContext,
  chatUser: ChatUser,
  data: string,
  { settings }: ChatDeps,
): Promise<void> {
  const [, owner, value] = data.split(":");
  if (owner !== chatUser.userId.toString(36)) {
    await ctx.answerCallbackQuery({ text: ctx.text.notYours, show_alert: true });
    return;
  }
  const language = languages.find((known) => known === value);
  if (!language && value !== "auto") {
    await ctx.answerCallbackQuery({ text: ctx.text.stale });
    return;
  }
  await settings.changeUser(chatUser.userId, ({ language: _, ...person }) => ({
    ...person,
    ...(language ? { language } : {}),
  }));
  await ctx.answerCallbackQuery();
  const chosen = textIn(language ?? languageFor(ctx.from?.language_code));
  await ctx.editMessageText(chosen.language.set);
}
