/** A sentence for every admin, in the language of each. Owns that one who cannot be reached keeps nobody from hearing it. */
import { getLogger } from "@logtape/logtape";
import type { Api } from "grammy";
import type { InlineKeyboardMarkup } from "grammy/types";
import { messageOf } from "../../lib/errors.ts";
import { languageOf } from "../../users/settings.ts";
import { cut, type Text, textIn } from "../../i18n/text.ts";
import type { ChatDeps } from "../api/context.ts";

const log = getLogger(["bot", "telegram"]);

/** Less than the 4096 characters of a message (Bot API). */
export const maxText = 4000;

/** Sends it to all admins. Rejects where the store cannot be read. */
export type TellAdmins = (
  sentence: (text: Text) => string,
  keyboard?: InlineKeyboardMarkup,
) => Promise<void>;

export function createTellAdmins(
  { api, access, settings }: Pick<ChatDeps, "access" | "settings"> & { readonly api: Api },
): TellAdmins {
  return async (sentence, keyboard) => {
    const markup = keyboard ? { reply_markup: keyboard } : {};
    for (const admin of await access.admins()) {
      const text = textIn(languageOf(await settings.person(admin)));
      await api.sendMessage(admin, cut(sentence(text), maxText), markup).catch(
        (error) => log.warn("Cannot tell {admin}: {error}", { admin, error: messageOf(error) }),
      );
    }
  };
}
