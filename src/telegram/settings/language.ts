/** /language: which language the bot speaks to a user. Owns the question and its answer. Does not know the settings menu. */
import { InlineKeyboard } from "grammy";
import { languageFor, textIn } from "../../i18n/mod.ts";
import { languages } from "../../lib/mod.ts";
import { type ChatUser } from "../../jobs/mod.ts";
import { answer, type BotContext, type ChatDeps, type PressAnswer } from "../api/mod.ts";
import { type ButtonOf, writeButton } from "../buttons/mod.ts";

export async function askLanguage(ctx: BotContext, { userId }: ChatUser): Promise<void> {
  const data = (language: ButtonOf<"language">["language"]) =>
    writeButton({ type: "language", userId, language });
  const keyboard = new InlineKeyboard();
  for (const language of languages) {
    keyboard.text(textIn(language).languageName, data(language));
  }
  await answer(ctx, ctx.text.language.ask, {
    keyboard: keyboard.row().text(ctx.text.language.auto, data("auto")),
  });
}

/** Takes one of the languages. */
export async function pressLanguage(
  ctx: BotContext,
  chatUser: ChatUser,
  { language }: ButtonOf<"language">,
  { settings }: ChatDeps,
): Promise<PressAnswer> {
  await settings.changeUser(chatUser.userId, ({ language: _, ...user }) => ({
    ...user,
    ...(language === "auto" ? {} : { language }),
  }));
  const chosen = textIn(
    language === "auto" ? languageFor(ctx.from?.language_code) : language,
  );
  await ctx.editMessageText(chosen.language.set);
  return {};
}
