/**
 * Small transformers of calls: each call is observed, takes "message is not modified" for done, and tells whether Telegram takes
 * the bot's token.
 */
import { getLogger } from "@logtape/logtape";
import type { Api, Transformer } from "grammy";
import { type TelegramCall } from "../../monitoring/mod.ts";
import { refusalIn } from "./refusal.ts";

const log = getLogger(["bot", "telegram", "api"]);

/** The innermost of the transformers sees each try. A call that the program itself gave up is told of as none. */
export function observeCalls(called: (call: TelegramCall) => void): Transformer {
  return async (prev, method, payload, signal) => {
    try {
      const answer = await prev(method, payload, signal);
      called({ method, code: answer.ok ? 200 : answer.error_code });
      return answer;
    } catch (error) {
      if (!signal?.aborted) called({ method, code: "network" });
      throw error;
    }
  };
}

/** Has such an edit resolve with `true` (Bot API: 400 "message is not modified"). */
export const ignoreNotModified: Transformer = async (prev, method, payload, signal) => {
  const answer = await prev(method, payload, signal);
  if (answer.ok || !/message is not modified/.test(answer.description)) return answer;
  return { ok: true, result: true as never };
};

/** The signal as grammY's types spell it: they are made for a polyfill, at run time it is the platform's. */
export function apiSignal(signal: AbortSignal): NonNullable<Parameters<Api["getMe"]>[0]> {
  return signal as unknown as NonNullable<Parameters<Api["getMe"]>[0]>;
}

/**
 * Whether Telegram takes the token: it may be revoked, or refused for a while by itself; meanwhile nothing is given up. Says so once.
 * Sees every answer; `onRefused` is called when the first one refuses it.
 */
export function watchToken(onRefused: () => void): Transformer {
  /** Methods whose last answer refused it: one server behind Telegram's gateway may, and the others not. */
  const refused = new Set<string>();
  return async (prev, method, payload, signal) => {
    const answer = await prev(method, payload, signal);
    if (answer.ok) {
      if (refused.delete(method) && refused.size === 0) {
        log.info("Telegram accepts the token again");
      }
      return answer;
    }
    if (refusalIn(answer).kind !== "credentials") return answer;
    if (refused.size === 0) {
      log.error("Telegram refuses the token ({error}): results are kept until it accepts it", {
        error: answer.description,
      });
      onRefused();
    }
    refused.add(method);
    return answer;
  };
}
