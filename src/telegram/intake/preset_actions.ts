/**
 * The buttons under a picture that waits for a text: presets of the config and of the user, and "Done" while `/new`
 * collects. Owns what a press does: the preset's text becomes the picture's.
 */
import { type ChatUser, isEnd } from "../../jobs/mod.ts";
import { type Language } from "../../lib/mod.ts";
import { cutsOut, fillsIn } from "../../templates/tasks/mod.ts";
import { type Preset } from "../../users/mod.ts";
import { type BotContext, type ChatDeps, type PressAnswer, templateOf } from "../api/mod.ts";
import { type ButtonOf } from "../buttons/mod.ts";
import { formatProblem } from "./format_problem.ts";
import { offeredFor } from "./job_request.ts";
import type { Intake } from "./intake.ts";
import { draftKeyboard, ownPresetsHere, questionOf } from "./preset_keyboard.ts";

/** Does what one of them asks for. */
export async function pressPreset(
  ctx: BotContext,
  chatUser: ChatUser,
  button: ButtonOf<
    | "preset"
    | "own_preset"
    | "preset_page"
    | "marks"
    | "draft_mode"
    | "draft_format"
    | "collected"
  >,
  { intake, ...deps }: ChatDeps & { readonly intake: Intake },
): Promise<PressAnswer> {
  const { draftId } = button;
  const { presets } = deps.config();
  const template = templateOf(deps, ctx.user);
  const stale = { text: ctx.text.stale };
  // What the question asked for has its job: this is a second tap, or a replay of the first.
  const made = draftId === undefined ? undefined : await intake.made(chatUser, draftId);
  if (made) return isEnd(made.state) ? stale : { text: ctx.text.underway };
  switch (button.type) {
    case "collected": {
      const draft = await deps.settings.draft(chatUser);
      const isMeant = draftId === undefined || draft?.id === draftId;
      if (!draft || draft.pictures.length === 0 || !isMeant) return stale;
      await deps.settings.setDraft(chatUser, { ...draft, collecting: false });
      await ctx.editMessageText(questionOf(ctx, deps, draft), {
        reply_markup: draftKeyboard(ctx, chatUser, deps, draft),
      });
      return {};
    }
    case "draft_mode": {
      const asked = await intake.choose(ctx, chatUser, draftId, button.mode);
      if (!asked) return stale;
      if (asked === "begun") return {};
      const reply_markup = draftKeyboard(ctx, chatUser, deps, asked);
      return { show: () => ctx.editMessageText(questionOf(ctx, deps, asked), { reply_markup }) };
    }
    case "preset_page": {
      const asked = await intake.asked(chatUser, draftId);
      if (!asked) return stale;
      await ctx.editMessageReplyMarkup({
        reply_markup: draftKeyboard(ctx, chatUser, deps, asked, { page: button.page }),
      });
      return {};
    }
    case "draft_format": {
      const { format } = button;
      const [picture, another] = (await intake.asked(chatUser, draftId))?.pictures ?? [];
      if (!picture || another || !fillsIn(template)) return stale;
      const problem = formatProblem(ctx, picture, format);
      if (problem !== undefined) return { text: problem, isAlert: true };
      const words = ctx.text.otherFormat({ format });
      return await intake.apply(ctx, chatUser, draftId, { words, params: {}, format }) ? {} : stale;
    }
    case "marks": {
      if (template.marks === undefined || !await intake.mark(ctx, chatUser, draftId)) return stale;
      await ctx.editMessageText(ctx.text.askMarked);
      return {};
    }
    case "own_preset":
    case "preset": {
      const chosen = button.type === "own_preset"
        ? ownPresetsHere(ctx, chatUser).find(({ id }) => id === button.id)
        : inLanguage(presets[button.index], ctx.language);
      if (!chosen) return stale;
      const cutter = "cutsOut" in chosen && chosen.cutsOut
        ? offeredFor(ctx, deps).find(cutsOut)
        : undefined;
      const asked = cutter && await intake.asked(chatUser, draftId);
      const wanted = cutter && asked?.pictures.length === 1
        ? { words: ctx.text.cutOut, task: { kind: "cutout" as const, template: cutter } }
        : { words: chosen.words, params: chosen.params };
      return await intake.apply(ctx, chatUser, draftId, wanted) ? {} : stale;
    }
    default:
      return button satisfies never;
  }
}

function inLanguage(preset: Preset | undefined, language: Language) {
  return preset && { ...preset, words: preset.words[language] };
}
