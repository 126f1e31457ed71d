/**
 * `parse_mode: "HTML"` -> plain words and entities, with TDLib's rules and error sentences (`parse_html` in
 * `td/telegram/MessageEntity.cpp`). Byte offsets in errors are those of UTF-8, as there.
 */

import type { MessageEntity } from "grammy/types";
import { sortEntities } from "./chat/entities.ts";
import { linkEntity, type Marked, unparsable } from "./markup.ts";

const TAGS = new Set(
  "a b strong i em s strike del u ins tg-spoiler tg-emoji tg-time span pre code blockquote".split(
    " ",
  ),
);

interface OpenTag {
  readonly name: string;
  readonly argument: string;
  readonly unix: number;
  readonly offset: number;
}

const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

/** The character that an HTML reference at `at` stands for, and where it ends; undefined for anything else. */
function reference(source: string, at: number): { text: string; end: number } | undefined {
  const pattern = /&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?/y;
  pattern.lastIndex = at;
  const match = pattern.exec(source);
  if (match === null) return undefined;
  const end = pattern.lastIndex;
  if (match[3] !== undefined) {
    const text = NAMED[match[3]];
    return text === undefined ? undefined : { text, end };
  }
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
  if (code === 0 || code >= 0x10ffff || match[0].replace(";", "").length >= 10) return undefined;
  return { text: String.fromCodePoint(code), end };
}

function decode(source: string): string {
  return source.replace(/&[#a-zA-Z0-9]+;?/g, (piece) => {
    const found = reference(piece, 0);
    return found === undefined ? piece : found.text + piece.slice(found.end);
  });
}

/** Reads `<name attributes>` at `begin`; gives the tag and where it ends. */
function openingTag(source: string, begin: number, offset: number): { tag: OpenTag; end: number } {
  const fail = (what: string) => unparsable(source, begin, what);
  let i = begin + 1;
  while (i < source.length && !/[\s>]/.test(source.charAt(i))) i++;
  if (i >= source.length) throw fail("Unclosed start tag at byte offset ");
  const name = source.slice(begin + 1, i).toLowerCase();
  if (!TAGS.has(name)) throw fail(`Unsupported start tag "${name}" at byte offset `);

  let argument = "";
  let unix = 0;
  const attribute =
    /\s*([^\s=>\/"']+)(\s*=\s*(?:"([^"]*)"|'([^']*)'|([a-zA-Z0-9.-]*)(?=[\s>])))?\s*/y;
  for (;;) {
    while (/\s/.test(source.charAt(i))) i++;
    if (source.charAt(i) === ">") break;
    if (i >= source.length) throw fail(`Unclosed start tag "${name}" at byte offset `);
    attribute.lastIndex = i;
    const match = attribute.exec(source);
    if (match === null) throw fail(`Empty attribute name in the tag "${name}" at byte offset `);
    i = attribute.lastIndex;
    if (match[2] === undefined && source.charAt(i) === "=") {
      throw fail(`Unclosed start tag "${name}" at byte offset `);
    }
    const key = match[1] ?? "";
    const value = decode(match[3] ?? match[4] ?? (match[5] ?? "").toLowerCase());
    if (name === "a" && key === "href") argument = value;
    else if (name === "code" && key === "class" && value.startsWith("language-")) {
      argument = value.slice("language-".length);
    } else if (name === "span" && key === "class" && value.startsWith("tg-")) {
      argument = value.slice("tg-".length);
    } else if (name === "tg-emoji" && key === "emoji-id") argument = value;
    else if (name === "blockquote" && key === "expandable") argument = "1";
    else if (name === "tg-time" && key === "unix") unix = Number(value) || 0;
    else if (name === "tg-time" && key === "format") argument = value;
  }
  if (name === "span" && argument !== "spoiler") {
    throw fail('Tag "span" must have class "tg-spoiler" at byte offset ');
  }
  return { tag: { name, argument, unix, offset }, end: i };
}

const STYLES: Readonly<Record<string, MessageEntity.CommonMessageEntity["type"]>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  u: "underline",
  ins: "underline",
  span: "spoiler",
  "tg-spoiler": "spoiler",
  code: "code",
};

/** The entity of a closed tag; undefined when it says nothing. `last` is the entity closed just before. */
function entityOf(tag: OpenTag, inner: string, last: Language | undefined): Language | undefined {
  const range = { offset: tag.offset, length: inner.length };
  const whole = last?.entity.offset === range.offset && last.entity.length === range.length;
  switch (tag.name) {
    case "a": {
      const entity = linkEntity(tag.argument || inner, range);
      return entity === undefined ? undefined : { entity };
    }
    case "tg-emoji":
      if (!/^[1-9]\d*$/.test(tag.argument)) {
        throw unparsable("", 0, "Invalid custom emoji identifier specified", false);
      }
      return { entity: { ...range, type: "custom_emoji", custom_emoji_id: tag.argument } };
    case "tg-time":
      return undefined;
    case "blockquote":
      return {
        entity: { ...range, type: tag.argument === "" ? "blockquote" : "expandable_blockquote" },
      };
    case "pre": {
      const language = whole && last.entity.type === "code" ? last.language : undefined;
      return {
        entity: { ...range, type: "pre", ...(language ? { language } : {}) },
        replaces: Boolean(language),
      };
    }
    default: {
      const type = STYLES[tag.name];
      if (type === undefined) return undefined;
      return { entity: { ...range, type }, language: tag.argument };
    }
  }
}

interface Language {
  readonly entity: MessageEntity;
  readonly language?: string;
  readonly replaces?: boolean;
}

/** Parses a text; throws a Refusal "can't parse entities: …". */
export function parseHtml(source: string): Marked {
  let text = "";
  const open: OpenTag[] = [];
  const closed: Language[] = [];
  for (let i = 0; i < source.length; i++) {
    const char = source.charAt(i);
    const found = char === "&" ? reference(source, i) : undefined;
    if (found !== undefined) {
      text += found.text;
      i = found.end - 1;
    } else if (char !== "<") {
      text += char;
    } else if (source.charAt(i + 1) !== "/") {
      const { tag, end } = openingTag(source, i, text.length);
      open.push(tag);
      i = end;
    } else {
      const tag = open.pop();
      if (tag === undefined) throw unparsable(source, i, "Unexpected end tag at byte offset ");
      const match = /<\/([^\s>]*)\s*(>?)/y;
      match.lastIndex = i;
      const [, name = "", bracket] = match.exec(source) ?? [];
      if (bracket !== ">") throw unparsable(source, i, "Unclosed end tag at byte offset ");
      if (name !== "" && name.toLowerCase() !== tag.name) {
        const tail = `, expected "</${tag.name}>", found "</${name.toLowerCase()}>"`;
        throw unparsable(source, i, "Unmatched end tag at byte offset ", true, tail);
      }
      i = match.lastIndex - 1;
      const inner = text.slice(tag.offset);
      const entity = inner === "" ? undefined : entityOf(tag, inner, closed.at(-1));
      if (entity?.replaces) closed.pop();
      if (entity !== undefined) closed.push(entity);
    }
  }
  const left = open.at(-1);
  if (left !== undefined) {
    throw unparsable(
      "",
      0,
      `Can't find end tag corresponding to start tag "${left.name}"`,
      false,
    );
  }
  return { text, entities: sortEntities(closed.map(({ entity }) => entity)) };
}
