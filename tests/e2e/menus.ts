/** Menus of buttons, as a user uses them: what the tests of them have in common. */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { buttons, type Stage, untilSaid } from "../../lab/stage.ts";
import type { Person } from "../../lab/telegram/mod.ts";

/** The menu as it stands when one of its buttons has this label. */
export function untilButton(stage: Stage, menu: Message, label: string | RegExp): Promise<Message> {
  return stage.telegram.until(() => {
    const message = stage.telegram.message(menu.chat, menu.message_id);
    const has = (text: string) => typeof label === "string" ? text === label : label.test(text);
    return message && buttons(message).flat().some(has) && message;
  }, { what: `a button ${label}` });
}

/** What a press on the button with this label sends. */
export function dataOf(message: Message, label: string | RegExp): { readonly data: string } {
  const button = message.reply_markup?.inline_keyboard.flat()
    .find(({ text }) => typeof label === "string" ? text === label : label.test(text));
  assert.ok(button && "callback_data" in button, `${label} in ${buttons(message)}`);
  return { data: button.callback_data };
}

/** The button "Save as idea", which what was done without words does not have. */
export function presetOf(result: Message): { readonly data: string } {
  assert.ok(!buttons(result).flat().includes("⭐ Save as idea"));
  return { data: dataOf(result, "🗑 Delete").data.replace("delete", "preset") };
}

/** Opens a user's own settings. */
export async function openMenu(stage: Stage, person: Person): Promise<Message> {
  person.sendText("/settings");
  return await untilSaid(stage, person, /Settings for your next|Настройки для следующих/);
}

/** Presses a button and gives the menu as it is when another one is there. */
export async function pressUntil(
  stage: Stage,
  person: Person,
  menu: Message,
  label: string,
  after: string | RegExp,
): Promise<Message> {
  await person.press(menu, label);
  return await untilButton(stage, menu, after);
}

/** Opens the list of a choice's options; they are known when ComfyUI has told the bot. */
export async function openList(stage: Stage, person: Person, menu: Message, param: string) {
  const data = `s:${person.id.toString(36)}:param:${param}`;
  return await stage.telegram.until(async () => {
    await person.press(menu, { data });
    const page = stage.telegram.message(menu.chat, menu.message_id);
    const labels = page ? buttons(page).flat() : [];
    return labels.includes("‹ Back") && labels.some((label) => label.startsWith("✓ ")) && page;
  }, { what: `the list of ${param}` });
}

/** Sets a parameter as the button that names the value does. */
export async function set(
  person: Person,
  menu: Message,
  param: string,
  value: string,
): Promise<void> {
  const data = `s:${person.id.toString(36)}:set:${param}:${value}`;
  const { answered, text } = await person.press(menu, { data });
  assert.ok(answered && text === undefined, `${data}: ${text}`);
}

/** `/forget` and its button; gives what the bot says of it. */
export async function forget(stage: Stage, person: Person): Promise<Message> {
  person.sendText("/forget");
  const question = await untilSaid(stage, person, "Erase everything that I keep");
  await person.press(question, "🗑 Erase everything");
  return await untilSaid(stage, person, /^Erased:/);
}
