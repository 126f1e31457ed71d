/**
 * The callback data of every button. Owns the wire form, both ways. Does not know who may press a button, nor whether what
 * it names still exists: callback data may be old or forged, and the handler of the press checks.
 *
 * Buttons stay in chats for years, so a form that was ever sent stays readable. The forms below are version 1: a tag of lower-case
 * letters, then its parts, joined by colons. A version 2 would begin with `2:`, which no tag does; `readButton` would branch
 * on that, and `writeButton` would write version 2 alone. A user's id is in base 36, a chat's id of `k:` in base 10.
 *
 * A button names the value that it sets, not a step from the present one: pressed twice, or replayed after a kill, it
 * does the same.
 */
import { type Text, textIn } from "../../i18n/mod.ts";
import { type Format, formats } from "../../jobs/mod.ts";
import { type Language } from "../../lib/mod.ts";
import {
  isNumber,
  type MenuAction,
  type MenuOwner,
  menuParts,
  readLanguage,
  readMenuAction,
} from "./menu_action.ts";

/** A button, by what it does. `userId` is its owner: no other user may press it. */
export type Button =
  /** Cancels a job, or all of the user's. */
  | { readonly type: "cancel"; readonly jobId: string }
  | { readonly type: "cancel_all"; readonly userId: number }
  /** Chooses that job's result, of those of a batch. */
  | { readonly type: "pick"; readonly jobId: string }
  /** A button under a result. */
  | { readonly type: "result"; readonly verb: ResultVerb; readonly jobId: string }
  /** Gives a result another format, or the picture of a question. */
  | { readonly type: "format"; readonly format: Format; readonly jobId: string }
  | { readonly type: "draft_format"; readonly format: Format } & AboutDraft
  /** Makes a result `factor` times larger. */
  | { readonly type: "bigger"; readonly factor: number; readonly jobId: string }
  /** Sends a result that Telegram did not take at first. */
  | { readonly type: "kept_result"; readonly jobId: string }
  /** A preset of the config, by its place in it from 0; one of the user's own; another page of them. */
  | { readonly type: "preset"; readonly index: number } & AboutDraft
  | { readonly type: "own_preset"; readonly id: string } & AboutDraft
  | { readonly type: "preset_page"; readonly page: number } & AboutDraft
  /** Asks what is to be done with what is circled in the picture. */
  | { readonly type: "marks" } & AboutDraft
  /** How they are to be edited: one picture of all or each by itself, four results or one. */
  | { readonly type: "draft_mode"; readonly mode: DraftModeButton } & AboutDraft
  /** "Done": all pictures are there. */
  | { readonly type: "collected" } & AboutDraft
  /** Does not wait for more pictures of an album. */
  | { readonly type: "start_album"; readonly userId: number; readonly album: string }
  /** Begins an edit of the example's picture, for whoever presses. */
  | { readonly type: "example" }
  | { readonly type: "language"; readonly userId: number; readonly language: Language | "auto" }
  | { readonly type: "forget"; readonly userId: number; readonly isConfirmed: boolean }
  | { readonly type: "access"; readonly action: AccessAction }
  | { readonly type: "admin"; readonly action: AdminAction }
  | { readonly type: "import"; readonly action: ImportAction }
  /** Without an action: the menu itself, or an action that is not known. */
  | { readonly type: "menu"; readonly action?: MenuAction } & MenuOwner;

export type ButtonOf<Type extends Button["type"]> = Extract<Button, { readonly type: Type }>;

const draftModes = ["all", "each", "four", "one"] as const;
export type DraftModeButton = typeof draftModes[number];

/** Under the question about pictures that wait for their words. Buttons of 0.1.0 do not say for which. */
interface AboutDraft {
  readonly userId: number;
  readonly draftId?: string;
}

/** A button under a result is known by the name of its label; the seed's is copied by Telegram itself. */
type ResultVerb = Exclude<keyof Text["buttons"], "seed">;

const roleButtons = ["yes", "no", "user", "admin", "block", "out"] as const;
/** What an admin makes of a chat that has asked for access. */
export type RoleButton = typeof roleButtons[number];

export type AccessAction =
  /** A stranger's button. */
  | { readonly type: "ask" }
  /** `page` from 0. */
  | { readonly type: "list"; readonly page: number }
  | { readonly type: "show"; readonly chatId: number }
  | { readonly type: "role"; readonly role: RoleButton; readonly chatId: number };

/** What a button of the admins' panel asks for. */
export type AdminAction =
  | OneOf<typeof plainAdminActions[number]>
  /** `page` from 0. */
  | { readonly type: "queue"; readonly page: number }
  | OneOf<"job" | "cancel" | "first", { readonly jobId: string }>;

/** What a button under an imported workflow asks for; `name` is the template's. */
export type ImportAction =
  /** Imports the file that the button's message replies to. */
  | { readonly type: "file" }
  /** Tries it with a picture that the bot has, or asks for one. */
  | OneOf<"sample" | "picture", { readonly name: string }>
  /** Takes it back, if its files are still those of the tag: 8 hexadecimal digits. */
  | { readonly type: "back"; readonly name: string; readonly tag: string };

/** A member for each name, so that a switch can tell them apart. */
type OneOf<T, Fields = unknown> = T extends string ? { readonly type: T } & Fields : never;

const plainAdminActions = [
  "home",
  "pause",
  "drain",
  "resume",
  "statistics",
  "backends",
  "unload",
  "reload",
  "log",
  "announce",
  "send",
  "discard",
  "close",
] as const;

/** By this a stored question knows the admins' panel, as it knows a settings menu by its button without an action. */
export const adminMenu = "m";

/** A button's callback data: at most 64 bytes while ids of jobs, presets, drafts and albums have at most 24. */
export function writeButton(button: Button): string {
  const data = (tag: string, ...parts: readonly (string | number)[]) => [tag, ...parts].join(":");
  switch (button.type) {
    case "cancel":
      return data("x", button.jobId);
    case "cancel_all":
      return data("xa", writeId(button.userId));
    case "result":
      return data("r", button.verb, button.jobId);
    case "bigger":
      return data("b", button.factor, button.jobId);
    case "pick":
      return data("n", button.jobId);
    case "kept_result":
      return data("d", button.jobId);
    case "preset":
      return data("p", writeId(button.userId), button.index, ...draftPart(button));
    case "own_preset":
      return data("po", writeId(button.userId), button.id, ...draftPart(button));
    case "preset_page":
      return data("pp", writeId(button.userId), button.page, ...draftPart(button));
    case "format":
      return data("a", writeFormat(button.format), button.jobId);
    case "draft_format":
      return data(
        "pf",
        writeId(button.userId),
        writeFormat(button.format),
        ...draftPart(button),
      );
    case "marks":
      return data("pm", writeId(button.userId), ...draftPart(button));
    case "draft_mode":
      return data("pe", writeId(button.userId), button.mode, ...draftPart(button));
    case "collected":
      return data("pd", writeId(button.userId), ...draftPart(button));
    case "example":
      return "e";
    case "start_album":
      return data("g", writeId(button.userId), button.album);
    case "language":
      return data("l", writeId(button.userId), button.language);
    case "forget":
      return data("f", writeId(button.userId), button.isConfirmed ? "yes" : "no");
    case "access":
      return data("k", ...accessParts(button.action));
    case "admin":
      return data(adminMenu, ...adminParts(button.action));
    case "import":
      return data("i", ...importParts(button.action));
    case "menu": {
      const owner = writeId(button.userId);
      const menu = button.jobId === undefined ? data("s", owner) : data("j", owner, button.jobId);
      return button.action ? data(menu, ...menuParts(menu, button.action)) : menu;
    }
    default:
      return button satisfies never;
  }
}

/** What a button's data means; undefined for what no button says. */
export function readButton(data: string): Button | undefined {
  const [tag, ...parts] = data.split(":");
  const [first = "", second = "", third] = parts;
  const rest = parts.slice(1).join(":");
  const userId = readId(first);
  switch (tag) {
    case "x":
      return { type: "cancel", jobId: first };
    case "xa":
      return { type: "cancel_all", userId };
    case "r":
      return isResultVerb(first) ? { type: "result", verb: first, jobId: second } : undefined;
    case "b":
      return isNumber(first) ? { type: "bigger", factor: Number(first), jobId: second } : undefined;
    case "n":
      return { type: "pick", jobId: first };
    case "d":
      return { type: "kept_result", jobId: first };
    case "p":
      return isNumber(second)
        ? { type: "preset", userId, index: Number(second), ...aboutDraft(third) }
        : undefined;
    case "po":
      return { type: "own_preset", userId, id: second, ...aboutDraft(third) };
    case "pp":
      return isNumber(second)
        ? { type: "preset_page", userId, page: Number(second), ...aboutDraft(third) }
        : undefined;
    case "a": {
      const format = readFormat(first);
      return format && { type: "format", format, jobId: second };
    }
    case "pf": {
      const format = readFormat(second);
      return format && { type: "draft_format", userId, format, ...aboutDraft(third) };
    }
    case "pm":
      return { type: "marks", userId, ...aboutDraft(parts[1]) };
    case "pe": {
      const mode = draftModes.find((known) => known === second);
      return mode && { type: "draft_mode", userId, mode, ...aboutDraft(third) };
    }
    case "pd":
      return { type: "collected", userId, ...aboutDraft(parts[1]) };
    case "g":
      return { type: "start_album", userId, album: rest };
    case "e":
      return { type: "example" };
    case "l": {
      const language = readLanguage(second);
      return language && { type: "language", userId, language };
    }
    case "f":
      return second === "yes" || second === "no"
        ? { type: "forget", userId, isConfirmed: second === "yes" }
        : undefined;
    case "k": {
      const action = readAccessAction(parts);
      return action && { type: "access", action };
    }
    case adminMenu: {
      const action = readAdminAction(parts);
      return action && { type: "admin", action };
    }
    case "i": {
      const action = readImportAction(parts);
      return action && { type: "import", action };
    }
    case "s": {
      const action = readMenuAction(parts.slice(1));
      return { type: "menu", userId, ...(action && { action }) };
    }
    case "j": {
      const action = readMenuAction(parts.slice(2));
      return { type: "menu", userId, jobId: second, ...(action && { action }) };
    }
    default:
      return undefined;
  }
}

function draftPart({ draftId }: AboutDraft): string[] {
  return draftId === undefined ? [] : [draftId];
}

function aboutDraft(draftId: string | undefined): Pick<AboutDraft, "draftId"> {
  return draftId === undefined ? {} : { draftId };
}

function isResultVerb(written: string): written is ResultVerb {
  return written !== "seed" && Object.hasOwn(textIn("en").buttons, written);
}

function writeFormat(format: Format): string {
  return format.replace(":", "x");
}

function readFormat(written: string): Format | undefined {
  return formats.find((format) => writeFormat(format) === written);
}

function writeId(userId: number): string {
  return userId.toString(36);
}

/** 0, which is no user's id, for none. */
function readId(written: string): number {
  return /^-?[0-9a-z]{1,11}$/.test(written) ? parseInt(written, 36) : 0;
}

function accessParts(action: AccessAction): (string | number)[] {
  switch (action.type) {
    case "ask":
      return ["ask"];
    case "list":
      return ["list", action.page];
    case "show":
      return ["show", action.chatId];
    case "role":
      return [action.role, action.chatId];
    default:
      return action satisfies never;
  }
}

function readAccessAction([verb, value = ""]: readonly string[]): AccessAction | undefined {
  if (verb === "ask") return { type: verb };
  if (verb === "list") return isNumber(value) ? { type: verb, page: Number(value) } : undefined;
  if (!/^-?\d{1,16}$/.test(value)) return undefined;
  const chatId = Number(value);
  if (verb === "show") return { type: verb, chatId };
  const role = roleButtons.find((known) => known === verb);
  return role && { type: "role", role, chatId };
}

function adminParts(action: AdminAction): (string | number)[] {
  if (action.type === "queue") return [action.type, action.page];
  return "jobId" in action ? [action.type, action.jobId] : [action.type];
}

function readAdminAction(
  [verb, argument = "", ...more]: readonly string[],
): AdminAction | undefined {
  if (more.length > 0) return undefined;
  switch (verb) {
    case "queue":
      return isNumber(argument) ? { type: verb, page: Number(argument) } : undefined;
    case "job":
    case "cancel":
    case "first":
      return /^[a-z0-9]{1,16}$/.test(argument) ? { type: verb, jobId: argument } : undefined;
    default: {
      const type = plainAdminActions.find((known) => known === verb);
      return type && argument === "" ? { type } : undefined;
    }
  }
}

function importParts(action: ImportAction): string[] {
  switch (action.type) {
    case "file":
      return [action.type];
    case "sample":
    case "picture":
      return [action.type, action.name];
    case "back":
      return [action.type, action.name, action.tag];
    default:
      return action satisfies never;
  }
}

function readImportAction(
  [type, name = "", tag = ""]: readonly string[],
): ImportAction | undefined {
  if (type === "file") return { type };
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(name)) return undefined;
  if (type === "back") return /^[0-9a-f]{8}$/.test(tag) ? { type, name, tag } : undefined;
  return type === "sample" || type === "picture" ? { type, name } : undefined;
}
