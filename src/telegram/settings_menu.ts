/**
 * The /settings menu: one message whose buttons set the parameters of a person's next jobs. Owns the menu's layout and
 * the meaning of its buttons; what a parameter may be is the template's manifest's.
 *
 * Callback data is `s:<owner>:<verb>[:<param>[:<value>]]`, the owner's id in base 36. A press names the value that it
 * sets, not a step from the present one: pressed twice, or replayed after a kill, it does the same.
 */
import { InlineKeyboard } from "grammy";
import type { Message } from "grammy/types";
import {
  clampParam,
  formatParam,
  type ParamSpec,
  type ParamValue,
  parseParam,
  stepParam,
} from "../params.ts";
import { newPerson, type Seat } from "../settings.ts";
import type { Text } from "../text.ts";
import { cut } from "../text.ts";
import { specsOf } from "../workflow.ts";
import { answer, type BotContext, type ChatDeps, templateOf } from "./context.ts";

/** Options of a choice on one page of its list. */
const pageSize = 8;
/** Most bytes of callback data (Bot API documentation of InlineKeyboardButton). */
const maxData = 64;

export interface SettingsMenu {
  /** Sends the menu. */
  show(ctx: BotContext, seat: Seat): Promise<void>;
  /** Answers one of its buttons. */
  press(ctx: BotContext, seat: Seat, data: string): Promise<void>;
  /** Takes a text as the value that the menu has asked for; false where it has asked for none. */
  takeValue(ctx: BotContext, seat: Seat, message: Message): Promise<boolean>;
}

export function createSettingsMenu(deps: ChatDeps): SettingsMenu {
  const { settings } = deps;

  function view(ctx: BotContext, seat: Seat) {
    const template = templateOf(deps, ctx.person);
    return {
      text: ctx.text.settings.head({ template: template.title[ctx.language] }),
      keyboard: menuKeyboard(ctx, seat, specsOf(template)),
    };
  }

  async function redraw(ctx: BotContext, seat: Seat): Promise<void> {
    const { text, keyboard } = view(ctx, seat);
    await ctx.editMessageText(text, { reply_markup: keyboard });
  }

  async function set(ctx: BotContext, seat: Seat, name: string, value: ParamValue): Promise<void> {
    ctx.person = await settings.changePerson(seat.userId, (person) => ({
      ...person,
      params: { ...person.params, [name]: value },
    }));
  }

  async function askValue(ctx: BotContext, seat: Seat, name: string, spec: ParamSpec) {
    await settings.setDraft(seat, {
      v: 1,
      kind: "value",
      at: deps.now(),
      param: name,
      menuMessageId: ctx.msgId ?? 0,
    });
    await answer(
      ctx,
      ctx.text.settings.askValue({
        name: labelOf(ctx.text, name),
        limits: limitsOf(ctx.text, spec),
      }),
      { forceReply: true },
    );
  }

  async function press(ctx: BotContext, seat: Seat, data: string): Promise<void> {
    const [, owner, verb, name = "", ...rest] = data.split(":");
    if (owner !== seat.userId.toString(36)) {
      await ctx.answerCallbackQuery({ text: ctx.text.settings.notYours, show_alert: true });
      return;
    }
    const spec = specsOf(templateOf(deps, ctx.person))[name];
    const stale = async () => {
      await ctx.answerCallbackQuery({ text: ctx.text.settings.stale });
    };
    switch (verb) {
      case "set": {
        const parsed = spec && parseParam(spec, rest.join(":"));
        if (!parsed?.ok) return await stale();
        await set(ctx, seat, name, parsed.value);
        await ctx.answerCallbackQuery();
        return await redraw(ctx, seat);
      }
      case "ask":
        if (!spec) return await stale();
        await ctx.answerCallbackQuery();
        return await askValue(ctx, seat, name, spec);
      case "list": {
        if (spec?.kind !== "choice") return await stale();
        await ctx.answerCallbackQuery();
        const { text, keyboard } = listView(ctx, seat, name, spec, Number(rest[0]) || 0);
        await ctx.editMessageText(text, { reply_markup: keyboard });
        return;
      }
      case "limit":
        await ctx.answerCallbackQuery({ text: ctx.text.settings.limitReached });
        return;
      case "menu":
        await ctx.answerCallbackQuery();
        return await redraw(ctx, seat);
      case "reset":
        ctx.person = await settings.changePerson(seat.userId, (person) => ({
          ...newPerson,
          ...(person.language ? { language: person.language } : {}),
        }));
        await ctx.answerCallbackQuery({ text: ctx.text.settings.resetDone });
        return await redraw(ctx, seat);
      case "close":
        await ctx.answerCallbackQuery();
        await ctx.deleteMessage();
        return;
      default:
        return await stale();
    }
  }

  return {
    press,

    async show(ctx, seat) {
      const { text, keyboard } = view(ctx, seat);
      await answer(ctx, text, { keyboard });
    },

    async takeValue(ctx, seat, message) {
      const draft = await settings.draft(seat);
      if (draft?.kind !== "value") return false;
      const name = draft.param;
      const spec = specsOf(templateOf(deps, ctx.person))[name];
      await settings.clearDraft(seat);
      if (!spec) {
        await answer(ctx, ctx.text.settings.stale);
        return true;
      }
      const written = message.text ?? "";
      const parsed = parseParam(
        spec,
        spec.kind === "text" && written.trim() === "-" ? "" : written,
      );
      if (!parsed.ok) {
        await settings.setDraft(seat, draft);
        const label = labelOf(ctx.text, name);
        await answer(ctx, ctx.text.paramProblem({ name: label, problem: parsed.problem }), {
          forceReply: true,
        });
        return true;
      }
      await set(ctx, seat, name, parsed.value);
      const { text, keyboard } = view(ctx, seat);
      await answer(
        ctx,
        ctx.text.settings.saved({
          name: labelOf(ctx.text, name),
          value: shown(ctx.text, spec, parsed.value),
        }),
      );
      // The menu may have been deleted meanwhile.
      await ctx.api.editMessageText(seat.chatId, draft.menuMessageId, text, {
        reply_markup: keyboard,
      }).catch(() => {});
      return true;
    },
  };
}

function menuKeyboard(
  ctx: BotContext,
  seat: Seat,
  specs: Readonly<Record<string, ParamSpec>>,
): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  const data = (...parts: readonly (string | number)[]) =>
    ["s", seat.userId.toString(36), ...parts].join(":");
  for (const [name, spec] of Object.entries(specs)) {
    const value = clampParam(spec, ctx.person.params[name] ?? spec.default);
    const label = `${labelOf(ctx.text, name)}: ${cut(shown(ctx.text, spec, value), 24)}`;
    switch (spec.kind) {
      case "int":
      case "float": {
        const button = (direction: 1 | -1) => {
          const next = stepParam(spec, Number(value), direction);
          return next === value ? data("limit") : data("set", name, next);
        };
        keyboard.text("−", button(-1)).text(label, data("ask", name)).text("+", button(1)).row();
        break;
      }
      case "seed":
        keyboard.text(label, data("ask", name))
          .text(ctx.text.settings.randomSeed, data("set", name, 0)).row();
        break;
      case "choice":
        keyboard.text(`${label} ▸`, data("list", name, 0)).row();
        break;
      case "text":
        keyboard.text(ctx.text.settings.set({ name: label }), data("ask", name)).row();
        break;
      default:
        spec satisfies never;
    }
  }
  return keyboard
    .text(ctx.text.settings.reset, data("reset"))
    .text(ctx.text.settings.close, data("close"));
}

function listView(
  ctx: BotContext,
  seat: Seat,
  name: string,
  spec: Extract<ParamSpec, { kind: "choice" }>,
  page: number,
) {
  const prefix = `s:${seat.userId.toString(36)}`;
  const value = clampParam(spec, ctx.person.params[name] ?? spec.default);
  // An option whose name does not fit into a button can still be had with `sampler=…` in a caption.
  const options = spec.options.filter((option) =>
    new TextEncoder().encode(`${prefix}:set:${name}:${option}`).length <= maxData
  );
  const pages = Math.max(1, Math.ceil(options.length / pageSize));
  const at = Math.min(Math.max(0, page), pages - 1);
  const keyboard = new InlineKeyboard();
  for (const option of options.slice(at * pageSize, (at + 1) * pageSize)) {
    keyboard.text(option === value ? `✓ ${option}` : option, `${prefix}:set:${name}:${option}`)
      .row();
  }
  if (pages > 1) {
    keyboard.text("‹", `${prefix}:list:${name}:${(at + pages - 1) % pages}`)
      .text(`${at + 1} / ${pages}`, `${prefix}:list:${name}:${at}`)
      .text("›", `${prefix}:list:${name}:${(at + 1) % pages}`).row();
  }
  keyboard.text(ctx.text.settings.back, `${prefix}:menu`);
  const label = labelOf(ctx.text, name);
  return {
    text: ctx.text.settings.choose({ name: label, value: String(value), page: at + 1, pages }),
    keyboard,
  };
}

/** A parameter's name as people read it; one that only a manifest of the owner's knows keeps its own. */
function labelOf(text: Text, name: string): string {
  return text.params[name] ?? name;
}

function shown(text: Text, spec: ParamSpec, value: ParamValue): string {
  if (spec.kind === "seed" && value === 0) return text.random;
  return value === "" ? text.nothing : formatParam(spec, value);
}

function limitsOf(text: Text, spec: ParamSpec): string {
  switch (spec.kind) {
    case "int":
    case "float":
      return text.settings.limits(spec);
    case "text":
      return text.settings.textLimits;
    case "seed":
    case "choice":
      return "";
    default:
      return spec satisfies never;
  }
}
