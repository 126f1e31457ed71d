/** Tells of every call of the Bot API how it ended, each try by itself. Changes nothing about it. */
import type { Transformer } from "grammy";
import type { TelegramCall } from "../../monitoring/health.ts";

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
