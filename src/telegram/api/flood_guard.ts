/**
 * Who sends faster than Telegram lets the bot answer (about a message a second in a chat): their messages stand in a line,
 * each waiting for the answer to the one before, and hundreds of them would leave no capacity for other users.
 * While a user's line is long, what they send is done and not answered. Owns how long is long.
 */
import type { MiddlewareFn } from "grammy";
import type { BotContext } from "./context.ts";

export interface FloodGuard {
  /** Comes before the line. */
  readonly enter: MiddlewareFn<BotContext>;
  /** Comes behind it: says so to who answers where more are waiting than can be answered soon. */
  readonly notice: MiddlewareFn<BotContext>;
}

/** Answers to so many come within a minute, which is about as long as a user waits for them. */
const maxInLine = 50;

/** `lineOf`: whose line the update stands in. */
export function createFloodGuard(lineOf: (ctx: BotContext) => string): FloodGuard {
  const lines = new Map<string, number>();
  return {
    async enter(ctx, next) {
      const line = lineOf(ctx);
      lines.set(line, (lines.get(line) ?? 0) + 1);
      try {
        await next();
      } finally {
        const left = (lines.get(line) ?? 1) - 1;
        if (left > 0) lines.set(line, left);
        else lines.delete(line);
      }
    },
    async notice(ctx, next) {
      const inLine = lines.get(lineOf(ctx)) ?? 0;
      ctx.isFollowed = inLine > 1;
      if (inLine > maxInLine) ctx.goesUnanswered = true;
      await next();
    },
  };
}
