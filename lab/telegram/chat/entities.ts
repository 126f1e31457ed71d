/**
 * Entities that Telegram finds in plain words: mentions, commands, hashtags, cashtags, links, addresses.
 * The patterns are TDLib's (`td/telegram/MessageEntity.cpp`); links are found by scheme or a well-known ending only.
 */

import type { MessageEntity } from "grammy/types";

const WORD = "[\\p{L}\\p{N}_]";
const USERNAME = "[a-zA-Z0-9_]{3,32}";

const PATTERNS: readonly {
  readonly type: MessageEntity.CommonMessageEntity["type"];
  readonly pattern: RegExp;
}[] = [
  { type: "email", pattern: /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,24}(?![\w-])/gu },
  {
    type: "url",
    pattern:
      /(?<![\p{L}\p{N}_@.])(?:https?:\/\/[^\s<>"]+|(?:[\p{L}\p{N}-]+\.)+(?:com|org|net|io|ru|me|dev|app|info|ai|xyz)(?![\p{L}\p{N}_-])(?:[/?#][^\s<>"]*)?)(?<![.,!?;:'()[\]])/giu,
  },
  { type: "mention", pattern: new RegExp(`(?<!${WORD})@[a-zA-Z0-9_]{4,32}(?!${WORD})`, "gu") },
  {
    type: "bot_command",
    pattern: new RegExp(
      `(?<!${WORD}|[/<>])/[a-zA-Z0-9_]{1,64}(?:@${USERNAME})?(?!${WORD}|[/<>])`,
      "gu",
    ),
  },
  {
    type: "hashtag",
    pattern: new RegExp(
      `(?<!${WORD})#(?=${WORD}*\\p{L})${WORD}{1,256}(?:@${USERNAME})?(?!${WORD}*#)`,
      "gu",
    ),
  },
  {
    type: "cashtag",
    pattern: new RegExp(`(?<!${WORD}|\\$)\\$(?:1INCH|[A-Z]{1,8})(?!${WORD}|\\$)`, "gu"),
  },
];

/** Entities in Telegram's order: by offset, the longer first. */
export function sortEntities(entities: readonly MessageEntity[]): MessageEntity[] {
  return entities.toSorted((a, b) => a.offset - b.offset || b.length - a.length);
}

function overlap(a: MessageEntity, b: MessageEntity): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}

/** What Telegram finds in words that carry no entities yet. */
export function findEntities(text: string): MessageEntity[] {
  const found: MessageEntity[] = [];
  for (const { type, pattern } of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const entity: MessageEntity = { type, offset: match.index, length: match[0].length };
      if (!found.some((other) => overlap(other, entity))) found.push(entity);
    }
  }
  return sortEntities(found);
}

/** Inside these nothing is found. */
const CLOSED = new Set(["code", "pre", "text_link", "text_mention", "custom_emoji", "date_time"]);

/** Given entities, and those found in the words that do not collide with them. */
export function mergeEntities(
  given: readonly MessageEntity[],
  found: readonly MessageEntity[],
): MessageEntity[] {
  const closed = given.filter((entity) => CLOSED.has(entity.type) || !isStyle(entity));
  return sortEntities([
    ...given,
    ...found.filter((entity) => !closed.some((other) => overlap(other, entity))),
  ]);
}

function isStyle(entity: MessageEntity): boolean {
  return [
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
  ].includes(entity.type);
}
