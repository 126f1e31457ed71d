/**
 * Formatted text as elements: Telegram's entities over UTF-16 offsets, nested as they come. Knows no messages.
 */
import { el } from "./dom.js";

/**
 * The nodes of a text. `acts.command(text)` is called for a pressed command, `acts.copy(text)` for a pressed piece of code.
 */
export function formatted(text, entities, acts) {
  const sorted = entities.toSorted((one, other) =>
    one.offset - other.offset || other.length - one.length
  );
  return nodes(text, 0, text.length, sorted, acts);
}

function nodes(text, from, to, entities, acts) {
  const made = [];
  let at = from;
  let rest = entities;
  while (rest.length > 0) {
    const [entity, ...others] = rest;
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset < at || end <= entity.offset) {
      rest = others;
      continue;
    }
    if (entity.offset > at) made.push(text.slice(at, entity.offset));
    const inside = others.filter((other) => other.offset < end);
    const children = nodes(text, entity.offset, end, inside, acts);
    made.push(wrapped(entity, text.slice(entity.offset, end), children, acts));
    at = end;
    rest = others.filter((other) => other.offset >= end);
  }
  if (at < to) made.push(text.slice(at, to));
  return made;
}

const plainTags = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  blockquote: "blockquote",
};

function wrapped(entity, text, children, acts) {
  const tag = plainTags[entity.type];
  if (tag) return el(tag, {}, children);
  switch (entity.type) {
    case "spoiler":
      return el("span", {
        class: "spoiler",
        onclick: (event) => event.currentTarget.classList.add("open"),
      }, children);
    case "code":
      return el("code", { role: "button", tabindex: 0, onclick: () => acts.copy(text) }, children);
    case "pre":
      return el("pre", { dataset: { language: entity.language ?? "" } }, children);
    case "expandable_blockquote":
      return el("blockquote", {
        class: "folded",
        tabindex: 0,
        onclick: (event) => event.currentTarget.classList.toggle("folded"),
      }, children);
    case "bot_command":
      return el(
        "button",
        { type: "button", class: "word", onclick: () => acts.command(text) },
        children,
      );
    case "url":
    case "text_link":
    case "email":
      return link(entity.type === "email" ? `mailto:${text}` : entity.url ?? text, children);
    case "mention":
    case "text_mention":
    case "hashtag":
    case "cashtag":
    case "phone_number":
      return el("span", { class: "word" }, children);
    default:
      return el("span", {}, children);
  }
}

/** A link that leaves the page; anything but the web's and the post's schemes is text. */
export function link(address, children) {
  const href = /^[a-z][a-z\d+.-]*:/i.test(address) ? address : `https://${address}`;
  return /^(https?|mailto):/i.test(href)
    ? el("a", { href, target: "_blank", rel: "noopener noreferrer" }, children)
    : el("span", { class: "word" }, children);
}
