/**
 * What the parsers of marked-up text share: the shape that they give, links, and how TDLib words an error.
 */

import type { MessageEntity } from "grammy/types";
import { badRequest, type Refusal } from "./refusal.ts";

/** Plain words and their entities; offsets and lengths in UTF-16 units. */
export interface Marked {
  readonly text: string;
  readonly entities: readonly MessageEntity[];
}

/** "can't parse entities: <what><UTF-8 offset of `at`><tail>"; without an offset when `withOffset` is false. */
export function unparsable(
  source: string,
  at: number,
  what: string,
  withOffset = true,
  tail = "",
): Refusal {
  const offset = withOffset ? new TextEncoder().encode(source.slice(0, at)).length : "";
  return badRequest(`Can't parse entities: ${what}${offset}${tail}`);
}

/** The entity of a link; undefined when Telegram takes the target for no link and drops it. */
export function linkEntity(
  target: string,
  range: { readonly offset: number; readonly length: number },
): MessageEntity | undefined {
  const userId = /^tg:\/\/user\/?\?id=(\d+)$/i.exec(target)?.[1];
  if (userId !== undefined) {
    const user = { id: Number(userId), is_bot: false, first_name: "" };
    return { ...range, type: "text_mention", user };
  }
  const url = /^[a-z][a-z0-9+.-]*:/i.test(target) ? target : `http://${target}`;
  if (!URL.canParse(url) || (/^https?:/i.test(url) && !new URL(url).hostname.includes("."))) {
    return undefined;
  }
  return { ...range, type: "text_link", url: new URL(url).href };
}
