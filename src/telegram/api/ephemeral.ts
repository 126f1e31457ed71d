/**
 * Ephemeral messages (Bot API 10): in a group they are seen by one member alone. Owns when an answer may be one, and how the
 * edits and deletions of one are called.
 *
 * A server that is too old ignores the parameter and shows the message to the whole group. So an answer is ephemeral only where
 * what it answers is ephemeral itself: that proves that the server knows them. Owns also what of a user's may stand in an answer
 * that a whole group sees.
 */
import type { Context, Transformer } from "grammy";
import type { EphemeralMessageParameters } from "grammy/types";
import { type Job } from "../../jobs/mod.ts";

/** The parameters that make an answer to this update ephemeral; undefined where the whole group sees it. */
export function ephemeralParameters(
  ctx: Context & { readonly sender: number },
): EphemeralMessageParameters | undefined {
  // Who speaks for a group has no message of their own.
  if (!ctx.from || ctx.sender < 0 && !ctx.callbackQuery) return undefined;
  if (ctx.msg?.ephemeral_message_id === undefined || !isGroup(ctx)) return undefined;
  return {
    receiver_user_id: ctx.from.id,
    ...(ctx.callbackQuery ? { callback_query_id: ctx.callbackQuery.id } : {}),
  };
}

/** True where the user alone sees the answer: in their private chat, and where it is ephemeral. */
export function isSeenByUserAlone(ctx: Context & { readonly sender: number }): boolean {
  return ctx.chat?.type === "private" || ephemeralParameters(ctx) !== undefined;
}

/** The jobs that the answer may show: all where the user alone sees it, else those that were asked for in this very chat. */
export function jobsToShow(
  ctx: Context & { readonly sender: number },
  jobs: readonly Job[],
): readonly Job[] {
  return isSeenByUserAlone(ctx)
    ? jobs
    : jobs.filter(({ origin }) => origin.chatId === ctx.chat?.id);
}

/** Elsewhere Telegram refuses them (400): an answer would be lost. */
function isGroup({ chat }: Context): boolean {
  return chat?.type === "group" || chat?.type === "supergroup";
}

/** The methods for ephemeral messages, by those for all others. */
const ephemeralMethods: Readonly<
  Record<
    string,
    "editEphemeralMessageText" | "editEphemeralMessageReplyMarkup" | "deleteEphemeralMessage"
  >
> = {
  editMessageText: "editEphemeralMessageText",
  editMessageReplyMarkup: "editEphemeralMessageReplyMarkup",
  deleteMessage: "deleteEphemeralMessage",
};

/**
 * While a press under an ephemeral message is answered, its edits and its deletion go by its own id: handlers say
 * `ctx.editMessageText` as they do everywhere.
 */
export function ephemeralEdits(ctx: Context): void {
  const ephemeralId = ctx.callbackQuery?.message?.ephemeral_message_id;
  const receiver = ctx.from?.id;
  if (ephemeralId === undefined || receiver === undefined) return;
  const redirect: Transformer = (prev, method, payload, signal) => {
    const own = ephemeralMethods[method];
    if (!own || !("message_id" in payload) || payload.message_id !== 0) {
      return prev(method, payload, signal);
    }
    const { message_id: _, ...rest } = payload;
    const redirected = { ...rest, receiver_user_id: receiver, ephemeral_message_id: ephemeralId };
    return prev(own as never, redirected as never, signal) as never;
  };
  ctx.api.config.use(redirect);
}
