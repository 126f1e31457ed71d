/**
 * One unit of a chat as an element: a message, an album, a service line, a live draft. Draws; decides nothing.
 */
import { avatar, colourOf, el, icon } from "./dom.js";
import { formatted } from "./entities.js";
import { keyboard } from "./keyboard.js";
import { albumOf, documentOf, photoOf } from "./media.js";
import { fileUrl } from "./server.js";
import { summary, wordsOf } from "./store.js";

/** The inside of a unit's list item. `context`: {store, words, acts}. */
export function drawUnit(unit, context) {
  const { message } = unit.entries[0];
  const service = serviceText(message, context);
  if (service !== undefined) return [el("p", { class: "service" }, service)];
  const isOwn = message.from?.id === context.store.me;
  const isGroup = unit.chatId === context.store.group.id;
  return [
    isGroup && !isOwn && avatarOf(message.from, context.store),
    el(
      "div",
      { class: "stack" },
      bubble(unit, context, isGroup && !isOwn),
      under(unit, context),
      tools(unit, context, isOwn),
    ),
  ].filter(Boolean);
}

/** What a unit is called in the list's classes. */
export function kindOf(unit, store) {
  const { message, receiverId } = unit.entries[0];
  if (serviceText(message, { words: store.words }) !== undefined) return "unit service-unit";
  const side = message.from?.id === store.me ? "out" : "in";
  return `unit message ${side} ${receiverId === undefined ? "" : "ephemeral"}`;
}

function serviceText(message, { words }) {
  const joined = message.new_chat_members;
  return joined && words.joined(joined.map((member) => member.first_name).join(", "));
}

function avatarOf(user, store) {
  const isBot = user?.id === store.bot.id;
  return avatar({
    id: user?.id ?? 0,
    name: user?.first_name ?? "?",
    kind: isBot ? "bot" : "person",
  });
}

function bubble(unit, context, withName) {
  const { words } = context;
  const messages = unit.entries.map((entry) => entry.message);
  const [first] = messages;
  const spoken = messages.find((message) => wordsOf(message).text !== "") ?? first;
  const { text, entities } = wordsOf(spoken);
  const media = mediaOf(messages, context);
  const isBare = media?.classList.contains("bare") && text === "";
  return el(
    "div",
    {
      class: `bubble ${media ? "with-media" : ""} ${isBare ? "media-only" : ""}`,
    },
    withName && nameOf(first.from, context.store),
    unit.entries[0].receiverId !== undefined &&
      el("p", { class: "only-you" }, icon("eye"), words.onlyYou),
    first.forward_origin &&
      el("p", { class: "forwarded" }, words.forwardedFrom(originOf(first.forward_origin))),
    first.reply_to_message && quote(first.reply_to_message, context),
    media,
    el(
      "div",
      { class: "text", dir: "auto" },
      formatted(text, entities, context.acts),
      meta(messages, context),
    ),
  );
}

function nameOf(user, store) {
  const name = el("p", { class: "name" }, user?.first_name ?? "");
  const isBot = user?.id === store.bot.id;
  name.style.setProperty("--hue", isBot ? "var(--accent-deep)" : colourOf(user?.id ?? 0));
  return name;
}

function mediaOf(messages, context) {
  const [first] = messages;
  if (first.photo) {
    const drawn = messages.length === 1
      ? photoOf(first.photo, { ...context, hasSpoiler: first.has_media_spoiler })
      : albumOf(messages.filter((message) => message.photo), context);
    return el("div", { class: "media bare" }, drawn);
  }
  if (!first.document) return undefined;
  return el(
    "div",
    { class: "media" },
    messages.map((message) => documentOf(message.document, context)),
  );
}

/** Time and marks, after the words; the spacer keeps the last line clear of them. */
function meta(messages, { words, store }) {
  const [first] = messages;
  const isEdited = messages.some((message) => message.edit_date !== undefined) &&
    first.from?.id === store.me;
  const label = `${isEdited ? `${words.edited} ` : ""}${words.time(first.date)}`;
  return [
    el("span", { class: "meta-space", "aria-hidden": "true" }, label),
    el(
      "span",
      { class: "meta" },
      isEdited && el("i", {}, words.edited),
      el("time", {}, words.time(first.date)),
    ),
  ];
}

function quote(message, { words, acts, store }) {
  const name = message.from?.first_name ?? "";
  const thumbnail = message.photo?.[0]?.file_id ?? message.document?.thumbnail?.file_id;
  const isBot = message.from?.id === store.bot.id;
  const button = el(
    "button",
    { type: "button", class: "quote", onclick: () => acts.jump(message) },
    thumbnail && el("img", { src: fileUrl(thumbnail), alt: "" }),
    el(
      "span",
      {},
      el("b", {}, isBot ? store.bot.first_name : name),
      el("span", {}, summary(message, words)),
    ),
  );
  return button;
}

function originOf(origin) {
  return origin.sender_user?.first_name ?? origin.sender_user_name ?? origin.sender_chat?.title ??
    origin.chat?.title ?? "";
}

/** Buttons and reactions. */
function under(unit, context) {
  const { entries } = unit;
  const marked = entries.find((entry) => entry.message.reply_markup?.inline_keyboard?.length);
  const reactions = entries.flatMap((entry) => entry.reaction).map((reaction) =>
    reaction.emoji ?? "✦"
  );
  return [
    reactions.length > 0 &&
    el("div", { class: "reactions" }, reactions.map((emoji) => el("span", {}, emoji))),
    marked && keyboard(marked.message, marked.message.reply_markup.inline_keyboard, context.acts),
  ];
}

function tools(unit, { words, acts }, isOwn) {
  const [{ message, receiverId }] = unit.entries;
  if (receiverId !== undefined) return undefined;
  const spoken = unit.entries.find((entry) => wordsOf(entry.message).text !== "")?.message;
  const tool = (name, onclick) =>
    el(
      "button",
      { type: "button", "aria-label": words[name], title: words[name], onclick },
      icon(name),
    );
  return el(
    "div",
    { class: "tools" },
    tool("reply", () => acts.reply(message)),
    isOwn && spoken && !spoken.forward_origin && tool("edit", () => acts.edit(spoken)),
    tool("forward", () => acts.forward(message)),
    tool("remove", () => acts.remove(unit.entries.map((entry) => entry.message))),
  );
}

/** The inside of the live bubble of a draft. */
export function drawDraft(draft, { words, acts }) {
  return el(
    "div",
    { class: "stack" },
    el(
      "div",
      { class: "bubble" },
      el(
        "div",
        { class: "text", dir: "auto" },
        formatted(draft.text, [...draft.entities], acts),
        el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
      ),
    ),
    draft.canStop && el(
      "div",
      { class: "keyboard" },
      el(
        "div",
        { class: "buttons" },
        el(
          "button",
          { type: "button", class: "key", onclick: () => acts.stop(draft) },
          icon("stop"),
          el("span", {}, words.stop),
        ),
      ),
    ),
  );
}
