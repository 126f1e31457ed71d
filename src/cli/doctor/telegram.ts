/** Telegram: the token, a webhook that is set, the clock of this host. Sends no requests. */
import { type TelegramProbe } from "../../telegram/api/mod.ts";
import { removeWebhook } from "../core/mod.ts";
import { fail, type Finding, ok, warn } from "./check.ts";

/** Beyond it, TLS certificates and times in the log become unreliable. */
const maxClockOffsetMs = 60_000;

const getToken =
  "copy it from @BotFather in Telegram (/mybots, API Token) and set TELEGRAM_BOT_TOKEN in .env";

/** `probe` is undefined where there is no token. */
export function checkToken(probe: TelegramProbe | undefined, apiRoot: string): Finding {
  if (probe === undefined) return fail("TELEGRAM_BOT_TOKEN is missing or invalid", getToken);
  switch (probe.type) {
    case "answered": {
      const bot = `@${probe.bot.username} (${probe.bot.firstName})`;
      return probe.webhookHost === undefined ? ok(`belongs to ${bot}`) : fail(
        `${bot} has a webhook to ${probe.webhookHost}, so getUpdates gets no messages`,
        removeWebhook,
      );
    }
    case "refused":
      // 401: an unknown token; 404: not the format of one.
      return probe.code === 401 || probe.code === 404
        ? fail(`Telegram rejects it (${probe.code} ${probe.description})`, getToken)
        : fail(`Telegram answers ${probe.code} ${probe.description}`, "try again in a minute");
    case "unreadable":
      return fail(
        `${apiRoot} answers with status ${probe.status}, not as the Bot API does`,
        "check TELEGRAM_API_ROOT in .env, or try again in a minute",
      );
    case "unreachable":
      return fail(
        `${apiRoot} cannot be reached: ${probe.reason}`,
        "check the network of this host, and TELEGRAM_API_ROOT in .env",
      );
    default:
      return probe satisfies never;
  }
}

/** `nowMs`: the time of this host when the probe ended. */
export function checkClock(probe: TelegramProbe | undefined, nowMs: number): Finding {
  const serverTimeMs = probe && probe.type !== "unreachable" ? probe.serverTimeMs : undefined;
  if (serverTimeMs === undefined) return warn("unknown: Telegram did not send the time");
  const offsetMs = nowMs - serverTimeMs;
  if (Math.abs(offsetMs) <= maxClockOffsetMs) return ok("agrees with the clock of Telegram");
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return warn(
    `${seconds} s ${offsetMs > 0 ? "ahead of" : "behind"} the clock of Telegram`,
    "timedatectl set-ntp true",
  );
}
