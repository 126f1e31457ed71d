/**
 * The Bot API as this bot calls it: limits, retries, the update loop, downloads, ephemeral messages.
 * Owns how a call gets through. Does not know what a message says.
 */
export { type Addresses, createAddresses } from "./addresses.ts";
export {
  answer,
  answerCallback,
  type BotContext,
  type ChatDeps,
  chatUserOf,
  maxNotice,
  originOf,
  type PressAnswer,
  refuse,
  replyOptions,
  templateOf,
} from "./context.ts";
export { contentOf, download, type PictureSource, TooLargeError } from "./download.ts";
export { ephemeralEdits, isSeenByUserAlone, jobsToShow } from "./ephemeral.ts";
export { createFloodGuard } from "./flood_guard.ts";
export { readableRefusals } from "./gateway.ts";
export { countsWithPrivates, createMessageIds, type MessageIds } from "./message_ids.ts";
export type { TelegramProbe } from "./probe.ts";
export { createRateLimiter, type RateLimiter } from "./rate_limiter.ts";
export { createReactions, type Reactions } from "./reactions.ts";
export { type Refusal, refusalOf } from "./refusal.ts";
export { floodTransformer, isTransient, retryTransformer, retryUntilDelivered } from "./retry.ts";
export { createSenders, isFrom, type Senders, writerOf } from "./sender.ts";
export { apiSignal, ignoreNotModified, observeCalls, watchToken } from "./transformers.ts";
export { parseUpdate, runUpdates } from "./update_loop.ts";
