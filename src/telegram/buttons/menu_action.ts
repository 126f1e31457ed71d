/**
 * What the buttons of a settings menu do, and how it stands in their callback data, after the owner of the menu. Does not
 * know the menus: whether what is named is there, the reader finds out.
 */
import { Delivery } from "../../jobs/mod.ts";
import { type Language, languages } from "../../lib/mod.ts";
import { bytesOf, shorten } from "./short_name.ts";

/** Whose menu it is: a user's own settings, or the parameters of one of their jobs. */
export interface MenuOwner {
  readonly userId: number;
  readonly jobId?: string;
}

/** What a menu shows. Lists are paged from 0; a list that names no page shows the one with the present value. */
export type MenuPage =
  | { readonly type: "main" }
  | { readonly type: "more" }
  | { readonly type: "param"; readonly param: string; readonly list?: number }
  | { readonly type: "templates"; readonly list?: number }
  | { readonly type: "language" }
  | { readonly type: "ideas"; readonly list?: number };

/** What a menu's button does. Names and values are as `shorten` leaves them; `named` finds what was meant. */
export type MenuAction =
  | { readonly type: "open"; readonly page: MenuPage }
  /** Sets a value; `stay` leaves the parameter's own page open. */
  | {
    readonly type: "set";
    readonly param: string;
    readonly value: string;
    readonly stay: boolean;
  }
  /** Back to the value that was there before anything was chosen. */
  | { readonly type: "unset"; readonly param: string }
  | { readonly type: "ask"; readonly param: string }
  /** A step that cannot be made. */
  | { readonly type: "limit" }
  | { readonly type: "template"; readonly name: string }
  | { readonly type: "delivery"; readonly delivery: Delivery }
  | { readonly type: "preview"; readonly on: boolean }
  /** Whether results have as many pixels as their picture. */
  | { readonly type: "same_size"; readonly on: boolean }
  | { readonly type: "language"; readonly language: Language | "auto" }
  /** Shows one of the user's own presets; removes it. */
  | { readonly type: "idea"; readonly id: string }
  | { readonly type: "drop_idea"; readonly id: string }
  | { readonly type: "reset" }
  | { readonly type: "start" }
  | { readonly type: "close" };

/** Most bytes of callback data (Bot API documentation of InlineKeyboardButton). */
const maxBytes = 64;
/** Most bytes of a parameter's name; the longest one that ships is `negative_prompt`. */
const maxNameBytes = 15;

/** The parts of an action. `menu` stands before the parts, and leaves less room for names. */
export function menuParts(menu: string, action: MenuAction): (string | number)[] {
  const fitting = (name: string, ...before: readonly string[]) =>
    shorten(name, maxBytes - bytesOf([menu, ...before, ""].join(":")));
  switch (action.type) {
    case "open": {
      const { page } = action;
      const list = "list" in page && page.list !== undefined ? [page.list] : [];
      return page.type === "param"
        ? [page.type, shortParam(page.param), ...list]
        : [page.type, ...list];
    }
    case "set": {
      const before = [action.stay ? "put" : "set", shortParam(action.param)];
      return [...before, fitting(action.value, ...before)];
    }
    case "unset":
    case "ask":
      return [action.type, shortParam(action.param)];
    case "template":
      return ["use", fitting(action.name, "use")];
    case "delivery":
      return ["as", action.delivery];
    case "same_size":
      return ["size", action.on ? "on" : "off"];
    case "preview":
      return ["preview", action.on ? "on" : "off"];
    case "language":
      return ["speak", action.language];
    case "idea":
      return ["idea", action.id];
    case "drop_idea":
      return ["drop", action.id];
    case "limit":
    case "reset":
    case "start":
    case "close":
      return [action.type];
    default:
      return action satisfies never;
  }
}

/** Undefined for what no button of a menu says. */
export function readMenuAction([verb, ...args]: readonly string[]): MenuAction | undefined {
  const [first = "", ...others] = args;
  const listed = (list: string | undefined) => isNumber(list ?? "") ? { list: Number(list) } : {};
  switch (verb) {
    case "main":
    case "more":
    case "language":
      return { type: "open", page: { type: verb } };
    case "templates":
    case "ideas":
      return { type: "open", page: { type: verb, ...listed(first) } };
    case "param":
      return { type: "open", page: { type: "param", param: first, ...listed(others[0]) } };
    case "set":
    case "put":
      return { type: "set", param: first, value: others.join(":"), stay: verb === "put" };
    case "unset":
    case "ask":
      return { type: verb, param: first };
    case "use":
      return { type: "template", name: args.join(":") };
    case "as": {
      const { data: delivery } = Delivery.safeParse(first);
      return delivery && { type: "delivery", delivery };
    }
    case "size":
      return first === "on" || first === "off"
        ? { type: "same_size", on: first === "on" }
        : undefined;
    case "preview":
      return first === "on" || first === "off" ? { type: verb, on: first === "on" } : undefined;
    case "speak": {
      const language = readLanguage(first);
      return language && { type: "language", language };
    }
    case "idea":
      return { type: "idea", id: first };
    case "drop":
      return { type: "drop_idea", id: first };
    case "limit":
    case "reset":
    case "start":
    case "close":
      return { type: verb };
    default:
      return undefined;
  }
}

function shortParam(param: string): string {
  return shorten(param, maxNameBytes);
}

/** True for a number of a page or a place in a list. */
export function isNumber(written: string): boolean {
  return /^\d{1,6}$/.test(written);
}

/** Undefined for what is no language. */
export function readLanguage(written: string): Language | "auto" | undefined {
  return written === "auto" ? written : languages.find((each) => each === written);
}
