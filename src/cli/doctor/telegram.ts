/** `doctor` on Telegram: the token, a webhook in the way, this machine's clock. Does not ask itself. */
import { type TelegramProbe } from "../../telegram/api/mod.ts";
import { removeWebhook } from "../core/mod.ts";
import { fail, type Finding, ok, warn } from "./check.ts";

/** Further off than this, certificates and the times in the log begin to be wrong. */
const maxClockOffsetMs = 60_000;

const getToken =
  "open @BotFather in Telegram, /mybots, API Token, and put it into .env as TELEGRAM_BOT_TOKEN";

/** `look` is undefined where there is no token to ask with. */
export function checkToken(look: TelegramProbe | undefined, apiRoot: string): Finding {
  if (look === undefined) return fail("there is no usable TELEGRAM_BOT_TOKEN", getToken);
  switch (look.type) {
    case "answered": {
      const bot = `@${look.bot.username} (${look.bot.firstName})`;
      return look.webhookHost === undefined ? ok(`Telegram knows it as ${bot}`) : fail(
        `${bot} has a webhook to ${look.webhookHost}, so that no messages come here`,
        removeWebhook,
      );
    }
    case "refused":
      // 401: nobody's token; 404: not even the shape of one.
      return look.code === 401 || look.code === 404
        ? fail(`Telegram refuses it (${look.code} ${look.description})`, getToken)
        : fail(`Telegram answers ${look.code} ${look.description}`, "try again in a minute");
    case "unreadable":
      return fail(
        `${apiRoot} answers with status ${look.status}, and not as Telegram does`,
        "check TELEGRAM_API_ROOT in .env, or try again in a minute",
      );
    case "unreachable":
      return fail(
        `${apiRoot} cannot be reached: ${look.reason}`,
        "check this machine's network, and TELEGRAM_API_ROOT in .env",
      );
    default:
      return look satisfies never;
  }
}

/** `nowMs`: this machine's clock when the look ended. */
export function checkClock(look: TelegramProbe | undefined, nowMs: number): Finding {
  const serverTimeMs = look && look.type !== "unreachable" ? look.serverTimeMs : undefined;
  if (serverTimeMs === undefined) return warn("cannot be compared: Telegram did not tell the time");
  const offsetMs = nowMs - serverTimeMs;
  if (Math.abs(offsetMs) <= maxClockOffsetMs) return ok("agrees with Telegram's");
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return warn(
    `${seconds} s ${offsetMs > 0 ? "ahead of" : "behind"} Telegram's`,
    "timedatectl set-ntp true",
  );
}
