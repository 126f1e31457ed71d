/** The answer to a press: the button spins until it comes. */
import { getLogger } from "@logtape/logtape";
import { messageOf } from "../../lib/errors.ts";
import { cut } from "../../i18n/text.ts";
import type { BotContext } from "./context.ts";
import { maxNotice } from "../settings/actions.ts";

const log = getLogger(["bot", "telegram", "menu"]);

/** Answers the press. One that is too old to be answered (a replay after a restart) still does what it does. */
export async function answerPress(ctx: BotContext, text?: string, isAlert = false): Promise<void> {
  try {
    await ctx.answerCallbackQuery({
      ...(text === undefined ? {} : { text: cut(text, maxNotice) }),
      show_alert: isAlert,
    });
  } catch (error) {
    log.info("Cannot answer a press: {error}", { error: messageOf(error) });
  }
}
