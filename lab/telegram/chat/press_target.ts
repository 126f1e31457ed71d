/**
 * The button that a user presses: found by its label on a live message, or forged. It does not know what a press does.
 */

import type { Message } from "grammy/types";
import type { ButtonRef, MessageRef } from "../contract.ts";

/** The callback data of a press; throws when there is no such button, or pressing it tells the bot nothing. */
export function buttonData(
  message: Message | undefined,
  { message_id }: MessageRef,
  button: ButtonRef,
): string {
  if (typeof button !== "string") return button.data;
  if (message === undefined) {
    throw new Error(`Cannot press "${button}": message ${message_id} is gone (wanted a live one)`);
  }
  const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
  const found = buttons.find(({ text }) => text === button);
  if (found === undefined) {
    const labels = buttons.map(({ text }) => `"${text}"`).join(", ") || "none";
    throw new Error(
      `Cannot press "${button}": message ${message_id} has ${labels} (wanted one of its buttons)`,
    );
  }
  if (!("callback_data" in found)) {
    throw new Error(`Cannot press "${button}": it is handled by the client (wanted callback data)`);
  }
  return found.callback_data;
}
