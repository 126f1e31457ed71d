/**
 * What the demo page shows: the emulated Telegram with its users and group, the simulated ComfyUI, the bot's process.
 * Types only. It knows neither HTTP nor the page.
 */
import type { Chat } from "grammy/types";
import type { SimulatedComfyUI } from "../../lab/comfyui/mod.ts";
import type { Person, Telegram } from "../../lab/telegram/mod.ts";
import type { BotProcess } from "../bot_process.ts";

/** A user of the emulated Telegram that the visitor of the page may be. */
export interface Visitor {
  readonly person: Person;
  /** Whether the bot was started with this person as its administrator. */
  readonly isAdmin: boolean;
}

/** Everything behind the page. */
export interface PageWorld {
  readonly telegram: Telegram;
  readonly comfyui: SimulatedComfyUI;
  readonly bot: BotProcess;
  readonly visitors: readonly Visitor[];
  readonly group: Chat.SupergroupChat;
}

/** The visitor with that id; throws where there is none. */
export function visitorOf(world: PageWorld, id: number): Visitor {
  const visitor = world.visitors.find(({ person }) => person.id === id);
  if (visitor === undefined) {
    throw new Error(`Cannot find user ${id}: there is no user with this id`);
  }
  return visitor;
}
