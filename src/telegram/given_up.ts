/** The sentence for a message or a press that is left out, for the program died of it twice. */
import type { Api } from "grammy";
import type { Update } from "grammy/types";
import { languageFor, textIn } from "../i18n/mod.ts";
import { type Settings } from "../users/mod.ts";

export interface GivenUpDeps {
  readonly api: Pick<Api, "sendMessage">;
  readonly settings: Pick<Settings, "user">;
}

/** Says it in the update's chat and topic, as a reply. Does nothing for an update without a sender. */
export async function tellGivenUp(
  { message, callback_query: press }: Update,
  { api, settings }: GivenUpDeps,
): Promise<void> {
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
