/**
 * Whether Telegram takes the bot's token. It may be revoked, or refused for a while by itself; meanwhile nothing is given up.
 * Owns what is said about it, and that it is said once.
 */
import { getLogger } from "@logtape/logtape";
import type { Transformer } from "grammy";
import { refusalIn } from "./refusal.ts";

const log = getLogger(["bot", "telegram", "api"]);

/** Sees every answer; `onRefused` is called when the first one refuses the token. */
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
