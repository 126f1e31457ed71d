/**
 * Small transformers of calls: each call is observed, ends with the program, and takes "message is not modified" for done.
 */
import type { Api, Transformer } from "grammy";
import { type TelegramCall } from "../../monitoring/mod.ts";

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
