/**
 * A Bot API error on its way to the answer. It knows the wire's error codes; it does not know HTTP.
 */

/** Thrown by a method that refuses a request; becomes `{ok: false, error_code, description}`. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  constructor(
    readonly code: number,
    description: string,
    /** Seconds, for 429. */
    readonly retryAfter?: number,
    /** The id of the supergroup that the group has become. */
    readonly migrateTo?: number,
  ) {
    super(description);
  }
}

/** What telegram-bot-api says in place of some of Telegram's own codes. */
const SENTENCES: Readonly<Record<string, string>> = {
  MESSAGE_NOT_MODIFIED:
    "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
  QUERY_ID_INVALID: "query is too old and response timeout expired or query ID is invalid",
  MESSAGE_DELETE_FORBIDDEN: "message can't be deleted",
  REPLY_MARKUP_TOO_LONG: "reply markup is too long",
};

/**
 * A 400 as telegram-bot-api words it: the first letter of a sentence in lower case, a `LIKE_THIS` as it is
 * (`Client::fail_query_with_error`).
 */
export function badRequest(codeOrSentence: string): Refusal {
  const message = SENTENCES[codeOrSentence] ?? codeOrSentence;
  const second = message[1] ?? "";
  const asIs = second === "_" || (second >= "A" && second <= "Z");
  return new Refusal(
    400,
    `Bad Request: ${asIs ? message : message.charAt(0).toLowerCase() + message.slice(1)}`,
  );
}

/** A 429, with the seconds to wait. */
export function tooManyRequests(seconds: number): Refusal {
  return new Refusal(429, `Too Many Requests: retry after ${seconds}`, seconds);
}
