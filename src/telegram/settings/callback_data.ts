/**
 * What the buttons of a menu mean, as callback data: `s:<owner>:<verb>…` in a person's own settings,
 * `j:<owner>:<job>:<verb>…` in the parameters of one job, the owner's id in base 36. Owns the way there and back;
 * whether the named things exist is for the reader to find out, for callback data may be old or forged.
 *
 * A press names the value that it sets, not a step from the present one: pressed twice, or replayed after a kill, it
 * does the same.
 */
import { Delivery, Language } from "../../jobs/mod.ts";

/** Whose menu it is: a person's own settings, or the parameters of one of their jobs. */
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

/** What a button does. Names are as `shorten` leaves them; `named` finds what was meant. */
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
  | { readonly type: "language"; readonly language: Language | "auto" }
  /** Shows an idea of the person's own; takes it away. */
  | { readonly type: "idea"; readonly id: string }
  | { readonly type: "drop_idea"; readonly id: string }
  | { readonly type: "reset" }
  | { readonly type: "start" }
  | { readonly type: "close" };

/** Most bytes of callback data (Bot API documentation of InlineKeyboardButton). */
const maxBytes = 64;
/** Most bytes of a parameter's name; the longest one that ships is `negative_prompt`. */
const maxNameBytes = 15;
/** Stands before the digest of a name or value that is too long. */
const digestMark = "~";

/** What the callback data of all the buttons of a menu begins with. */
export function menuPrefix({ userId, jobId }: MenuOwner): string {
  const owner = userId.toString(36);
  return jobId === undefined ? `s:${owner}` : `j:${owner}:${jobId}`;
}

/** A button's callback data: at most 64 bytes while a job's id has at most 16. */
export function writeAction(owner: MenuOwner, act: MenuAction): string {
  const data = (...parts: readonly (string | number)[]) => [menuPrefix(owner), ...parts].join(":");
  const named = (verb: string, name: string) =>
    data(verb, shorten(name, maxBytes - bytesOf(data(verb, ""))));
  switch (act.type) {
    case "open":
      return data(...pageParts(act.page));
    case "set": {
      const before = data(act.stay ? "put" : "set", shortName(act.param), "");
      return before + shorten(act.value, maxBytes - bytesOf(before));
    }
    case "unset":
    case "ask":
      return data(act.type, shortName(act.param));
    case "template":
      return named("use", act.name);
    case "delivery":
      return data("as", act.delivery);
    case "preview":
      return data("preview", act.on ? "on" : "off");
    case "language":
      return data("speak", act.language);
    case "idea":
      return data("idea", act.id);
    case "drop_idea":
      return data("drop", act.id);
    default:
      return data(act.type);
  }
}

function pageParts(page: MenuPage): (string | number)[] {
  const list = "list" in page && page.list !== undefined ? [page.list] : [];
  return page.type === "param" ? [page.type, shortName(page.param), ...list] : [page.type, ...list];
}

/** Whose menu the data is from, and what it means; undefined for what no button says. */
export function readAction(
  data: string,
): { readonly owner: MenuOwner | undefined; readonly act: MenuAction | undefined } {
  const [kind, user = "", ...rest] = data.split(":");
  const jobId = kind === "j" ? rest.shift() : undefined;
  if (!/^-?[0-9a-z]+$/.test(user)) return { owner: undefined, act: undefined };
  const userId = parseInt(user, 36);
  const owner = jobId === undefined ? { userId } : { userId, jobId };
  const [verb = "", ...args] = rest;
  return { owner, act: actOf(verb, args) };
}

/** The owner of the menu with that prefix. */
export function ownerOf(prefix: string): MenuOwner | undefined {
  return readAction(prefix).owner;
}

/** The one of `words` that a button means by `written`. */
export function named(written: string, words: readonly string[]): string | undefined {
  return words.find((word) => word === written) ??
    (written.startsWith(digestMark) ? words.find((word) => digest(word) === written) : undefined);
}

function actOf(verb: string, args: readonly string[]): MenuAction | undefined {
  const [first = "", ...others] = args;
  const all = args.join(":");
  const listed = (list: string | undefined) =>
    /^\d+$/.test(list ?? "") ? { list: Number(list) } : {};
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
      return { type: "template", name: all };
    case "as": {
      const { data: delivery } = Delivery.safeParse(first);
      return delivery && { type: "delivery", delivery };
    }
    case "preview":
      return first === "on" || first === "off" ? { type: verb, on: first === "on" } : undefined;
    case "speak": {
      if (first === "auto") return { type: "language", language: "auto" };
      const { data: language } = Language.safeParse(first);
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

function shortName(param: string): string {
  return shorten(param, maxNameBytes);
}

/** The word itself where it fits, else its digest. */
function shorten(word: string, max: number): string {
  return bytesOf(word) <= max ? word : digest(word);
}

/** `~` and up to 7 characters: FNV-1a of 32 bits, in base 36. */
function digest(word: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(word)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return digestMark + hash.toString(36);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
