/** What Telegram's Bot API answers to a call, as grammY's transformers see it. */

export type Answer =
  | { readonly ok: true; readonly result: never }
  | {
    readonly ok: false;
    readonly error_code: number;
    readonly description: string;
    readonly parameters?: { readonly retry_after: number };
  };

export const fine: Answer = { ok: true, result: true as never };
