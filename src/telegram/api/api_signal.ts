/** AbortSignals for calls of the Bot API. */
import type { Api } from "grammy";

/** The signal as grammY's types spell it: they are made for a polyfill, at run time it is the platform's. */
export function apiSignal(signal: AbortSignal): NonNullable<Parameters<Api["getMe"]>[0]> {
  return signal as unknown as NonNullable<Parameters<Api["getMe"]>[0]>;
}
