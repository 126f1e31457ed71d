/**
 * The keyboard of ideas under a picture that waits for its words. What a press of one does is preset_actions.ts's.
 */
import { InlineKeyboard } from "grammy";
import { cut } from "../../i18n/mod.ts";
import { type ChatUser } from "../../jobs/mod.ts";
import { type Preset } from "../../users/mod.ts";
import { type BotContext } from "../api/mod.ts";

/** Presets on one page, two in a row. */
const pageSize = 6;

/** Most characters of an own preset's words on its button. */
const titleLength = 28;

/** The keyboard of one page: the person's own presets come first. */
export function draftKeyboard(
  ctx: BotContext,
  chatUser: ChatUser,
  presets: readonly Preset[],
  options: { readonly collecting: boolean; readonly page?: number },
): InlineKeyboard {
  const owner = chatUser.userId.toString(36);
  const all = [
    ...ctx.person.presets.toReversed().map(({ id, words }) => ({
      text: `⭐ ${cut(words, titleLength)}`,
      data: `po:${owner}:${id}`,
    })),
    ...presets.map(({ title }, index) => ({
      text: title[ctx.language],
      data: `p:${owner}:${index}`,
    })),
  ];
  const keyboard = new InlineKeyboard();
  if (options.collecting) return keyboard.text(ctx.text.done, `pd:${owner}`).success();
  const pages = Math.max(1, Math.ceil(all.length / pageSize));
  const page = Math.min(options.page ?? 0, pages - 1);
  for (const [index, { text, data }] of all.slice(page * pageSize).slice(0, pageSize).entries()) {
    keyboard.text(text, data);
    if (index % 2 === 1) keyboard.row();
  }
  if (pages > 1) {
    keyboard.row().text(ctx.text.morePresets, `pp:${owner}:${(page + 1) % pages}`);
  }
  return keyboard;
}
