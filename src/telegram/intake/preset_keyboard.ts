/** The keyboard of presets under a picture that waits for a text. Does not know what a press does: preset_actions.ts does. */
import { InlineKeyboard } from "grammy";
import { cut } from "../../i18n/mod.ts";
import { type ChatUser } from "../../jobs/mod.ts";
import { type OwnPreset, type Preset, presetsFor } from "../../users/mod.ts";
import { type BotContext, isSeenByUserAlone } from "../api/mod.ts";
import { pageOf, writeButton } from "../buttons/mod.ts";

/** Presets on one page, two in a row. */
const pageSize = 6;

/** Most characters of an own preset's words on its button. */
const titleLength = 28;

/** The user's own presets that may be shown where the update is answered. */
export function ownPresetsHere(ctx: BotContext, { chatId }: ChatUser): readonly OwnPreset[] {
  return isSeenByUserAlone(ctx) ? ctx.user.presets : presetsFor(ctx.user, chatId);
}

/** The keyboard of one page: the user's own presets come first. */
export function draftKeyboard(
  ctx: BotContext,
  chatUser: ChatUser,
  { presets, marks }: {
    readonly presets: readonly Preset[];
    /** Whether the template understands what is drawn on a picture. */
    readonly marks: boolean;
  },
  options: {
    /** The draft that the buttons are about; absent for one of 0.1.0. */
    readonly draftId: string | undefined;
    readonly collecting?: boolean;
    readonly page?: number;
  },
): InlineKeyboard {
  const { draftId } = options;
  const about = { userId: chatUser.userId, ...(draftId === undefined ? {} : { draftId }) };
  const all = [
    ...(marks
      ? [{ text: ctx.text.whatCircled, data: writeButton({ type: "marks", ...about }) }]
      : []),
    ...ownPresetsHere(ctx, chatUser).toReversed().map(({ id, words }) => ({
      text: `⭐ ${cut(words, titleLength)}`,
      data: writeButton({ type: "own_preset", ...about, id }),
    })),
    ...presets.map(({ title }, index) => ({
      text: title[ctx.language],
      data: writeButton({ type: "preset", ...about, index }),
    })),
  ];
  const keyboard = new InlineKeyboard();
  if (options.collecting) {
    return keyboard.text(ctx.text.done, writeButton({ type: "collected", ...about })).success();
  }
  const { entries, page, pages } = pageOf(all, options.page ?? 0, pageSize);
  for (const [index, { text, data }] of entries.entries()) {
    keyboard.text(text, data);
    if (index % 2 === 1) keyboard.row();
  }
  if (pages > 1) {
    const next = writeButton({ type: "preset_page", ...about, page: (page + 1) % pages });
    keyboard.row().text(ctx.text.morePresets, next);
  }
  return keyboard;
}
