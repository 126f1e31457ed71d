/**
 * `parse_mode: "MarkdownV2"` and the legacy `"Markdown"` -> plain words and entities, with TDLib's rules and error
 * sentences (`parse_markdown_v2`, `parse_markdown` in `td/telegram/MessageEntity.cpp`).
 */

import type { MessageEntity } from "grammy/types";
import { sortEntities } from "./chat/entities.ts";
import { linkEntity, type Marked, unparsable } from "./markup.ts";

type Kind =
  | "bold"
  | "italic"
  | "underline"
  | "strikethrough"
  | "spoiler"
  | "code"
  | "pre"
  | "link"
  | "emoji"
  | "quote";

/** The names that TDLib's errors have for them. */
const NAMES: Readonly<Record<Kind, string>> = {
  bold: "Bold",
  italic: "Italic",
  underline: "Underline",
  strikethrough: "Strikethrough",
  spoiler: "Spoiler",
  code: "Code",
  pre: "Pre",
  link: "TextUrl",
  emoji: "CustomEmoji",
  quote: "BlockQuote",
};

interface Open {
  readonly kind: Kind;
  readonly language: string;
  /** Where it begins in the words. */
  readonly offset: number;
  /** Where it begins in the source. */
  readonly at: number;
}

const RESERVED = "_*[]()~`>#+-=|{}.!\n";

/** The words of a code block's first line that name its language, and where its content begins. */
function blockStart(source: string, at: number): { language: string; next: number } {
  const word = /[^\s`]*/y;
  word.lastIndex = at;
  const name = word.exec(source)?.[0] ?? "";
  const end = at + name.length;
  const named = name !== "" && end < source.length && source[end] !== "`";
  const line = /\r\n|\n\r|\n|\r/y;
  line.lastIndex = named ? end : at;
  const skipped = line.exec(source)?.[0].length ?? 0;
  return { language: named ? name : "", next: (named ? end : at) + skipped };
}

/** Reads `(target)` at `at`; gives the target and the place of the closing parenthesis. */
function target(source: string, at: number): { url: string; end: number } {
  let url = "";
  for (let i = at + 1; i < source.length; i++) {
    const char = source.charAt(i);
    if (char === ")") return { url, end: i };
    if (char === "\\" && isEscapable(source, i + 1)) url += source.charAt(++i);
    else url += char;
  }
  throw unparsable(source, at + 1, "Can't find end of a URL at byte offset ");
}

function isEscapable(source: string, at: number): boolean {
  const code = source.charCodeAt(at);
  return code > 0 && code <= 126;
}

/** Whether what stands at `i` closes an entity of this kind. */
function closes(kind: Kind, source: string, i: number): boolean {
  const here = source.charAt(i);
  const next = source.charAt(i + 1);
  switch (kind) {
    case "bold":
      return here === "*";
    case "italic":
      return here === "_" && next !== "_";
    case "code":
      return here === "`";
    case "pre":
      return source.startsWith("```", i);
    case "link":
    case "emoji":
      return here === "]";
    case "underline":
      return here === "_" && next === "_";
    case "strikethrough":
      return here === "~";
    case "spoiler":
      return here === "|" && next === "|";
    case "quote":
      return false;
  }
}

/** What begins at `i`, and how many characters that takes; undefined when nothing may begin there. */
function begins(source: string, i: number): { kind: Kind; length: number } | undefined {
  const next = source.charAt(i + 1);
  switch (source.charAt(i)) {
    case "_":
      return next === "_" ? { kind: "underline", length: 2 } : { kind: "italic", length: 1 };
    case "*":
      return { kind: "bold", length: 1 };
    case "~":
      return { kind: "strikethrough", length: 1 };
    case "|":
      return next === "|" ? { kind: "spoiler", length: 2 } : undefined;
    case "[":
      return { kind: "link", length: 1 };
    case "!":
      return next === "[" ? { kind: "emoji", length: 2 } : undefined;
    case "`":
      return source.startsWith("```", i) ? { kind: "pre", length: 3 } : { kind: "code", length: 1 };
    default:
      return undefined;
  }
}

/** Parses MarkdownV2; throws a Refusal "can't parse entities: …". */
export function parseMarkdownV2(source: string): Marked {
  let text = "";
  const entities: MessageEntity[] = [];
  const open: Open[] = [];
  let quoting = false;
  let mayQuote = true;
  const noEnd = (entity: Open) =>
    unparsable(source, entity.at, `Can't find end of ${NAMES[entity.kind]} entity at byte offset `);
  const close = (entity: Open, expandable = false) => {
    const range = { offset: entity.offset, length: text.length - entity.offset };
    if (range.length === 0) return;
    if (entity.kind === "quote") {
      entities.push({ ...range, type: expandable ? "expandable_blockquote" : "blockquote" });
    } else if (entity.kind === "pre") {
      const language = entity.language === "" ? {} : { language: entity.language };
      entities.push({ ...range, type: "pre", ...language });
    } else if (entity.kind !== "link" && entity.kind !== "emoji") {
      entities.push({ ...range, type: entity.kind });
    }
  };

  for (let i = 0; i < source.length; i++) {
    const char = source.charAt(i);
    if (char === "\\" && isEscapable(source, i + 1)) {
      text += source.charAt(++i);
      mayQuote = source.charAt(i) === "\n";
      continue;
    }
    const inner = open.at(-1);
    const reserved = inner?.kind === "code" || inner?.kind === "pre" ? "`" : RESERVED;
    if (!reserved.includes(char)) {
      text += char;
      if (char !== "\r") mayQuote = false;
      continue;
    }
    if (quoting && char === "\n" && source.charAt(i + 1) !== ">") {
      let last = open.pop();
      const expandable = last?.kind === "spoiler" && last.at === i - 2;
      if (last !== undefined && expandable) last = open.pop();
      if (last?.kind !== "quote") {
        throw noEnd(last ?? { kind: "quote", language: "", offset: 0, at: i });
      }
      text += "\n";
      close(last, expandable);
      quoting = false;
      mayQuote = true;
      continue;
    }
    if (inner !== undefined && closes(inner.kind, source, i)) {
      open.pop();
      if (inner.kind === "pre") i += 2;
      else if (inner.kind === "underline" || inner.kind === "spoiler") i += 1;
      else if (inner.kind === "link") {
        const found = source.charAt(i + 1) === "(" ? target(source, i + 1) : undefined;
        const range = { offset: inner.offset, length: text.length - inner.offset };
        const link = linkEntity(found?.url ?? text.slice(inner.offset), range);
        if (link !== undefined && range.length > 0) entities.push(link);
        if (found !== undefined) i = found.end;
      } else if (inner.kind === "emoji") {
        i = closeEmoji(
          source,
          i,
          { offset: inner.offset, length: text.length - inner.offset },
          entities,
        );
      }
      close(inner);
      continue;
    }
    if (char === "\n") {
      text += "\n";
      mayQuote = true;
      continue;
    }
    if (char === ">" && mayQuote) {
      if (!quoting) open.push({ kind: "quote", language: "", offset: text.length, at: i });
      quoting = true;
      continue;
    }
    const beginning = begins(source, i);
    if (beginning === undefined) {
      const what = `Character '${char}' is reserved and must be escaped with the preceding '\\'`;
      throw unparsable(source, i, what, false);
    }
    const at = i;
    i += beginning.length - 1;
    let language = "";
    if (beginning.kind === "pre") {
      const start = blockStart(source, i + 1);
      language = start.language;
      i = start.next - 1;
    }
    open.push({ kind: beginning.kind, language, offset: text.length, at });
  }

  if (quoting) {
    const expandable = open.at(-1)?.kind === "spoiler" && open.at(-1)?.at === source.length - 2;
    if (expandable) open.pop();
    const quote = open.at(-1);
    if (quote?.kind === "quote") {
      open.pop();
      close(quote, expandable);
    }
  }
  const left = open.at(-1);
  if (left !== undefined) throw noEnd(left);
  return { text, entities: sortEntities(entities) };
}

/** Ends `![…](tg://emoji?id=…)`; gives the place of its last character. */
function closeEmoji(
  source: string,
  at: number,
  range: { offset: number; length: number },
  entities: MessageEntity[],
): number {
  if (source.charAt(at + 1) !== "(") {
    const what = "The entity must contain a tg://emoji or tg://time URL";
    throw unparsable(source, at, what, false);
  }
  const { url, end } = target(source, at + 1);
  const id = /^tg:\/\/emoji\/?\?id=([1-9]\d*)$/.exec(url)?.[1];
  if (id !== undefined) entities.push({ ...range, type: "custom_emoji", custom_emoji_id: id });
  else if (!/^tg:\/\/time\/?\?unix=\d+/.test(url)) {
    throw unparsable(source, at, "Invalid tg://emoji or tg://time URL specified", false);
  }
  return end;
}

/** Parses the legacy Markdown, which nests nothing; throws a Refusal "can't parse entities: …". */
export function parseMarkdown(source: string): Marked {
  let text = "";
  const entities: MessageEntity[] = [];
  for (let i = 0; i < source.length; i++) {
    const char = source.charAt(i);
    if (char === "\\" && "_*`[".includes(source.charAt(i + 1)) && i + 1 < source.length) {
      text += source.charAt(++i);
      continue;
    }
    if (!"_*`[".includes(char)) {
      text += char;
      continue;
    }
    const isPre = source.startsWith("```", i);
    const start = isPre ? blockStart(source, i + 3) : { language: "", next: i + 1 };
    const closing = isPre ? "```" : char === "[" ? "]" : char;
    const end = source.indexOf(closing, start.next);
    if (end === -1) {
      throw unparsable(source, i, "Can't find end of the entity starting at byte offset ");
    }
    const inner = source.slice(start.next, end);
    const range = { offset: text.length, length: inner.length };
    text += inner;
    i = end + closing.length - 1;
    if (char === "[") {
      const hasTarget = source.charAt(i + 1) === "(";
      const close = hasTarget ? source.indexOf(")", i) : i;
      const url = hasTarget ? source.slice(i + 2, close === -1 ? undefined : close) : inner;
      if (hasTarget) i = close === -1 ? source.length : close;
      const link = linkEntity(url, range);
      if (link !== undefined && inner !== "") entities.push(link);
    } else if (inner !== "") {
      const language = start.language === "" ? {} : { language: start.language };
      if (isPre) entities.push({ ...range, type: "pre", ...language });
      else {
        const type = char === "*" ? "bold" : char === "_" ? "italic" : "code";
        entities.push({ ...range, type });
      }
    }
  }
  return { text, entities: sortEntities(entities) };
}
