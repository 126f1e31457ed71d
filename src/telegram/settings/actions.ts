/**
 * What a press in a menu does: its value is checked against today's templates, applied and stored. Owns which
 * actions there are in which menu; how an outcome is shown is menu.ts's.
 */
import { type Language } from "../../lib/mod.ts";
import { cut, languageFor, textIn } from "../../i18n/mod.ts";
import { parseParam, specsOf } from "../../templates/mod.ts";
import { type UserSettings } from "../../users/mod.ts";
import { type BotContext, type ChatDeps, maxNotice } from "../api/mod.ts";
import { type MenuAction, type MenuPage, named } from "../buttons/mod.ts";
import { chooseValue, resetTarget, type SettingsTarget } from "./target.ts";

/** What is to happen after a press has changed what it changes. */
export type Outcome =
  | { readonly type: "show"; readonly page: MenuPage; readonly notice?: string }
  | { readonly type: "notice"; readonly text: string; readonly isAlert?: true }
  | { readonly type: "ask"; readonly param: string }
  | { readonly type: "start" }
  | { readonly type: "close" }
  /** What the button means is not there, or never was. */
  | { readonly type: "stale" };

const stale: Outcome = { type: "stale" };
type UserAction = Extract<
  MenuAction,
  { type: "template" | "delivery" | "preview" | "same_size" | "language" | "idea" | "drop_idea" }
>;

const mainPage: MenuPage = { type: "main" };
/** Makes durable what a press changes, and says what comes next. */
export async function carryOut(
  deps: ChatDeps,
  ctx: BotContext,
  target: SettingsTarget,
  action: MenuAction,
): Promise<Outcome> {
  const { owner, template, job } = target;
  const specs = specsOf(template);
  const param = "param" in action ? named(action.param, Object.keys(specs)) : undefined;
  switch (action.type) {
    case "open": {
      const { page } = action;
      if (page.type === "main") return { type: "show", page };
      if (page.type !== "param") return job ? stale : { type: "show", page };
      const param = named(page.param, Object.keys(specs));
      return param === undefined ? stale : { type: "show", page: { ...page, param } };
    }
    case "set": {
      const spec = specs[param ?? ""];
      if (param === undefined || !spec) return stale;
      const written = spec.kind === "choice" ? named(action.value, spec.options) : action.value;
      const parsed = written === undefined ? undefined : parseParam(spec, written);
      if (!parsed?.ok) return stale;
      await chooseValue(deps, owner, param, parsed.value);
      return { type: "show", page: action.stay ? { type: "param", param } : mainPage };
    }
    case "unset":
      if (param === undefined) return stale;
      await chooseValue(deps, owner, param, undefined);
      return { type: "show", page: { type: "param", param } };
    case "ask":
      return param === undefined ? stale : { type: "ask", param };
    case "limit":
      return { type: "notice", text: ctx.text.settings.limitReached };
    case "reset":
      await resetTarget(deps, owner);
      return { type: "show", page: mainPage, notice: ctx.text.settings.resetDone };
    case "close":
      return { type: "close" };
    case "start":
      return job ? { type: "start" } : stale;
    default:
      return job ? stale : await carryOutForUser(deps, ctx, target.user, owner.userId, action);
  }
}

/** The actions that only a user's own settings have. */
async function carryOutForUser(
  deps: ChatDeps,
  ctx: BotContext,
  user: UserSettings,
  userId: number,
  action: UserAction,
): Promise<Outcome> {
  const change = (changed: (user: UserSettings) => UserSettings) =>
    deps.settings.changeUser(userId, changed);
  switch (action.type) {
    case "template": {
      const name = named(action.name, [...deps.offered().keys()]);
      if (name === undefined) return stale;
      await change((user) => ({ ...user, template: name }));
      return { type: "show", page: mainPage };
    }
    case "delivery": {
      const { delivery } = action;
      await change((user) => ({ ...user, delivery }));
      return { type: "show", page: mainPage, notice: ctx.text.settings.resultSet[delivery] };
    }
    case "preview":
      await change((user) => ({ ...user, preview: action.on }));
      return { type: "show", page: { type: "more" } };
    case "same_size":
      await change((user) => ({ ...user, sameSize: action.on }));
      return { type: "show", page: { type: "more" } };
    case "language": {
      const changed = await change(({ language: _, ...user }) =>
        action.language === "auto" ? user : { ...user, language: action.language }
      );
      const notice = textIn(languageOf(ctx, changed)).language.set;
      return { type: "show", page: { type: "more" }, notice };
    }
    case "idea": {
      const idea = user.presets.find(({ id }) => id === action.id);
      if (!idea) return { type: "show", page: { type: "ideas" }, notice: ctx.text.stale };
      const params = Object.entries(idea.params).map(([name, value]) => `${name}=${value}`);
      const text = [cut(idea.words, maxNotice - 60), cut(params.join(" "), 50)].join("\n").trim();
      return { type: "notice", text, isAlert: true };
    }
    case "drop_idea":
      await change((user) => ({
        ...user,
        presets: user.presets.filter(({ id }) => id !== action.id),
      }));
      return { type: "show", page: { type: "ideas" } };
    default:
      return action satisfies never;
  }
}

/** The language that a user reads now; `ctx.language` is what they read when the update came. */
export function languageOf(ctx: BotContext, user: UserSettings): Language {
  return user.language ?? languageFor(ctx.from?.language_code);
}
