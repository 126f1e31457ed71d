/**
 * What an update must have to be handled: the fields that the Bot API promises and every handler relies on. All others
 * are looked at where they are used.
 */
import { getLogger } from "@logtape/logtape";
import type { Update } from "grammy/types";
import { z } from "zod";

const log = getLogger(["bot", "telegram"]);

const user = z.looseObject({ id: z.number(), first_name: z.string() });
const chat = z.looseObject({ id: z.number(), type: z.string() });
const message = z.looseObject({ message_id: z.number(), chat, from: user.optional() });

/** Required fields of https://core.telegram.org/bots/api#update and of its parts, as far as they are used. */
const wholeUpdate = z.looseObject({
  update_id: z.number(),
  message: message.optional(),
  callback_query: z.looseObject({ id: z.string(), from: user, message: message.optional() })
    .optional(),
  stopped_message_generation: z.looseObject({ chat, draft_id: z.number() }).optional(),
});
const storedUpdate = z.looseObject({ update_id: z.number() });

/** Reads back an update that the inbox has kept as JSON; it came from Telegram and is trusted to be one. */
export function parseUpdate(json: string): Update {
  return z.custom<Update>((value) => storedUpdate.safeParse(value).success).parse(JSON.parse(json));
}

/** The updates that have what every update of their kind has; the log has a line about each of the others. */
export function wholeOnes(updates: readonly Update[]): readonly Update[] {
  return updates.filter((update) => {
    const { success, error } = wholeUpdate.safeParse(update);
    if (success) return true;
    log.warn("Leaving out update {updateId}, which lacks what the Bot API promises: {problem}", {
      updateId: update.update_id,
      problem: error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
    });
    return false;
  });
}
