/**
 * The question about pictures that wait for a text: its words, and its keyboard with what may be chosen. Owns what is offered: each
 * picture by itself where one template takes several, four at once where it draws seeds. Does not know what a press does:
 * preset_actions.ts does.
 */
import { InlineKeyboard } from "grammy";
import { cut } from "../../i18n/mod.ts";
import { type ChatUser, formats, maxBatch } from "../../jobs/mod.ts";
import { specsOf, type Template } from "../../templates/mod.ts";
import { fillsIn } from "../../templates/tasks/mod.ts";
import { type OwnPreset, type PictureDraft, presetsFor } from "../../users/mod.ts";
import { type BotContext, type ChatDeps, isSeenByUserAlone, templateOf } from "../api/mod.ts";
import { type DraftModeButton, pageOf, writeButton } from "../buttons/mod.ts";
import { maxSeeds, seedsOf } from "./batch_request.ts";

/** Presets on one page, two in a row; fewer where another row is needed: there are four in all. */
const manyPresets = 6;
const fewPresets = 4;

/** Most characters of an own preset's words on its button. */
const titleLength = 28;

/** The user's own presets that may be shown where the update is answered. */
export function ownPresetsHere(ctx: BotContext, { chatId }: ChatUser): readonly OwnPreset[] {
  return isSeenByUserAlone(ctx) ? ctx.user.presets : presetsFor(ctx.user, chatId);
}

/** What the question is about. */
export type Asked = Pick<PictureDraft, "id" | "pictures" | "each" | "n" | "words">;

/** True where the template can make one picture of all of them, and each by itself is something else. */
export function canBeOne(template: Template, pictures: number): boolean {
  return pictures > 1 && pictures <= template.pictures.length;
}

/** The question as it is to be shown. */
export function questionOf(
  ctx: BotContext,
  deps: Pick<ChatDeps, "offered" | "defaultTemplate">,
  { pictures, each, words }: Asked,
): string {
  const template = templateOf(deps, ctx.user);
  const [count, max] = [pictures.length, template.pictures.length];
  const { batch } = ctx.text;
  if (words !== undefined) {
    return count > max ? batch.askEach({ count, max }) : batch.askMode({ count });
  }
  return each && count > 1
    ? batch.askWords({ count, tooManyFor: count > max ? max : undefined })
    : ctx.text.askWords({ count });
}

/** The keyboard of one page: how they are edited, the user's own presets and those of the config, other formats. */
export function draftKeyboard(
  ctx: BotContext,
  chatUser: ChatUser,
  deps: Pick<ChatDeps, "offered" | "defaultTemplate" | "config">,
  draft: Asked,
  options: { readonly collecting?: boolean; readonly page?: number } = {},
): InlineKeyboard {
  const { id: draftId, words } = draft;
  const about = { userId: chatUser.userId, ...(draftId === undefined ? {} : { draftId }) };
  const keyboard = new InlineKeyboard();
  if (options.collecting) {
    return keyboard.text(ctx.text.done, writeButton({ type: "collected", ...about })).success();
  }
  const template = templateOf(deps, ctx.user);
  const modes = modesOf(template, draft);
  const addMode = ({ mode, isChosen }: ModeButton) => {
    const { all, each, four } = ctx.text.batch.modes;
    const label = { all, each, four, one: four }[mode];
    const data = writeButton({ type: "draft_mode", mode, ...about });
    keyboard.text(isChosen ? `✓ ${label}` : label, data);
  };
  for (const mode of modes.which) addMode(mode);
  keyboard.row();
  if (words !== undefined) return keyboard;
  const { presets } = deps.config();
  const all = [
    ...ownPresetsHere(ctx, chatUser).toReversed().map(({ id, words }) => ({
      text: `⭐ ${cut(words, titleLength)}`,
      data: writeButton({ type: "own_preset", ...about, id }),
    })),
    ...(template.marks !== undefined
      ? [{ text: ctx.text.whatCircled, data: writeButton({ type: "marks", ...about }) }]
      : []),
    ...presets.map(({ title }, index) => ({
      text: title[ctx.language],
      data: writeButton({ type: "preset", ...about, index }),
    })),
  ];
  const hasFormats = draft.pictures.length === 1 && fillsIn(template);
  const pageSize = hasFormats || modes.which.length > 0 ? fewPresets : manyPresets;
  const { entries, page, pages } = pageOf(all, options.page ?? 0, pageSize);
  for (const [index, { text, data }] of entries.entries()) {
    keyboard.text(text, data);
    if (index % 2 === 1) keyboard.row();
  }
  keyboard.row();
  for (const format of hasFormats ? formats : []) {
    keyboard.text(format, writeButton({ type: "draft_format", ...about, format }));
  }
  keyboard.row();
  for (const mode of modes.seeds) addMode(mode);
  if (pages > 1) {
    const next = writeButton({ type: "preset_page", ...about, page: (page + 1) % pages });
    keyboard.text(ctx.text.morePresets, next);
  }
  return keyboard;
}

/** A choice of how the pictures are edited, as its button names it; "one" takes "four" back. */
interface ModeButton {
  readonly mode: DraftModeButton;
  readonly isChosen: boolean;
}

/** The choices that make sense: one picture of all or each by itself, and how many seeds. */
function modesOf(
  template: Template,
  { pictures, each = false, n = 1, words }: Asked,
): { readonly which: readonly ModeButton[]; readonly seeds: readonly ModeButton[] } {
  const count = pictures.length;
  const isAsked = words !== undefined;
  const results = each || count > template.pictures.length ? count * maxSeeds : maxSeeds;
  const hasSeeds = !isAsked && seedsOf(specsOf(template)).length > 0 && results <= maxBatch;
  return {
    which: canBeOne(template, count)
      ? [
        { mode: "all", isChosen: !isAsked && !each },
        { mode: "each", isChosen: !isAsked && each },
      ]
      : isAsked
      ? [{ mode: "each", isChosen: false }]
      : [],
    seeds: !hasSeeds
      ? []
      : n > 1
      ? [{ mode: "one", isChosen: true }]
      : [{ mode: "four", isChosen: false }],
  };
}
