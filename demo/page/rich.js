/**
 * Rich messages: blocks and rich text as elements. What a block of this kind cannot be here (maps, sound) shows its caption.
 */
import { el } from "./dom.js";
import { link } from "./entities.js";
import { keyOf } from "./keyboard.js";

const textTags = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  subscript: "sub",
  superscript: "sup",
  marked: "mark",
  code: "code",
};

/** The nodes of a rich message. `media(photo)` draws a photo. */
export function rich(message, acts, media) {
  return blocks(message.rich_message.blocks);

  function blocks(list) {
    return list.map(block);
  }

  function block(one) {
    switch (one.type) {
      case "heading":
        return el("h3", { class: `rich-heading size-${one.size}` }, text(one.text));
      case "paragraph":
      case "thinking":
        return el("p", {}, text(one.text));
      case "footer":
        return el("p", { class: "rich-footer" }, text(one.text));
      case "pre":
        return el("pre", {}, text(one.text));
      case "divider":
        return el("hr");
      case "list":
        return el(
          "ul",
          { class: "rich-list" },
          one.items.map((item) =>
            el(
              "li",
              {},
              el("span", {}, item.has_checkbox ? (item.is_checked ? "☑" : "☐") : item.label),
              el("div", {}, blocks(item.blocks)),
            )
          ),
        );
      case "blockquote":
        return el("blockquote", {}, blocks(one.blocks), credit(one));
      case "expandable_blockquote":
      case "pullquote":
        return el("blockquote", {}, text(one.text), credit(one));
      case "details":
        return el(
          "details",
          { open: one.is_open },
          el("summary", {}, text(one.summary)),
          blocks(one.blocks),
        );
      case "table":
        return table(one);
      case "collage":
      case "slideshow":
        return el(
          "figure",
          { class: `rich-${one.type}` },
          el("div", {}, blocks(one.blocks)),
          caption(one),
        );
      case "photo":
        return el("figure", {}, media(one.photo), caption(one));
      case "buttons":
        return el(
          "div",
          { class: "keyboard inside" },
          el(
            "div",
            { class: "buttons" },
            one.buttons.map((button) => keyOf(message, button, acts)),
          ),
        );
      default:
        return caption(one);
    }
  }

  function table(one) {
    const head = one.caption && el("caption", {}, text(one.caption));
    const cell = (entry) =>
      el(entry.is_header ? "th" : "td", {
        colspan: entry.colspan,
        rowspan: entry.rowspan,
        class: `to-${entry.align}`,
      }, entry.text === undefined ? "" : text(entry.text));
    return el(
      "div",
      { class: "rich-table" },
      el(
        "table",
        { class: `${one.is_bordered ? "bordered" : ""} ${one.is_striped ? "striped" : ""}` },
        head,
        el("tbody", {}, one.cells.map((row) => el("tr", {}, row.map(cell)))),
      ),
    );
  }

  function caption(one) {
    return one.caption && el("figcaption", {}, text(one.caption.text));
  }

  function credit(one) {
    return one.credit && el("cite", {}, text(one.credit));
  }

  function text(value) {
    if (typeof value === "string") return [value];
    if (Array.isArray(value)) return value.flatMap(text);
    const tag = textTags[value.type];
    if (tag) return [el(tag, {}, text(value.text))];
    switch (value.type) {
      case "url":
        return [link(value.url, text(value.text))];
      case "spoiler":
        return [
          el("span", {
            class: "spoiler",
            onclick: (event) => event.currentTarget.classList.add("open"),
          }, text(value.text)),
        ];
      case "bot_command":
        return [
          el("button", {
            type: "button",
            class: "word",
            onclick: () => acts.command(value.bot_command),
          }, text(value.text)),
        ];
      case "button":
        return [keyOf(message, value.button, acts)];
      default:
        return value.text === undefined ? [value.alternative_text ?? ""] : text(value.text);
    }
  }
}
