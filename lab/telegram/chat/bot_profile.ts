/**
 * What the bot says of itself: commands by scope and language, name, descriptions, menu button.
 * Which list a user sees follows the order that the Bot API documents at BotCommandScope.
 */

import type { BotCommand, BotCommandScope, MenuButton } from "grammy/types";
import { badRequest } from "../refusal.ts";

/** The texts of the bot's profile by language: 0–`max` characters. */
export const PROFILE_TEXTS = { Name: 64, Description: 512, ShortDescription: 120 } as const;
export type ProfileText = keyof typeof PROFILE_TEXTS;

const MAX_COMMANDS = 100;

/** Who looks, where: enough to choose the list of commands. */
export interface Viewer {
  readonly userId: number;
  readonly language: string;
  readonly chatId: number;
  readonly isPrivate: boolean;
  readonly isAdmin: boolean;
}

function keyOf(scope: BotCommandScope, language: string): string {
  const chat = "chat_id" in scope ? String(scope.chat_id) : "";
  const user = "user_id" in scope ? String(scope.user_id) : "";
  return [scope.type, chat, user, language].join("|");
}

/** The scopes whose lists a viewer is shown, the first that is set wins. */
function scopesFor({ userId, chatId, isPrivate, isAdmin }: Viewer): BotCommandScope[] {
  if (isPrivate) {
    return [{ type: "chat", chat_id: chatId }, { type: "all_private_chats" }, { type: "default" }];
  }
  const admin: BotCommandScope[] = isAdmin
    ? [{ type: "chat_administrators", chat_id: chatId }]
    : [];
  const anyAdmin: BotCommandScope[] = isAdmin ? [{ type: "all_chat_administrators" }] : [];
  return [
    { type: "chat_member", chat_id: chatId, user_id: userId },
    ...admin,
    { type: "chat", chat_id: chatId },
    ...anyAdmin,
    { type: "all_group_chats" },
    { type: "default" },
  ];
}

export class Menu {
  readonly #commands = new Map<string, readonly BotCommand[]>();
  readonly #texts = new Map<string, string>();
  readonly #buttons = new Map<number, MenuButton>();

  /** Sets a list; throws a Refusal for a command that Telegram does not take. */
  setCommands(commands: readonly BotCommand[], scope: BotCommandScope, language: string): void {
    checkLanguage(language);
    if (commands.length > MAX_COMMANDS) throw badRequest("BOT_COMMANDS_TOO_MUCH");
    const cleaned = commands.map(({ command, description, ...rest }) => {
      const name = command.trim().replace(/^\//, "");
      if (name === "") throw badRequest("Command must be non-empty");
      if (name.length > 32) throw badRequest("Command length must not exceed 32");
      if (!/^[a-z0-9_]+$/.test(name)) throw badRequest("BOT_COMMAND_INVALID");
      const words = description.trim();
      if (words === "") throw badRequest("Command description must be non-empty");
      if ([...words].length > 256) {
        throw badRequest("Command description length must not exceed 256");
      }
      return { command: name, description: words, ...rest };
    });
    if (cleaned.length === 0) this.#commands.delete(keyOf(scope, language));
    else this.#commands.set(keyOf(scope, language), cleaned);
  }

  commands(scope: BotCommandScope, language: string): readonly BotCommand[] {
    return this.#commands.get(keyOf(scope, language)) ?? [];
  }

  /** What a user sees behind the menu button and after "/". */
  commandsFor(viewer: Viewer): readonly BotCommand[] {
    const language = viewer.language.slice(0, 2);
    for (const scope of scopesFor(viewer)) {
      const list = this.#commands.get(keyOf(scope, language)) ??
        this.#commands.get(keyOf(scope, ""));
      if (list !== undefined) return list;
    }
    return [];
  }

  setText(kind: ProfileText, text: string, language: string): void {
    checkLanguage(language);
    if ([...text].length > PROFILE_TEXTS[kind]) {
      throw badRequest(`Bot ${kind === "Name" ? "name" : "description"} is too long`);
    }
    this.#texts.set(`${kind}|${language}`, text);
  }

  /** A text of the profile in a language, or in none when that has none. */
  text(kind: ProfileText, language: string): string {
    return this.#texts.get(`${kind}|${language}`) || this.#texts.get(`${kind}|`) || "";
  }

  /** The button of a chat; 0 is every private chat. */
  setButton(chatId: number, button: MenuButton): void {
    this.#buttons.set(chatId, button);
  }

  button(chatId: number): MenuButton {
    return this.#buttons.get(chatId) ?? this.#buttons.get(0) ?? { type: "default" };
  }
}

function checkLanguage(language: string): void {
  if (language !== "" && !/^[a-z]{2}$/.test(language)) {
    throw badRequest("Invalid language code specified");
  }
}
