/**
 * The sentences for a message or a press that does not reach its handler: it is left out, for the program died of it twice, or it waits,
 * for nothing can be stored.
 */
import type { Api } from "grammy";
import type { Update } from "grammy/types";
import { languageFor, textIn } from "../i18n/mod.ts";
import { type JobQueue } from "../jobs/mod.ts";
import { type Settings } from "../users/mod.ts";
import { jobIdOf } from "./intake/mod.ts";

export interface GivenUpDeps {
  readonly api: Pick<Api, "sendMessage">;
  readonly settings: Pick<Settings, "user">;
  readonly queue: Pick<JobQueue, "get">;
}

/**
 * Says it in the update's chat and topic, as a reply. Does nothing for an update without a sender, and for one that has made its
 * job: that goes its own way, and its user is told of it.
 */
export async function tellGivenUp(
  update: Update,
  { api, settings, queue }: GivenUpDeps,
): Promise<void> {
  const { message, callback_query: press } = update;
  if (await queue.get(jobIdOf({ update }))) return;
  const from = message?.from ?? press?.from;
  const at = message ?? press?.message;
  if (!from || !at) return;
  const { language } = await settings.user(from.id);
  const text = textIn(language ?? languageFor(from.language_code));
  const threadId = "message_thread_id" in at && at.is_topic_message
    ? at.message_thread_id
    : undefined;
  await api.sendMessage(at.chat.id, message ? text.leftOut.message : text.leftOut.press, {
    reply_parameters: { message_id: at.message_id, allow_sending_without_reply: true },
    ...(threadId === undefined ? {} : { message_thread_id: threadId }),
  });
}

/** Says in the user's private chat that it waits; in a group many would read it. Their settings cannot be read now. */
export async function tellHeldUp(
  { message, callback_query: press }: Update,
  { api }: Pick<GivenUpDeps, "api">,
): Promise<void> {
  const from = message?.from ?? press?.from;
  const at = message ?? press?.message;
  if (!from || at?.chat.type !== "private") return;
  await api.sendMessage(at.chat.id, textIn(languageFor(from.language_code)).heldUp);
}
