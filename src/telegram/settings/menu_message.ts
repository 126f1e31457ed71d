/**
 * The message that a menu stands in. Owns how it is changed: Telegram takes about one edit a second in a chat, and who
 * taps "+" ten times wants to see the last value, not each of them. Does not know what stands in it.
 */
import { getLogger } from "@logtape/logtape";
import { type Api, GrammyError } from "grammy";
import { createCoalescer } from "../../lib/mod.ts";
import type { MenuView } from "./keyboard_builder.ts";

const log = getLogger(["bot", "telegram", "settings"]);

/** Where a menu is. */
export interface MenuMessage {
  readonly chatId: number;
  /** 0 for an ephemeral message. */
  readonly messageId: number;
  /** Set where only `userId` sees it (Bot API 10, groups). */
  readonly ephemeralId?: number | undefined;
  readonly userId: number;
}

export interface MenuMessages {
  /**
   * Shows what `look` gives when the message's turn comes; a newer call takes the place of one that waits. Resolves with
   * false where the message is no longer there.
   */
  show(api: Api, at: MenuMessage, look: () => Promise<MenuView | undefined>): Promise<boolean>;
  /** Takes the message away, after the change that is under way. */
  remove(api: Api, at: MenuMessage): Promise<void>;
}

export function createMenuMessages(): MenuMessages {
  const latest = createCoalescer<boolean>();

  /** False where Telegram says that there is nothing to change. */
  function change(at: MenuMessage, act: () => Promise<unknown>): Promise<boolean> {
    return latest(`${at.chatId}:${at.messageId}:${at.ephemeralId ?? ""}`, async () => {
      try {
        await act();
        return true;
      } catch (error) {
        if (!(error instanceof GrammyError) || error.error_code !== 400) throw error;
        log.info("Cannot edit a menu: {error}", { error: error.description });
        return false;
      }
    });
  }

  return {
    show: (api, at, look) =>
      change(at, async () => {
        const view = await look();
        if (!view) return;
        const { chatId, messageId, ephemeralId, userId } = at;
        const markup = { reply_markup: view.keyboard };
        await (ephemeralId === undefined
          ? api.editMessageText(chatId, messageId, view.text, markup)
          : api.editEphemeralMessageText(chatId, userId, ephemeralId, view.text, markup));
      }),
    async remove(api, at) {
      const { chatId, messageId, ephemeralId, userId } = at;
      await change(
        at,
        () =>
          ephemeralId === undefined
            ? api.deleteMessage(chatId, messageId)
            : api.deleteEphemeralMessage(chatId, userId, ephemeralId),
      );
    },
  };
}
