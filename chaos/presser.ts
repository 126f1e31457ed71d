/** Somebody who presses buttons in a menu all the time: how long they wait for an answer is how the bot feels. */
import { setTimeout as pause } from "node:timers/promises";
import type { Message } from "grammy/types";
import { type Stage, untilSaid } from "../lab/stage.ts";
import type { Person } from "../lab/telegram/mod.ts";

/** A menu in somebody's chat. */
export interface Menu {
  readonly person: Person;
  readonly message: Message;
}

/** Pause between two presses of one user. */
const pauseMs = 400;

/** Asks for the settings. */
export async function openMenu(stage: Stage, person: Person): Promise<Menu> {
  person.sendText("/settings");
  const message = await untilSaid(stage, person, /./);
  return { person, message };
}

/**
 * Presses one of the menu's buttons after the other until the signal aborts; gives how long each took, in milliseconds. One
 * that nobody answered took for ever.
 */
export async function pressAtRandom(
  { person, message }: Menu,
  { random, signal }: { readonly random: () => number; readonly signal: AbortSignal },
): Promise<readonly number[]> {
  const data =
    message.reply_markup?.inline_keyboard.flat().flatMap((button) =>
      "callback_data" in button ? [button.callback_data] : []
    ) ?? [];
  const samples: number[] = [];
  while (!signal.aborted) {
    const { answered, ms } = await person.press(message, {
      data: data[Math.floor(random() * data.length)]!,
    });
    samples.push(answered ? ms : Infinity);
    await pause(pauseMs);
  }
  return samples;
}
